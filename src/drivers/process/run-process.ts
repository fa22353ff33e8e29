import { killGroup } from './kill-group.ts';
import { spawnPiped } from './spawn-piped.ts';
import { type SpawnProblem, toSpawnProblem } from './spawn-problem.ts';

export interface RunOptions {
  readonly timeoutMs: number;
  /** Written to stdin, which is then closed; stdin is empty when absent. */
  readonly input?: string;
  /** Bytes kept of stdout and of stderr, each; the rest is read and dropped. Default 16 MiB. */
  readonly maxBytes?: number;
  /** The whole environment; the caller's own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  /** Exit code; `undefined` when a signal ended it, or when it never started. */
  readonly code: number | undefined;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Output was longer than `maxBytes`. */
  readonly truncated: boolean;
  /** Set when the program never started; `not-found` when there is no such program. */
  readonly problem?: SpawnProblem;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Runs a program to its end, without a shell. Never rejects: exit codes, a missing program and a time-out are data.
 * When the time is up or the signal aborts, the whole process group is killed.
 */
export function runProcess(argv: readonly string[], options: RunOptions): Promise<ProcessResult> {
  const spawned = spawnPiped(argv, options);
  if (!spawned.ok) return Promise.resolve(neverStarted(spawned.problem));
  const { child } = spawned;
  const stdout = collect(child.stdout, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const stderr = collect(child.stderr, options.maxBytes ?? DEFAULT_MAX_BYTES);
  // A program that does not read its input closes the pipe early; its exit code tells the story.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');

  let timedOut = false;
  const stop = () => {
    if (child.pid !== undefined) killGroup(child.pid);
    // A process that left the group may hold the pipes open; nobody waits for it.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, options.timeoutMs);
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted === true) stop();

  return new Promise((resolve) => {
    const finish = (end: Pick<ProcessResult, 'code' | 'signal' | 'problem'>) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
      const truncated = stdout.isTruncated() || stderr.isTruncated();
      resolve({ ...end, stdout: stdout.text(), stderr: stderr.text(), timedOut, truncated });
    };
    child.on('error', (error) => {
      if (child.pid === undefined)
        finish({ code: undefined, problem: toSpawnProblem(error, argv) });
    });
    child.on('close', (code, signal) => {
      finish({ code: code ?? undefined, ...(signal && { signal }) });
    });
  });
}

function neverStarted(problem: SpawnProblem): ProcessResult {
  return { code: undefined, stdout: '', stderr: '', timedOut: false, truncated: false, problem };
}

/** Keeps the first `maxBytes` of a stream and reads on, so that the writer never blocks. */
function collect(stream: NodeJS.ReadableStream, maxBytes: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let seen = 0;
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    const part = chunk.subarray(0, maxBytes - kept);
    if (part.length > 0) chunks.push(part);
    kept += part.length;
  });
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    isTruncated: () => seen > kept,
  };
}
