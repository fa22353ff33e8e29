import type { ConditionView, LayoutView, PaneView } from '../../api/protocol.ts';

export function findCondition(layout: LayoutView, type: string): ConditionView | undefined {
  return layout.conditions.find((condition) => condition.type === type);
}

export function isConditionTrue(layout: LayoutView, type: string): boolean {
  return findCondition(layout, type)?.status === 'True';
}

/** What a human asked for stands first, then what went wrong, then how far it got. */
export function layoutStatus(layout: LayoutView): string {
  const words: string[] = [];
  if (layout.deleting) words.push('Deleting');
  if (isConditionTrue(layout, 'Suspended')) words.push('Suspended');
  if (isConditionTrue(layout, 'Held') || layout.panes.some(isHeld)) words.push('Held');
  for (const type of ['Stalled', 'CrashLoop', 'Contested', 'OwnershipConflict', 'PruneBlocked']) {
    if (isConditionTrue(layout, type)) words.push(type);
  }
  if (findCondition(layout, 'Observed')?.status === 'False') words.push('Unknown');
  if (findCondition(layout, 'Ready')?.reason === 'ContainerNotRunning') words.push('Waiting');
  return words.length > 0 ? words.join(',') : progressWord(layout);
}

export function isHeld(pane: PaneView): boolean {
  return pane.held !== null;
}

/** Whether a pane is as far as it will get: running, or ended well. */
export function isSettled(pane: PaneView): boolean {
  return pane.status === 'Ready' || pane.status === 'Completed';
}

function progressWord(layout: LayoutView): string {
  const ready = findCondition(layout, 'Ready');
  if (ready?.status === 'True') return ready.reason === 'Completed' ? 'Completed' : 'Ready';
  const troubled = layout.panes.find((pane) => !isSettled(pane) && pane.status !== 'Starting');
  if (troubled !== undefined) return troubled.status;
  if (ready?.status === 'Unknown') return 'Unknown';
  if (ready?.reason === 'OnDelete') return 'OutOfDate';
  return 'Starting';
}
