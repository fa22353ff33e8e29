import { killGroup } from './kill-group.ts';
import { type SpawnOptions, spawnPiped } from './spawn-piped.ts';
import { type SpawnProblem, toSpawnProblem } from './spawn-problem.ts';

export interface OpenOptions extends SpawnOptions {
  readonly onStdout: (chunk: Buffer) => void;
  /** Called exactly once, after the last `onStdout`. */
  readonly onExit: (exit: ProcessExit) => void;
}

export interface ProcessExit {
  readonly code: number | undefined;
  readonly signal?: string;
  /** The last 4 KiB it printed there. */
  readonly stderr: string;
  readonly problem?: SpawnProblem;
}

export interface OpenProcess {
  /** Queues text on stdin; after the process has gone it is dropped, and `onExit` tells. */
  write(text: string): void;
  /** SIGKILLs the process group; `onExit` follows. */
  kill(): void;
}

const STDERR_KEPT = 4096;

/** Starts a program to talk with, without a shell. Never throws: a missing program arrives as an exit. */
export function openProcess(argv: readonly string[], options: OpenOptions): OpenProcess {
  const spawned = spawnPiped(argv, options);
  if (!spawned.ok) return neverOpened(spawned.problem, options.onExit);
  const { child } = spawned;
  let stderr = Buffer.alloc(0);
  let ended = false;
  const finish = (exit: Omit<ProcessExit, 'stderr'>) => {
    if (ended) return;
    ended = true;
    options.onExit({ ...exit, stderr: stderr.toString('utf8').trim() });
  };

  child.stdin.on('error', () => undefined);
  child.stdout.on('error', () => undefined);
  child.stdout.on('data', options.onStdout);
  child.stderr.on('error', () => undefined);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT);
  });
  child.on('error', (error) => {
    if (child.pid === undefined) finish({ code: undefined, problem: toSpawnProblem(error, argv) });
  });
  child.on('close', (code, signal) => {
    finish({ code: code ?? undefined, ...(signal && { signal }) });
  });

  return {
    write: (text) => {
      if (child.stdin.writable) child.stdin.write(text);
    },
    kill: () => {
      if (child.pid === undefined || ended) return;
      killGroup(child.pid);
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function neverOpened(problem: SpawnProblem, onExit: OpenOptions['onExit']): OpenProcess {
  queueMicrotask(() => onExit({ code: undefined, stderr: '', problem }));
  return { write: () => undefined, kill: () => undefined };
}
