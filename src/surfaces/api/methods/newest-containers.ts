import { AgentTowerError, refuse } from '../../../domain/errors.ts';
import { awaitedEngines } from './awaited-engines.ts';
import type { Services } from './services.ts';

/** How long the engines may take to tell of a container that we have not heard of. */
const ASKING_MS = 2_000;

/**
 * Runs it; when it names a container nobody knows, or one that does not run, once more after the engines were asked
 * anew: whoever started a container a moment ago may name it now. Throws what the last run throws, and says which
 * engines did not answer where one of theirs may be meant.
 */
export async function withNewestContainers<T>(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isOutdated(error)) throw error;
    const patience = new AbortController();
    await Promise.race([registry.refresh(), clock.sleep(ASKING_MS, patience.signal)]);
    patience.abort();
    try {
      return await run();
    } catch (again) {
      throw withSilentEngines(again, registry);
    }
  }
}

/** What a newer listing may mend. */
function isOutdated(error: unknown): boolean {
  return (
    error instanceof AgentTowerError &&
    (error.code === 'container_not_found' || error.code === 'container_inactive')
  );
}

function withSilentEngines(error: unknown, registry: Services['registry']): unknown {
  if (!(error instanceof AgentTowerError) || error.code !== 'container_not_found') return error;
  const engines = registry.engines();
  const failed = awaitedEngines(engines).flatMap(({ answer }) =>
    answer.kind === 'failed' ? [answer.problem.message] : [],
  );
  const slow = engines.filter(({ answer }) => answer.kind === 'none');
  const silent = [...failed, ...slow.map(({ name }) => `${name} has not answered yet`)];
  if (silent.length === 0) return error;
  const details = error.details as { readonly container_id: string };
  return refuse(
    'container_not_found',
    `${error.message}; it may be one of an engine that does not answer: ${silent.join('; ')}`,
    details,
  );
}
