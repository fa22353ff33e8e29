import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { type SpawnProblem, toSpawnProblem } from './spawn-problem.ts';

export interface SpawnOptions {
  /** The whole environment; our own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export type Spawned =
  | { readonly ok: true; readonly child: ChildProcessWithoutNullStreams }
  | { readonly ok: false; readonly problem: SpawnProblem };

/**
 * Spawns with three pipes, in a process group of its own, without a shell. A missing program is reported later, by
 * the child's `error` event; being out of file descriptors or memory at once, by `problem`.
 */
export function spawnPiped(argv: readonly string[], options: SpawnOptions): Spawned {
  const [program = '', ...args] = argv;
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: 'pipe',
      ...(options.env && { env: options.env }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    return hasPipes(child) ? { ok: true, child } : outOfFiles(child, program);
  } catch (error) {
    return { ok: false, problem: toSpawnProblem(error as NodeJS.ErrnoException, argv) };
  }
}

/** Node makes no streams when the limit of open files is reached, whatever its types say. */
function hasPipes(child: { readonly stdin?: unknown }): boolean {
  return child.stdin !== undefined && child.stdin !== null;
}

function outOfFiles(child: ChildProcessWithoutNullStreams, program: string): Spawned {
  child.on('error', () => undefined);
  return {
    ok: false,
    problem: { kind: 'failed', message: `${program}: too many open files to start it` },
  };
}
