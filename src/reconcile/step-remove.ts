import type { AbandonPane, KillLeftover, KillPane, ReleasePane } from '../plan/action.ts';
import { changePaneState } from './record.ts';
import type { Step, StepContext } from './step.ts';

/** Steps that take panes away. Every op is guarded by epoch and tag: a stale decision hits nobody. */

/** The row ends first; if tmux is never reached, the pane is a leftover that the next pass removes. */
export function killStep({ at, pane, seen }: KillPane, context: StepContext): Step {
  return {
    intend: (tx) =>
      changePaneState(tx, {
        layout: at.layout,
        pane,
        to: 'removed',
        patch: { endedAt: context.now },
      }),
    ops: [{ kind: 'kill', guard: { epoch: context.epoch, pane: seen.id, owner: pane.id } }],
    settle: (tx, [outcome]) => {
      tx.emit({
        type: 'managed_pane_removed',
        actor: 'daemon',
        layoutId: at.layout,
        paneId: pane.id,
        payload: { tmux_kill_succeeded: outcome?.kind === 'done' },
      });
    },
  };
}

export function killLeftoverStep({ owner, seen }: KillLeftover, context: StepContext): Step {
  return {
    ops: [{ kind: 'kill', guard: { epoch: context.epoch, pane: seen.id, owner: owner.id } }],
  };
}

/** Closes the door on a create that may still be under way, then ends the row. */
export function abandonStep({ at, pane }: AbandonPane, context: StepContext): Step {
  const { slot } = at;
  const expect = slot.fence?.epoch === context.epoch ? slot.fence.value : '';
  const next = `${pane.id}-abandoned`;
  return {
    ops: [{ kind: 'burn-fence', epoch: context.epoch, fence: { slot: slot.id, expect, next } }],
    settle: (tx, [outcome]) => {
      const { epoch } = context;
      if (outcome?.kind === 'refused' && outcome.fence !== undefined) {
        tx.updateSlot(slot.id, { fence: { epoch, value: outcome.fence } });
        // Its own id: the create landed before us, and what it made is found by its tag.
        if (outcome.fence !== pane.id) return;
      } else if (outcome?.kind === 'done') {
        tx.updateSlot(slot.id, { fence: { epoch, value: next } });
      } else return;
      const row = context.current(pane.id);
      if (row?.state !== 'creating') return;
      changePaneState(tx, {
        layout: at.layout,
        pane: row,
        to: 'removed',
        patch: { endedAt: context.clock() },
      });
    },
  };
}

export function releaseStep({ at, pane, seen }: ReleasePane, context: StepContext): Step {
  return {
    ops: [{ kind: 'release', guard: { epoch: context.epoch, pane: seen.id, owner: pane.id } }],
    settle: (tx, [outcome]) => {
      const row = context.current(pane.id);
      if (outcome?.kind !== 'done' || row === undefined || row.state === 'removed') return;
      changePaneState(tx, {
        layout: at.layout,
        pane: row,
        to: 'removed',
        patch: { endedAt: context.clock() },
      });
    },
  };
}
