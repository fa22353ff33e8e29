import { spawn } from 'node:child_process';
import { toSpawnProblem } from './spawn-problem.ts';

/** What a shell reports for a program it could not start. */
const NOT_STARTED = 127;
const KILLED = 128;

/** Gives the terminal to a program until it ends and resolves with its exit code. Rejects when it cannot start. */
export function runAttached(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      reject(new Error(toSpawnProblem(cause, argv).message, { cause }));
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? NOT_STARTED : KILLED)));
  });
}
