import { createHash } from 'node:crypto';
import type { ManifestFile } from '../../manifest/manifest-file.ts';
import type { Git } from './git-command.ts';
import { cacheFailure } from './git-failure.ts';
import { isIgnoredName, isManifestName } from './manifest-names.ts';
import { checkLimits, decodeText, MAX_BYTES, ReadFailure } from './read-failure.ts';

export interface TreeQuery {
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string;
  /** Directory inside the repository without slashes at its ends; '' is the root. */
  readonly path: string;
  /** `clusters/dev of main in <url>`, for messages. */
  readonly where: string;
}

/**
 * The manifests of one commit below `path`, sorted, known by their path in the repository. They are read from the
 * objects themselves and checked against their ids: no check-out that could be half-done. Throws `ReadFailure`.
 */
export async function readTree(git: Git, query: TreeQuery): Promise<readonly ManifestFile[]> {
  const entries = await listEntries(git, query);
  const blobs: Blob[] = [];
  for (const entry of entries) {
    const blob = entry.mode === '120000' ? await followLink(git, query, entry) : entry;
    if (blob !== undefined && isManifestName(entry.path)) blobs.push(blob);
  }
  checkLimits(query.where, blobs);
  return readBlobs(git, blobs);
}

interface Blob {
  readonly path: string;
  readonly oid: string;
  readonly size: number;
}

interface Entry extends Blob {
  readonly mode: string;
}

const LISTING_MAX_BYTES = 256 * 1024 * 1024;

async function listEntries(git: Git, query: TreeQuery): Promise<readonly Entry[]> {
  const tree = await findTree(git, query);
  const args = ['ls-tree', '-r', '-z', '-l', tree];
  const reply = await git(args, { maxBytes: LISTING_MAX_BYTES });
  if (reply.code !== 0) throw cacheFailure(reply, `list ${query.where}`);
  const prefix = query.path === '' ? '' : `${query.path}/`;
  return [...reply.stdout.matchAll(/(\d+) blob ([0-9a-f]+) +(\d+)\t([^\0]+)\0/g)]
    .map(([, mode = '', oid = '', size, path = '']) => ({ mode, oid, size: Number(size), path }))
    .filter((entry) => !entry.path.split('/').some(isIgnoredName))
    .filter((entry) => entry.mode === '120000' || isManifestName(entry.path))
    .map((entry) => ({ ...entry, path: prefix + entry.path }));
}

async function findTree(git: Git, query: TreeQuery): Promise<string> {
  const name = query.path === '' ? `${query.commit}^{tree}` : `${query.commit}:${query.path}`;
  const reply = await git(['cat-file', '--batch-check'], { input: `${name}\n` });
  const [, oid, type] = /^([0-9a-f]+) (\w+) \d+\n$/.exec(reply.stdout) ?? [];
  if (oid !== undefined && type === 'tree') return oid;
  // The root of a commit we have is always there, unless the cache lost it.
  if (reply.code !== 0 || query.path === '') throw cacheFailure(reply, `find ${query.where}`);
  throw new ReadFailure(
    type === undefined
      ? `there is no ${query.where}; commit the directory, or give the source another path`
      : `${query.where} is not a directory; give the source the directory it is in`,
  );
}

/** What a link inside the repository leads to; `undefined` for links that hold no manifest. */
async function followLink(git: Git, query: TreeQuery, link: Entry): Promise<Blob | undefined> {
  const args = ['cat-file', '--batch-check', '--follow-symlinks'];
  const reply = await git(args, { input: `${query.commit}:${link.path}\n` });
  if (reply.code !== 0) throw cacheFailure(reply, `follow ${link.path}`);
  const [, oid, type, size] = /^([0-9a-f]+) (blob|tree) (\d+)\n$/.exec(reply.stdout) ?? [];
  if (oid !== undefined && type === 'blob') return { path: link.path, oid, size: Number(size) };
  if (reply.stdout.startsWith('symlink ')) {
    throw new ReadFailure(`${link.path} is a link out of the repository, which is not followed`);
  }
  if (type === 'tree' || !isManifestName(link.path)) return undefined;
  throw new ReadFailure(`${link.path} is a link that leads nowhere; mend it or remove it`);
}

async function readBlobs(git: Git, blobs: readonly Blob[]): Promise<readonly ManifestFile[]> {
  if (blobs.length === 0) return [];
  const reply = await git(['cat-file', '--batch'], {
    input: blobs.map((blob) => `${blob.oid}\n`).join(''),
    maxBytes: 2 * MAX_BYTES,
  });
  if (reply.code !== 0) throw cacheFailure(reply, 'read the manifests');
  const output = Buffer.from(reply.stdout);
  let at = 0;
  return blobs.map((blob) => {
    const start = output.indexOf('\n', at) + 1;
    const bytes = output.subarray(start, start + blob.size);
    at = start + blob.size + 1;
    const text = decodeText(bytes);
    // Output arrives decoded: bytes that were no UTF-8 no longer match their id.
    if (text === undefined || objectId(bytes, blob.oid.length) !== blob.oid) {
      throw new ReadFailure(`${blob.path} is not UTF-8 text; save it as UTF-8`);
    }
    return { path: blob.path, text };
  });
}

function objectId(bytes: Uint8Array, length: number): string {
  return createHash(length === 40 ? 'sha1' : 'sha256')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}
