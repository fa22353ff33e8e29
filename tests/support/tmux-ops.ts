import { randomUUID } from 'node:crypto';
import type { Epoch, LayoutId, PaneId, SlotId } from '../../src/domain/ids.ts';
import type { Observation, SeenObservation } from '../../src/domain/observed.ts';
import type { CreatedPane, CreateOp, OpOutcome } from '../../src/domain/tmux-ops.ts';

/** The observation, when something was seen; fails with its message otherwise. */
export function seen(observation: Observation): SeenObservation {
  if (observation.kind === 'seen') return observation;
  throw new Error(`${observation.kind}: ${observation.message}`);
}

/** The pane a create or respawn made; fails with what happened instead. */
export function created(outcome: OpOutcome | undefined): CreatedPane {
  if (outcome?.kind === 'done' && outcome.created) return outcome.created;
  throw new Error(`nothing was created: ${JSON.stringify(outcome)}`);
}

export const newSlotId = () => randomUUID() as SlotId;
export const newPaneId = () => randomUUID() as PaneId;
export const newLayoutId = () => randomUUID() as LayoutId;

/** A create op with everything filled in that a test does not care about: a new session `work`. */
export function createOp(
  epoch: Epoch,
  changes: Partial<Omit<CreateOp, 'kind' | 'epoch'>> = {},
): CreateOp {
  const pane = changes.pane ?? newPaneId();
  return {
    kind: 'create',
    epoch,
    fence: { slot: newSlotId(), expect: '', next: pane },
    layout: newLayoutId(),
    place: { kind: 'new-session', session: 'work', width: 200, height: 50 },
    process: { argv: ['sleep', '1000'], env: {} },
    title: 'agent',
    arrangement: 'tiled',
    ...changes,
    pane,
  };
}
