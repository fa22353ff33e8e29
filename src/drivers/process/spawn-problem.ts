/** Why a program never started. */
export interface SpawnProblem {
  readonly kind: 'not-found' | 'not-permitted' | 'failed';
  readonly message: string;
}

/** Names the program and what the system said. A missing working directory also reports ENOENT. */
export function toSpawnProblem(
  error: NodeJS.ErrnoException,
  argv: readonly string[],
): SpawnProblem {
  const program = argv[0] ?? '';
  if (error.code === 'ENOENT') {
    return { kind: 'not-found', message: `${program}: not found (or its working directory is)` };
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return { kind: 'not-permitted', message: `${program}: not permitted to run` };
  }
  return { kind: 'failed', message: `${program}: ${error.message}` };
}
