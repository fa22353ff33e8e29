import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIgnoredName, isManifestName } from './manifest-names.ts';
import { checkLimits, errorCode, ReadFailure } from './read-failure.ts';

export interface FoundFile {
  /** Relative to the root. */
  readonly path: string;
  readonly size: number;
  /** Equal signatures: the same file with the same bytes. */
  readonly signature: string;
}

/** One look at a directory. Two equal ones with a pause between them are believed. */
export interface TreeScan {
  /** Identity of the directory itself; changes when it is deleted and made again. */
  readonly rootId: string;
  /** Sorted by path. */
  readonly files: readonly FoundFile[];
  /** Something that went away while we looked: this scan is not to be believed. */
  readonly moved?: string;
}

/** Entries of any kind that one scan looks at. */
const MAX_ENTRIES = 200_000;

/**
 * Lists the manifest files below `root`, following links. Throws `ReadFailure` for whatever hides a part of the
 * tree: what cannot be seen is never taken for absent.
 */
export async function scanTree(root: string): Promise<TreeScan> {
  const rootStat = await statRoot(root);
  const rootId = directoryId(rootStat);
  const walk: Walk = { root, files: [], directories: new Set([fileId(rootStat)]), entries: 0 };
  await walkDirectory(walk, '');
  checkLimits(root, walk.files);
  const files = walk.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return walk.moved === undefined ? { rootId, files } : { rootId, files, moved: walk.moved };
}

/** Inode numbers are used again at once, so the time of birth is a part of it. */
export function directoryId(found: BigIntStats): string {
  return `${fileId(found)} ${found.birthtimeNs}`;
}

interface Walk {
  readonly root: string;
  readonly files: FoundFile[];
  /** Every real directory is read once, so that links cannot make a loop. */
  readonly directories: Set<string>;
  entries: number;
  moved?: string;
}

async function statRoot(root: string): Promise<BigIntStats> {
  const found = await stat(root, { bigint: true }).catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT'
      ? new ReadFailure(`directory ${root} does not exist; create it, or remove the source`)
      : unreadable(root, error);
  });
  if (!found.isDirectory()) {
    throw new ReadFailure(
      `${root} is not a directory; name the directory that holds the manifests`,
    );
  }
  return found;
}

async function walkDirectory(walk: Walk, directory: string): Promise<void> {
  const entries = await listEntries(walk, directory);
  walk.entries += entries.length;
  if (walk.entries > MAX_ENTRIES) {
    throw new ReadFailure(
      `${walk.root} holds more than ${MAX_ENTRIES} files and directories; point the source at a smaller one`,
    );
  }
  const names = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of names) {
    if (isIgnoredName(entry.name) || !isWorthLooking(entry)) continue;
    await visit(walk, join(directory, entry.name), entry);
  }
}

async function listEntries(walk: Walk, directory: string): Promise<readonly Dirent[]> {
  const full = join(walk.root, directory);
  try {
    return await readdir(full, { withFileTypes: true });
  } catch (error) {
    if (!isGone(error)) throw unreadable(full, error);
    walk.moved = full;
    return [];
  }
}

function isWorthLooking(entry: Dirent): boolean {
  return (
    entry.isDirectory() || entry.isSymbolicLink() || (entry.isFile() && isManifestName(entry.name))
  );
}

async function visit(walk: Walk, path: string, entry: Dirent): Promise<void> {
  const found = await statEntry(walk, path, entry);
  if (found === undefined) return;
  if (found.isDirectory()) {
    const id = fileId(found);
    if (walk.directories.has(id)) return;
    walk.directories.add(id);
    await walkDirectory(walk, path);
  } else if (found.isFile() && isManifestName(entry.name)) {
    walk.files.push({ path, size: Number(found.size), signature: signatureOf(found) });
  }
}

async function statEntry(
  walk: Walk,
  path: string,
  entry: Dirent,
): Promise<BigIntStats | undefined> {
  const full = join(walk.root, path);
  try {
    return await stat(full, { bigint: true });
  } catch (error) {
    if (entry.isSymbolicLink() && (await isStillThere(full))) {
      if (errorCode(error) === 'ELOOP' && !isManifestName(entry.name)) return undefined;
      throw brokenLink(full, error);
    }
    if (!isGone(error)) throw unreadable(full, error);
    walk.moved = full;
    return undefined;
  }
}

async function isStillThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The change time catches a rewrite that put the old modification time back. */
function signatureOf(found: BigIntStats): string {
  return [found.size, found.mtimeNs, found.ctimeNs, fileId(found)].join(' ');
}

function fileId(found: BigIntStats): string {
  return `${found.dev}:${found.ino}`;
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error));
}

function brokenLink(path: string, cause: unknown): ReadFailure {
  return new ReadFailure(
    `${path} is a link that leads nowhere (${errorCode(cause)}); mend it or remove it`,
    { cause },
  );
}

function unreadable(path: string, cause: unknown): ReadFailure {
  return new ReadFailure(
    `cannot read ${path} (${errorCode(cause)}); let the user that runs the daemon read it`,
    { cause },
  );
}
