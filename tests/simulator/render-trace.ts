import type { FenceStep, PaneGuard, TmuxOp } from '../../src/domain/tmux-ops.ts';

/** One op as a line of a trace; uuids by their last digits. */
export function renderOp(op: TmuxOp): string {
  switch (op.kind) {
    case 'create':
      return `create ${tail(op.pane)} in ${renderPlace(op.place)} ${renderFence(op.fence)}`;
    case 'respawn':
      return `respawn ${renderGuard(op.guard)} as ${tail(op.pane)} ${renderFence(op.fence)}`;
    case 'kill':
    case 'release':
      return `${op.kind} ${renderGuard(op.guard)}`;
    case 'retitle':
      return `retitle ${renderGuard(op.guard)} "${op.title}"`;
    case 'pipe':
      return `pipe ${renderGuard(op.guard)} ${op.logFile ?? 'off'}`;
    case 'retag':
      return `retag ${op.pane} (pid ${op.pid}) as ${tail(op.owner)}`;
    case 'arrange':
      return `arrange ${op.place.window} ${op.arrangement}`;
    case 'burn-fence':
      return `burn-fence ${renderFence(op.fence)}`;
  }
}

function renderPlace(place: Extract<TmuxOp, { kind: 'create' }>['place']): string {
  return place.kind === 'window' ? place.window : `${place.kind} ${place.session}`;
}

function renderFence({ slot, expect, next }: FenceStep): string {
  return `[fence of ${tail(slot)}: "${tail(expect)}" → "${tail(next)}"]`;
}

function renderGuard({ epoch, pane, owner }: PaneGuard): string {
  return `${pane}=${tail(owner)} (${epoch})`;
}

function tail(id: string): string {
  return id.length > 36 ? id.slice(32) : id.slice(-4);
}
