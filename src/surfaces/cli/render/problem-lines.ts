import type { ManifestProblem } from '../../../domain/errors.ts';

/** Whether an error's details are a list of mistakes in files. */
export function hasProblems(
  details: unknown,
): details is { readonly problems: readonly ManifestProblem[] } {
  return (
    typeof details === 'object' &&
    details !== null &&
    'problems' in details &&
    Array.isArray(details.problems)
  );
}

/**
 * Mistakes with the lines they stand in, their files named as seen from `cwd`. Loaded only when something is wrong:
 * the way of a healthy command stays short.
 */
export async function renderProblemLines(
  problems: readonly ManifestProblem[],
  cwd: string,
): Promise<readonly string[]> {
  if (problems.length === 0) return [];
  const { renderProblems } = await import('../../../manifest/render-problems.ts');
  const near = problems.map((problem) =>
    problem.file.startsWith(`${cwd}/`)
      ? { ...problem, file: problem.file.slice(cwd.length + 1) }
      : problem,
  );
  return renderProblems(near).split('\n');
}
