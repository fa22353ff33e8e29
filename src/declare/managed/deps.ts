import type { AgentTowerError } from '../../domain/errors.ts';
import type { ContainerId } from '../../domain/ids.ts';
import type { Observation } from '../../domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../domain/tmux-ops.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Ids } from '../../reconcile/ports.ts';
import type { Turns } from '../../reconcile/turns.ts';
import type { DeclarationStore } from '../ports.ts';
import type { PrepareDeps } from '../prepare.ts';
import type { ManagedReader } from './ports.ts';

/** What the managed-session requests need. They write desired state; only the loop starts anything. */
export interface ManagedDeps
  extends Pick<PrepareDeps, 'catalog' | 'resolveContainer' | 'wireContainerId'> {
  readonly store: DeclarationStore;
  readonly managed: ManagedReader;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Most layouts there may be at once, over all containers. */
  readonly maxLayouts: number;
  /** Why nothing can be started in a container now, as far as is known. */
  readonly containerProblem: (container: ContainerId) => AgentTowerError | undefined;
  readonly wake: (container: ContainerId) => void;
  readonly observe: (container: ContainerId) => Promise<Observation>;
  /** What was seen before tmux was given what it is busy with now; nothing while a look would be answered at once. */
  readonly seenBeforeWork: (container: ContainerId) => Observation | undefined;
  /** Only within a turn: the loop must not meet half of what a request does. */
  readonly runTmux: (
    container: ContainerId,
    ops: readonly TmuxOp[],
  ) => Promise<readonly OpOutcome[]>;
  readonly turns: Pick<Turns, 'takeWithin'>;
}

/** What the promise resolves to, or `undefined` when that takes longer than `ms`. The promise must not reject. */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  clock: Clock,
): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([promise, clock.sleep(ms, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}
