import type { ProcessResult } from '../process/run-process.ts';
import { ReadFailure } from './read-failure.ts';

/** The cache cannot be trusted any more; made anew it will be as good as before. */
export class DamagedCache extends ReadFailure {}

export interface Remote {
  readonly url: string;
  readonly branch: string;
}

/** What git prints (LC_ALL=C) → what the operator reads. The first match counts. */
const FETCH_FAILURES: readonly (readonly [RegExp, (remote: Remote) => string])[] = [
  [
    /no space left on device|disk quota exceeded|file too large/i,
    ({ url }) =>
      `the disk is full, so ${url} could not be fetched; make room in the state directory`,
  ],
  [
    /couldn't find remote ref/i,
    ({ url, branch }) =>
      `branch ${branch} does not exist in ${url}; push it, or give the source another branch`,
  ],
  [
    /host key verification failed/i,
    ({ url }) =>
      `the host key of ${url} is not known; connect once with ssh as the user that runs the daemon`,
  ],
  [
    /transport '.*' not allowed|remote helper|unable to find remote helper/i,
    ({ url }) => `${url} uses a protocol that is not allowed; use https, ssh, git or a local path`,
  ],
  [
    /authentication failed|could not read (username|password)|permission denied \(|error: 40[13]|invalid username or/i,
    ({ url }) =>
      `${url} denied access; give the daemon's user an ssh key or a ~/.netrc entry that may read it`,
  ],
  [
    /does not appear to be a git repository|not a git repository|repository .*not found|not valid: is this a git/i,
    ({ url }) => `${url} is not a git repository, or it is not visible to us; check the address`,
  ],
  [
    /could not resolve|connection refused|connection timed out|connection reset|no route to host|network is unreachable|failed to connect|couldn't connect|unable to (access|connect)|connection closed|timed out/i,
    ({ url }) => `${url} cannot be reached; check the address and the network`,
  ],
];

const DAMAGE =
  /bad object|is corrupt|corrupt loose object|object file .* is empty|unable to read (sha1 file|tree)|missing (blob|tree|commit) object|packfile .* (cannot|does not)|bad tree object|did not send all necessary objects|not a git repository: /i;
const NO_DAMAGE =
  /no space left|quota exceeded|read-only file system|permission denied|too many open/i;

/** Why a fetch failed, as a sentence with what to do. */
export function fetchFailure(reply: ProcessResult, remote: Remote): ReadFailure {
  const known = FETCH_FAILURES.find(([pattern]) => pattern.test(reply.stderr));
  if (known !== undefined) return new ReadFailure(known[1](remote));
  const ours = reply.stderr.replaceAll(/^remote: .*$/gm, '');
  if (DAMAGE.test(ours)) return new DamagedCache(`the cache of ${remote.url} is damaged`);
  return new ReadFailure(`git could not fetch ${remote.url}: ${lastWord(reply)}`);
}

/** Why a command on the cache itself failed. Nothing there depends on others: mostly it is damage. */
export function cacheFailure(reply: ProcessResult, what: string): ReadFailure {
  const problem = `git could not ${what}: ${lastWord(reply)}`;
  const isOurs = reply.code !== undefined && !NO_DAMAGE.test(reply.stderr);
  return isOurs ? new DamagedCache(problem) : new ReadFailure(problem);
}

/** The line that tells most, or how the process ended. */
function lastWord(reply: ProcessResult): string {
  const lines = reply.stderr.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1);
  if (telling !== undefined) return telling.replace(/^(fatal|error): /, '').slice(0, 300);
  return reply.signal === undefined ? `exit code ${reply.code}` : `ended by ${reply.signal}`;
}
