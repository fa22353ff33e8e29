import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GitSourceConfig } from '../../declare/ports.ts';
import { sha256 } from '../../lib/hash.ts';
import { errorCode, ReadFailure } from './read-failure.ts';

const HOME_PREFIX = 'git-';

/** Where one source is cached. Another address or branch is another place. */
export function mirrorPath(workDir: string, config: GitSourceConfig): string {
  const key = sha256(`${config.url}\0${config.branch}`).slice(0, 16);
  return join(workDir, `${HOME_PREFIX}${config.name}`, `${key}.git`);
}

/**
 * Removes the caches of sources that `isKept` does not know: they are of no use, and the address in them may hold
 * credentials. Only sound while nothing reads those sources. Rejects with what the file system says.
 */
export async function sweepMirrors(
  workDir: string,
  isKept: (source: string) => boolean,
): Promise<void> {
  const names = (await exists(workDir)) ? await readdir(workDir) : [];
  for (const name of names) {
    if (!name.startsWith(HOME_PREFIX) || isKept(name.slice(HOME_PREFIX.length))) continue;
    await rm(join(workDir, name), { recursive: true, force: true });
  }
}

/** The configuration git reads in place of the user's. */
export function mirrorConfigFile(gitDir: string): string {
  return join(gitDir, 'instead-of-user-config');
}

/**
 * Makes the bare repository that caches `url` when it is not there, and removes caches of the same source for other
 * addresses. It appears by rename: a half-made one is never used. Throws `ReadFailure`.
 */
export async function prepareMirror(gitDir: string, url: string): Promise<void> {
  try {
    const home = join(gitDir, '..');
    await mkdir(home, { recursive: true, mode: 0o700 });
    for (const name of await readdir(home)) {
      if (name !== basename(gitDir)) await rm(join(home, name), { recursive: true, force: true });
    }
    if (!(await exists(join(gitDir, 'HEAD')))) await makeRepository(gitDir);
    await writeOnce(join(gitDir, 'config'), repositoryConfig(url));
    // Whoever owns the one repository we were told to read: reading it is what the operator asked for.
    await writeOnce(mirrorConfigFile(gitDir), '[safe]\n\tdirectory = *\n');
  } catch (cause) {
    throw new ReadFailure(
      `cannot write the cache ${gitDir} (${errorCode(cause)}); make room, or let the daemon write there`,
      { cause },
    );
  }
}

/** Removes locks and unfinished packs that a killed git left. Only sound while no git runs here. */
export async function removeLeftovers(gitDir: string): Promise<void> {
  const entries = await readdir(gitDir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const isLeft = /\.lock$|^tmp_|^gc\.pid$|^incoming-/.test(entry.name);
    if (isLeft) await rm(join(entry.parentPath, entry.name), { recursive: true, force: true });
  }
}

/** Leaves a file alone that says this already. */
async function writeOnce(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present !== text) await writeFile(path, text, { mode: 0o600 });
}

async function makeRepository(gitDir: string): Promise<void> {
  const fresh = `${gitDir}.new`;
  await mkdir(join(fresh, 'objects'), { recursive: true, mode: 0o700 });
  await mkdir(join(fresh, 'refs'), { recursive: true });
  await writeFile(join(fresh, 'HEAD'), 'ref: refs/heads/none\n');
  await rm(gitDir, { recursive: true, force: true });
  await rename(fresh, gitDir);
}

/** The address stands in a file only we can read, so that no command line shows its credentials. */
function repositoryConfig(url: string): string {
  const quoted = url.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
  return [
    '[core]\n\trepositoryformatversion = 0\n\tbare = true\n\thooksPath = /dev/null',
    '[gc]\n\tautoDetach = false',
    '[maintenance]\n\tautoDetach = false',
    `[remote "origin"]\n\turl = "${quoted}"\n`,
  ].join('\n');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
