import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { ManifestFile } from '../../manifest/manifest-file.ts';
import { decodeText, errorCode, ReadFailure } from './read-failure.ts';
import { type FoundFile, scanTree, type TreeScan } from './scan-tree.ts';

export interface StableTree {
  readonly rootId: string;
  /** Sorted by path; paths are relative to the root. */
  readonly files: readonly ManifestFile[];
}

const SETTLE_MS = 150;
const ROUNDS = 12;

/**
 * Reads all manifests below `root` once nothing in it moves: two scans 150 ms apart and a third after reading
 * must be equal. Throws `ReadFailure`; a file that will not settle is named.
 */
export async function readStableTree(
  root: string,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<StableTree> {
  let before = await scanTree(root);
  let moving = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    await options.clock.sleep(SETTLE_MS, options.signal);
    if (options.signal.aborted) throw new ReadFailure('reading was called off');
    const settled = await scanTree(root);
    const difference = firstDifference(before, settled);
    before = settled;
    if (difference === undefined) {
      const files = await readFiles(root, settled.files);
      before = await scanTree(root);
      const torn = firstDifference(settled, before);
      if (torn === undefined && files !== undefined) return { rootId: settled.rootId, files };
      moving = torn ?? '';
    } else moving = difference;
  }
  throw new ReadFailure(
    `${join(root, moving)} is still being written; it is read once it has been quiet for a moment`,
  );
}

/** Path of the first file that is not the same in both; '' when it is the directory itself. */
function firstDifference(a: TreeScan, b: TreeScan): string | undefined {
  if (a.moved !== undefined || b.moved !== undefined || a.rootId !== b.rootId) return '';
  const known = new Map(a.files.map((file) => [file.path, file.signature]));
  for (const file of b.files) {
    if (known.get(file.path) !== file.signature) return file.path;
    known.delete(file.path);
  }
  return known.keys().next().value;
}

/** `undefined` when a file went away or has another size: the next scan will show it. */
async function readFiles(
  root: string,
  found: readonly FoundFile[],
): Promise<readonly ManifestFile[] | undefined> {
  const files: ManifestFile[] = [];
  for (const { path, size } of found) {
    const bytes = await readBytes(join(root, path));
    if (bytes?.length !== size) return undefined;
    const text = decodeText(bytes);
    if (text === undefined) {
      throw new ReadFailure(`${join(root, path)} is not UTF-8 text; save it as UTF-8`);
    }
    files.push({ path, text });
  }
  return files;
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new ReadFailure(
      `cannot read ${path} (${errorCode(cause)}); let the user that runs the daemon read it`,
      { cause },
    );
  }
}
