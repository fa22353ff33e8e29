import type { ProcessResult, RunOptions } from '../process/run-process.ts';
import { ReadFailure } from './read-failure.ts';

export type RunProcess = (argv: readonly string[], options: RunOptions) => Promise<ProcessResult>;

export interface GitOptions {
  readonly run: RunProcess;
  readonly gitDir: string;
  /** Taken in place of the user's own configuration file. */
  readonly configFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface GitCall {
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly maxBytes?: number;
  /** Said when the time is up. */
  readonly onTimeout?: string;
}

/** Runs git on one repository. Exit codes are data; no git, no time and no end of output are `ReadFailure`s. */
export type Git = (args: readonly string[], call?: GitCall) => Promise<ProcessResult>;

const LOCAL_TIMEOUT_MS = 60_000;

export function openGit(options: GitOptions): Git {
  const env = gitEnvironment(options.env, options.configFile);
  return async (args, call = {}) => {
    const { timeoutMs = LOCAL_TIMEOUT_MS, onTimeout, ...rest } = call;
    const argv = ['git', `--git-dir=${options.gitDir}`, ...args];
    const reply = await options.run(argv, {
      ...rest,
      timeoutMs,
      env,
      cwd: options.gitDir,
      signal: options.signal,
    });
    if (options.signal.aborted) throw new ReadFailure('reading was called off');
    if (reply.problem?.kind === 'not-found') {
      throw new ReadFailure('git is not installed, or not on the PATH of the daemon; install git');
    }
    if (reply.problem !== undefined) throw new ReadFailure(reply.problem.message);
    if (reply.timedOut) throw new ReadFailure(onTimeout ?? `git ${args[0]} took too long`);
    if (reply.truncated) throw new ReadFailure(`git ${args[0]} printed more than can be kept`);
    return reply;
  };
}

/** Nothing asks, nothing of the user's configuration surprises, and messages come in English. */
function gitEnvironment(
  own: GitOptions['env'],
  configFile: string,
): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(own).filter(
    ([name]) => !name.startsWith('GIT_') || /^GIT_(SSL|HTTP|PROXY)_/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_SSH_COMMAND: `${own['GIT_SSH_COMMAND'] ?? 'ssh'} -oBatchMode=yes -oConnectTimeout=20`,
    GIT_SSH_VARIANT: 'ssh',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: configFile,
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_OPTIONAL_LOCKS: '0',
  };
}
