import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Runs a TypeScript file in a Node process of its own, which is killed when the test ends. */
export function spawnTypescript(
  script: URL,
  args: readonly string[],
): ChildProcessByStdio<null, Readable, null> {
  const hooks = fileURLToPath(new URL('typescript.mjs', import.meta.url));
  const argv = ['--import', hooks, fileURLToPath(script), ...args];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
