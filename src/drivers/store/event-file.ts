import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuse } from '../../domain/errors.ts';
import { DEFAULT_LOG_ROTATION, type LogRotation } from '../../domain/log-rotation.ts';
import type { EventFile } from './event-exporter.ts';

/**
 * The file at `path`, mode 0600, opened anew for every append. Before it grows beyond its bound it is rotated to
 * `path.1` and so on, between two lines. An append rejects with `path_unsafe` when others may read the file, else with
 * the system's own error.
 */
export function eventFile(path: string, rotation: LogRotation = DEFAULT_LOG_ROTATION): EventFile {
  return {
    append: async (lines) => {
      await rotateIfFull(path, Buffer.byteLength(lines), rotation);
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

async function rotateIfFull(
  path: string,
  more: number,
  { bytes, files }: LogRotation,
): Promise<void> {
  const size = await stat(path).then((stats) => stats.size, ignoreMissing);
  if (size === undefined || size === 0 || size + more <= bytes) return;
  for (let number = files - 1; number >= 1; number -= 1) {
    const older = number === 1 ? path : `${path}.${number - 1}`;
    await rename(older, `${path}.${number}`).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
