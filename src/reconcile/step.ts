import type { ContainerId, Epoch, PaneId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { PaneRecord } from '../domain/records.ts';
import type { OpOutcome, TmuxOp } from '../domain/tmux-ops.ts';
import type { Directories, Ids, PaneLogs, Transaction } from './ports.ts';

/**
 * One action, ready to be carried out: what is written before tmux is touched, what tmux is told, and what is
 * written once it has answered. Carries no decision of its own.
 */
export interface Step {
  /** Inside the first transaction. Without it committed, no op is sent. */
  readonly intend?: (tx: Transaction) => void;
  readonly ops: readonly TmuxOp[];
  /** Inside the second transaction; one outcome per op, in order. */
  readonly settle?: (tx: Transaction, outcomes: readonly OpOutcome[]) => void;
}

/** What steps are built from. */
export interface StepContext {
  readonly container: ContainerId;
  readonly epoch: Epoch;
  readonly now: number;
  readonly policy: Policy;
  readonly ids: Ids;
  readonly logs: PaneLogs;
  readonly directories?: Directories;
  /** The row as it is recorded now: an operator may have changed it while tmux was at work. */
  readonly current: (pane: PaneId) => PaneRecord | undefined;
  /** Milliseconds since 1970, read when it is called. */
  readonly clock: () => number;
}
