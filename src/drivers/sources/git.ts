import { rm } from 'node:fs/promises';
import type { GitSourceConfig, SourceReader, SourceSnapshot } from '../../declare/ports.ts';
import { redactUrls } from '../../lib/redact-url.ts';
import { type Git, openGit, type RunProcess } from './git-command.ts';
import { cacheFailure, DamagedCache, fetchFailure } from './git-failure.ts';
import { mirrorConfigFile, mirrorPath, prepareMirror, removeLeftovers } from './git-mirror.ts';
import { readTree } from './git-tree.ts';
import { answerRead, ReadFailure } from './read-failure.ts';

export interface GitSourceOptions {
  readonly config: GitSourceConfig;
  /** Absolute directory for caches, ours alone; made when missing. */
  readonly workDir: string;
  readonly run: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of one fetch; doubled after each that was cut off, so that a large first one ends some day. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_TIMEOUT_MS = 600_000;

/**
 * A branch of a git repository, fetched with the git CLI into a cache. The revision is `branch@sha1:<commit>`;
 * `rewrittenFrom` names the commit served before when the branch no longer descends from it.
 */
export function openGitSource(options: GitSourceOptions): SourceReader {
  const gitDir = mirrorPath(options.workDir, options.config);
  const cache: Cache = { ...options, gitDir, isClean: false, cutOff: 0 };
  return {
    read: (signal) => answerRead(() => readBranch(cache, signal)),
    // A repository tells nobody that it changed; the interval and `source sync` do.
    watch: () => async () => {},
  };
}

interface Cache extends GitSourceOptions {
  readonly gitDir: string;
  /** Whether the last git ended by itself and left nothing behind. */
  isClean: boolean;
  /** Fetches in a row that ran out of time. */
  cutOff: number;
  served?: { readonly commit: string; readonly snapshot: SourceSnapshot };
}

async function readBranch(cache: Cache, signal: AbortSignal): Promise<SourceSnapshot> {
  const { config, gitDir } = cache;
  const path = repositoryPath(config.path);
  checkBranch(config.branch);
  await prepareMirror(gitDir, config.url);
  if (!cache.isClean) await removeLeftovers(gitDir);
  cache.isClean = false;
  try {
    const git = openGit({ ...cache, configFile: mirrorConfigFile(gitDir), signal });
    await fetchBranch(cache, git);
    const snapshot = await readFetched(cache, git, path);
    cache.isClean = true;
    return snapshot;
  } catch (error) {
    if (!(error instanceof DamagedCache)) throw error;
    await rm(gitDir, { recursive: true, force: true });
    delete cache.served;
    throw new ReadFailure(`${error.message}; the cache was dropped and will be fetched anew`, {
      cause: error,
    });
  }
}

async function fetchBranch(cache: Cache, git: Git): Promise<void> {
  const { config, timeoutMs = DEFAULT_TIMEOUT_MS } = cache;
  const refspec = `+refs/heads/${config.branch}:refs/agenttower/fetched`;
  const args = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', 'origin', refspec];
  cache.cutOff += 1;
  const reply = await git(args, {
    timeoutMs: Math.min(timeoutMs * 2 ** (cache.cutOff - 1), Math.max(timeoutMs, MAX_TIMEOUT_MS)),
    onTimeout: `fetching ${config.url} took too long and was stopped; check the network; the next attempt gets more time`,
  });
  cache.cutOff = 0;
  if (reply.code !== 0) throw fetchFailure(reply, config);
}

async function readFetched(cache: Cache, git: Git, path: string): Promise<SourceSnapshot> {
  const { config } = cache;
  const refs = await readRefs(git);
  const commit = refs.get('fetched');
  if (commit === undefined) throw new DamagedCache(`the cache of ${config.url} lost its branch`);
  if (cache.served?.commit === commit) return cache.served.snapshot;

  const where = `${path === '' ? 'the root' : path} of ${config.branch} in ${redactUrls(config.url)}`;
  const files = await readTree(git, { commit, path, where });
  const previous = await advance(git, refs, commit);
  const isRewritten = previous !== undefined && !(await isAncestor(git, previous, commit));
  const snapshot = {
    revision: revisionOf(config, commit),
    files,
    ...(isRewritten && { rewrittenFrom: revisionOf(config, previous) }),
  };
  cache.served = { commit, snapshot };
  return snapshot;
}

/** Ours below refs/agenttower/: `fetched`, `current` (served last) and `previous` (served before it). */
async function readRefs(git: Git): Promise<ReadonlyMap<string, string>> {
  const format = '--format=%(refname:lstrip=2) %(objectname)';
  const reply = await git(['for-each-ref', format, 'refs/agenttower/']);
  if (reply.code !== 0) throw cacheFailure(reply, 'read the refs of the cache');
  const lines = reply.stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
}

/**
 * Makes `commit` the current one and answers the one before it. Kept as refs, a rewrite is told again after a
 * restart: whoever records it may have died first, and knows by the revision whether it did.
 */
async function advance(
  git: Git,
  refs: ReadonlyMap<string, string>,
  commit: string,
): Promise<string | undefined> {
  const current = refs.get('current');
  if (current === commit) return refs.get('previous');
  const updates = [`update refs/agenttower/current ${commit}\n`];
  if (current !== undefined) updates.push(`update refs/agenttower/previous ${current}\n`);
  const reply = await git(['update-ref', '--stdin'], { input: updates.join('') });
  if (reply.code !== 0) throw cacheFailure(reply, 'update the refs of the cache');
  return current;
}

async function isAncestor(git: Git, older: string, newer: string): Promise<boolean> {
  const reply = await git(['merge-base', '--is-ancestor', older, newer]);
  if (reply.code === 0 || reply.code === 1) return reply.code === 0;
  throw cacheFailure(reply, 'compare two commits');
}

function revisionOf(config: GitSourceConfig, commit: string): string {
  return `${config.branch}@sha1:${commit}`;
}

/** git's own spelling: no slashes at the ends, no `.`; a way out of the repository is refused. */
function repositoryPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || path.includes('\n')) {
    throw new ReadFailure(`path ${path} leaves the repository; give a directory inside it`);
  }
  return parts.join('/');
}

function checkBranch(branch: string): void {
  if (/^$|[\s~^:?*[\\\u0000-\u001f\u007f]|\.\.|@\{|^\/|\/$|\.lock$/.test(branch)) {
    throw new ReadFailure(`${branch} is not a branch name; give the source a branch such as main`);
  }
}
