import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { LogFiles, SeenFile } from '../../agents/logs/ports.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Rotated files are called `<path>.1`, the newest, to `<path>.<count>`. Nothing is kept open. */
export function openLogFiles(rotatedCount: number): LogFiles {
  return {
    look: (path) => see(path),
    rotated: (path) =>
      Array.from({ length: rotatedCount }, (_, index) => `${path}.${index + 1}`).flatMap((name) => {
        const seen = see(name);
        return seen === undefined ? [] : [{ ...seen, path: name }];
      }),
    read: (path, { identity, position }, buffer) => {
      const descriptor = tryOpen(path);
      if (descriptor === undefined) return undefined;
      try {
        if (identityOf(fstatSync(descriptor)) !== identity) return undefined;
        return readSync(descriptor, buffer, 0, buffer.length, position);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** What stands at `path` that is a file; links are followed only above it. */
function see(path: string): SeenFile | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return undefined;
  return { identity: identityOf(stats), size: stats.size, modifiedAt: Math.floor(stats.mtimeMs) };
}

/** Numbers of files are used again; with the time of its birth, where that is known, one is unique. */
function identityOf({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${Math.round(birthtimeMs)}`;
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP') return undefined;
    throw error;
  }
}
