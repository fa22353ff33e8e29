import { type ContainerRecord, incarnationOf, type ListingProblem } from '../domain/containers.ts';
import type { ContainerId } from '../domain/ids.ts';
import type { StoppedObservation, UnknownObservation } from '../domain/observed.ts';
import { LEFT_OUT, RENAMED } from '../plan/merge-listing.ts';
import type { EngineAnswer } from './engine-refresher.ts';

type Stopped = Omit<StoppedObservation, 'container'>;

/** Which life of a container there is now. */
export type Life =
  | { readonly kind: 'running'; readonly id: string; readonly runningSince: number }
  | Stopped
  | Omit<UnknownObservation, 'container'>;

/** The life that a record tells of. `runningSince` is in milliseconds since 1970. */
export function lifeOf(record: ContainerRecord, runningSince: number): Life {
  const { key, engine, name, state } = record;
  const stopped = (message: string): Stopped => ({
    kind: 'stopped',
    message: `container ${key} ${message}`,
  });
  const empty = (message: string): Stopped => ({ ...stopped(message), nothingRuns: true });
  switch (state) {
    case 'running':
      return { kind: 'running', id: incarnationOf(record), runningSince };
    case 'paused':
      return stopped(`is paused; \`${engine} unpause ${name}\` lets it go on`);
    case 'exited':
      return empty(`is not running (${endOf(record)}); \`${engine} start ${name}\` starts it`);
    case 'missing':
      return (
        absenceOf(record) ??
        empty(`is gone from ${engine}; its layouts come back in the next one of that name`)
      );
    case 'unknown':
      throw new Error(`container ${key} was recorded in a state that is never recorded`);
  }
}

/** Not there under its name, though what runs in it goes on. */
function absenceOf({ key, engine, name, status }: ContainerRecord): Stopped | undefined {
  if (status.startsWith(LEFT_OUT)) {
    const why = status.slice(LEFT_OUT.length);
    return { kind: 'stopped', message: `container ${key} is not looked at: ${why}` };
  }
  if (!status.startsWith(RENAMED)) return undefined;
  const nameNow = status.slice(RENAMED.length);
  const message = `container ${key} is called ${nameNow} now; \`${engine} rename ${nameNow} ${name}\` gives it its layouts back`;
  return { kind: 'stopped', message };
}

/** The engine's status without how long ago, which would change all the time: `Exited (0)`. */
function endOf({ status, state }: ContainerRecord): string {
  return /^\w+(?: \(\d+\))?/.exec(status)?.[0] ?? state;
}

/** The life of a container whose engine does not answer. */
export function unreachable({ key, engine }: ContainerRecord, answer: EngineAnswer): Life {
  const why: Pick<ListingProblem, 'message'> =
    answer.kind === 'failed' ? answer.problem : { message: 'it has not answered yet' };
  return {
    kind: 'unknown',
    reason: 'EngineUnreachable',
    message: `nothing is known of container ${key} while ${engine} does not answer: ${why.message}`,
  };
}

/** The life of a container whose engine nobody asks. */
export function notConfigured(container: ContainerId, engine: string): Life {
  const owner = engine === '' ? 'an engine' : `the engine ${engine}, which`;
  return {
    kind: 'unknown',
    reason: 'EngineUnreachable',
    message: `container ${container} belongs to ${owner} this daemon does not use; add it under [engines] in config.toml`,
  };
}
