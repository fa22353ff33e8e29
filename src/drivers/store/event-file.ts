import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuse } from '../../domain/errors.ts';
import type { EventFile } from './event-exporter.ts';

/**
 * The file at `path`, mode 0600, opened anew for every append, so that it may be rotated away. An append rejects with
 * `path_unsafe` when others may read the file, else with the system's own error.
 */
export function eventFile(path: string): EventFile {
  return {
    append: async (lines) => {
      const file = await open(path, 'a+', 0o600);
      try {
        const { size, mode } = await file.stat();
        if ((mode & 0o077) !== 0) throw unsafe(path);
        const isTorn = size > 0 && (await readLastByte(file, size)) !== '\n';
        await file.appendFile(isTorn ? `\n${lines}` : lines);
        await file.sync();
        if (size === 0) await syncDirectory(path);
      } finally {
        await file.close();
      }
    },
  };
}

/** A crash or a full disk can leave half a line; what follows must not be glued to it. */
async function readLastByte(file: FileHandle, size: number): Promise<string> {
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer.toString('latin1');
}

/** Makes the name of a new file durable too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function unsafe(path: string) {
  const problem = 'others can read or write it';
  return refuse('path_unsafe', `Events go to ${path}, and ${problem}. Run: chmod 600 ${path}`, {
    path,
    problem,
  });
}
