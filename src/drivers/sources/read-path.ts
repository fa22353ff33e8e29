import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestFile } from '../../manifest/manifest-file.ts';
import { decodeText, MAX_BYTES, ReadFailure } from './read-failure.ts';
import { scanTree } from './scan-tree.ts';

/**
 * What a person named, read once: a file of whatever name, or the manifests below a directory, sorted by path.
 * Rejects with the system's error, or a `ReadFailure`.
 */
export async function readPath(path: string): Promise<readonly ManifestFile[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [await readOne(path)];
  const { files } = await scanTree(path);
  return await Promise.all(files.map((file) => readOne(join(path, file.path))));
}

async function readOne(path: string): Promise<ManifestFile> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new ReadFailure(`${path} is larger than any manifest`);
  const text = decodeText(await readFile(path));
  if (text === undefined) throw new ReadFailure(`${path} is not UTF-8 text; save it as UTF-8`);
  return { path, text };
}
