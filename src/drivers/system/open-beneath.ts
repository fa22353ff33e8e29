import {
  chownSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { below } from '../../domain/mount-paths.ts';
import {
  DIRECTORY_MODE,
  FILE_MODE,
  requirePrivate,
  unsafe,
  unusable,
  wrongKind,
} from './safe-files.ts';

/**
 * A file in a tree that others can write to as well, such as a directory mounted into a container. Nothing that is
 * changed behind our back can lead out of the tree: it is walked by descriptors, and no link is followed.
 */
export interface FileBeneath {
  /** Directory that exists. */
  readonly root: string;
  /** Directories below it, made (0700) where they are missing. The last must be closed to others. */
  readonly directories: readonly string[];
  readonly file: string;
  /** Somebody else who must be able to write to it: its directory and the file are given to that user, if we may. */
  readonly user?: number | undefined;
}

interface Walked {
  readonly path: string;
  readonly descriptor: number;
  readonly stats: Stats;
}

/** `O_PATH`, which Node does not name: a descriptor to walk from, which needs no right to read. Linux alone. */
const O_PATH = 0o10000000;

/**
 * Makes the file (0600) if it is missing, and checks it. Answers where it really lies below the root.
 * @throws {AgentTowerError} `path_unsafe`, also when links lead out of the root, or when `user` cannot get there.
 */
export function createFileBeneath(wanted: FileBeneath): string {
  const { realRoot, names } = resolveBeneath(wanted);
  const walked: Walked[] = [];
  try {
    let last = enter(realRoot, realRoot);
    walked.push(last);
    for (const name of names) {
      last = enterOrMake(last, name, wanted.user);
      walked.push(last);
    }
    requirePrivate(last.path, last.stats, { widest: DIRECTORY_MODE, owner: wanted.user });
    for (const above of walked.slice(0, -1)) requireEntry(above, wanted.user);
    give(last, wanted.user);
    createFile(last, wanted);
    return [...names, wanted.file].join('/');
  } finally {
    for (const { descriptor } of walked) closeSync(descriptor);
  }
}

/** The directories to walk below the real root, once the links that are there are resolved. */
function resolveBeneath({ root, directories }: FileBeneath): {
  readonly realRoot: string;
  readonly names: readonly string[];
} {
  const realRoot = realpath(root);
  if (realRoot === undefined) {
    throw unsafe(root, 'does not exist on this host', 'is the container on another machine?');
  }
  for (let count = directories.length; count >= 0; count -= 1) {
    const path = join(root, ...directories.slice(0, count));
    const real = realpath(path);
    if (real === undefined) continue;
    const inside = below(real, realRoot);
    if (inside === undefined) {
      throw unsafe(path, `leads to ${real}, out of ${root}`, 'replace the link by a directory');
    }
    const existing = inside.split('/').filter((name) => name !== '');
    return { realRoot, names: [...existing, ...directories.slice(count)] };
  }
  return { realRoot, names: directories };
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function enter(at: string, path: string): Walked {
  const { O_DIRECTORY, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(at, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return { path, descriptor, stats: fstatSync(descriptor) };
  } catch (error) {
    throw unusable(path, 'entered', error);
  }
}

function enterOrMake(parent: Walked, name: string, user: number | undefined): Walked {
  const at = `/proc/self/fd/${parent.descriptor}/${name}`;
  const path = join(parent.path, name);
  let isNew = true;
  try {
    mkdirSync(at, { mode: DIRECTORY_MODE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, 'created', error);
    isNew = false;
  }
  const directory = enter(at, path);
  if (!isNew) return directory;
  give(directory, user);
  return { ...directory, stats: fstatSync(directory.descriptor) };
}

function createFile(directory: Walked, { file, user }: FileBeneath): void {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  const path = join(directory.path, file);
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/self/fd/${directory.descriptor}/${file}`, flags, FILE_MODE);
  } catch (error) {
    throw unusable(path, 'opened', error);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw wrongKind(path, stats, 'regular file');
    requirePrivate(path, stats, { widest: FILE_MODE, owner: user });
    if (!mayGive(user) || stats.uid === user) return;
    if (stats.nlink > 1) throw unsafe(path, 'has a second name elsewhere', 'remove one of them');
    fchownSync(descriptor, user, -1);
  } finally {
    closeSync(descriptor);
  }
}

function give({ descriptor, stats }: Walked, user: number | undefined): void {
  if (mayGive(user) && stats.uid !== user) chownSync(`/proc/self/fd/${descriptor}/.`, user, -1);
}

function mayGive(user: number | undefined): user is number {
  return user !== undefined && user !== 0 && process.geteuid?.() === 0;
}

/** Through its group or as anybody: which groups the user is in is not known here. */
function requireEntry({ path, stats }: Walked, user: number | undefined): void {
  if (user === undefined || user === 0) return;
  const needed = stats.uid === user ? 0o100 : 0o011;
  if ((stats.mode & needed) !== 0) return;
  const mode = (stats.mode & 0o777).toString(8);
  throw unsafe(
    path,
    `cannot be entered by uid ${user} (mode ${mode})`,
    'mount a directory below it',
  );
}
