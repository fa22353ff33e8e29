import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type SpawnProblem, toSpawnProblem } from './spawn-problem.ts';

export interface DetachedOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Receives stdout and stderr, appended; made 0600 when it does not exist. Its directory must. */
  readonly logFile: string;
}

export type Detached =
  | { readonly ok: true; readonly pid: number }
  | { readonly ok: false; readonly problem: SpawnProblem };

/** Starts a program that outlives us, in a session of its own. Answers once it runs, or why it does not. */
export function startDetached(
  argv: readonly string[],
  options: DetachedOptions,
): Promise<Detached> {
  const [program = '', ...args] = argv;
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  closeSync(log);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, problem: toSpawnProblem(error, argv) }));
    child.on('spawn', () => {
      child.unref();
      resolve({ ok: true, pid: child.pid ?? 0 });
    });
  });
}
