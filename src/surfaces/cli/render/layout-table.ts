import type { LayoutView } from '../../api/protocol.ts';
import { layoutStatus } from './conditions.ts';
import { toneOf } from './paint.ts';
import type { Column } from './table.ts';
import { renderAge } from './times.ts';

/** Columns of `get layouts`. */
export function layoutColumns(options: {
  readonly wide: boolean;
  readonly now: number;
}): readonly Column<LayoutView>[] {
  const narrow: readonly Column<LayoutView>[] = [
    { title: 'NAME', cell: (layout) => layout.name },
    { title: 'CONTAINER', cell: (layout) => layout.container },
    { title: 'READY', cell: (layout) => `${layout.ready_panes}/${layout.desired_panes}` },
    { title: 'SYNC', cell: (layout) => layout.sync, tone: (layout) => toneOf(layout.sync) },
    { title: 'HEALTH', cell: (layout) => layout.health, tone: (layout) => toneOf(layout.health) },
    { title: 'STATUS', cell: layoutStatus, tone: (layout) => toneOf(layoutStatus(layout)) },
    { title: 'SOURCE', cell: (layout) => layout.source.name },
    { title: 'AGE', cell: (layout) => renderAge(layout.created_at, options.now), isAge: true },
  ];
  if (!options.wide) return narrow;
  return [
    ...narrow,
    { title: 'SESSION', cell: (layout) => layout.session },
    { title: 'GENERATION', cell: (layout) => `${layout.observed_generation}/${layout.generation}` },
    { title: 'PATH', cell: (layout) => layout.source.path },
    { title: 'REVISION', cell: (layout) => (layout.source.revision ?? '').slice(0, 24) },
    { title: 'LABELS', cell: (layout) => renderLabels(layout.labels) },
  ];
}

export function renderLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
