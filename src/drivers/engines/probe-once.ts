import type { Clock } from '../../lib/clock.ts';
import type { Probed } from './probe-container.ts';

/** What was found, or is being found, in one life of the container. */
interface Attempt {
  readonly life: string;
  readonly endedAt: number | undefined;
  readonly outcome: Promise<Probed>;
}

/** Someone may install what is missing, so a failure is not believed for long. */
const FAILURE_STANDS_MS = 5_000;

/** Probes when a life is first met, and again some time after it failed; those who ask meanwhile share the answer. */
export function probeOncePerLife(
  clock: Clock,
): (life: string, probe: () => Promise<Probed>) => Promise<Probed> {
  let attempt: Attempt | undefined;
  const isOver = ({ endedAt = Number.POSITIVE_INFINITY }: Attempt): boolean =>
    clock.monotonic() - endedAt > FAILURE_STANDS_MS;
  return async (life, probe) => {
    if (attempt?.life !== life || isOver(attempt)) {
      attempt = { life, endedAt: undefined, outcome: probe() };
    }
    const mine = attempt;
    const probed = await mine.outcome;
    if (probed.kind === 'unknown' && attempt === mine && mine.endedAt === undefined) {
      attempt = { ...mine, endedAt: clock.monotonic() };
    }
    return probed;
  };
}
