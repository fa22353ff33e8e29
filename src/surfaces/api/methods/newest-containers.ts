import { AgentTowerError } from '../../../domain/errors.ts';
import type { Services } from './services.ts';

/** How long the engines may take to tell of a container that we have not heard of. */
const ASKING_MS = 2_000;

/**
 * Runs it; when it names a container nobody knows, once more after the engines were asked anew: whoever started a
 * container a moment ago may name it now. Throws what the last run throws.
 */
export async function withNewestContainers<T>(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AgentTowerError) || error.code !== 'container_not_found') throw error;
    const patience = new AbortController();
    await Promise.race([registry.refresh(), clock.sleep(ASKING_MS, patience.signal)]);
    patience.abort();
    return run();
  }
}
