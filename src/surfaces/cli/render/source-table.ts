import type { ContainerView, SourceView } from '../../api/protocol.ts';
import { toneOf } from './paint.ts';
import type { Column } from './table.ts';
import { renderAge, renderSpan } from './times.ts';

/** One word for a source: what hinders it most. */
export function sourceStatus(source: SourceView): string {
  if (source.last_error !== null) return 'Failed';
  if (source.prune_blocked !== null) return 'PruneBlocked';
  return source.ready ? 'Ready' : 'Progressing';
}

/** Columns of `get sources` and `source list`. */
export function sourceColumns(options: {
  readonly wide: boolean;
  readonly now: number;
}): readonly Column<SourceView>[] {
  const narrow: readonly Column<SourceView>[] = [
    { title: 'NAME', cell: (source) => source.name },
    { title: 'KIND', cell: (source) => source.kind },
    { title: 'STATUS', cell: sourceStatus, tone: (source) => toneOf(sourceStatus(source)) },
    { title: 'LAYOUTS', cell: (source) => String(source.layouts) },
    { title: 'REVISION', cell: (source) => shortRevision(source.applied_revision) },
    {
      title: 'CHECKED',
      cell: (source) => renderAge(source.last_checked_at, options.now),
      isAge: true,
    },
    { title: 'LOCATION', cell: (source) => source.location },
  ];
  if (!options.wide) return narrow;
  return [
    ...narrow,
    { title: 'BRANCH', cell: (source) => source.branch ?? '' },
    { title: 'PATH', cell: (source) => source.path ?? '' },
    { title: 'INTERVAL', cell: (source) => renderSpan(source.interval_seconds * 1_000) },
    { title: 'PRUNE', cell: (source) => (source.prune ? 'on' : 'off') },
    { title: 'ORIGIN', cell: (source) => source.origin },
    { title: 'ERROR', cell: (source) => source.last_error ?? source.prune_blocked ?? '' },
  ];
}

/** Columns of `get containers`. */
export function containerColumns(): readonly Column<ContainerView>[] {
  return [
    { title: 'NAME', cell: (container) => container.name },
    { title: 'ENGINE', cell: (container) => container.engine },
    { title: 'ID', cell: (container) => container.id.slice(0, 12) },
    { title: 'STATE', cell: ({ state }) => state, tone: ({ state }) => toneOf(state) },
    {
      title: 'OBSERVED',
      cell: (container) => (container.observed ? 'yes' : 'no'),
      tone: (container) => (container.observed ? undefined : 'bad'),
    },
    { title: 'LAYOUTS', cell: (container) => String(container.layouts) },
    { title: 'MESSAGE', cell: (container) => container.message },
  ];
}

/** `main@sha1:0123456789…` shortened to what tells two revisions apart. */
export function shortRevision(revision: string | null): string {
  if (revision === null) return '';
  return revision.replace(/((?:sha1|sha256):[0-9a-f]{12})[0-9a-f]+/, '$1');
}
