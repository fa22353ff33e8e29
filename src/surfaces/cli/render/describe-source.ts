import type { SourceView } from '../../api/protocol.ts';
import { type DescribeLook, renderFields, renderLeftOut } from './describe-layout.ts';
import { toneOf } from './paint.ts';
import { toPlainText } from './plain-text.ts';
import { sourceStatus } from './source-table.ts';
import { renderAge, renderSpan, renderTimeUntil } from './times.ts';

/** Everything known of one source, its errors first. */
export function renderSource(source: SourceView, look: DescribeLook): readonly string[] {
  const status = sourceStatus(source);
  return [
    ...renderAlarms(source).map((line) => look.paint(line, 'bad')),
    ...renderFields([
      ['Name', source.name],
      ['Kind', source.kind],
      ['Location', toPlainText(source.location)],
      ['Branch', source.branch ?? ''],
      ['Path', source.path ?? ''],
      ['Status', look.paint(status, toneOf(status))],
      ['Layouts', String(source.layouts)],
      ['Fetched', source.fetched_revision ?? ''],
      ['Attempted', source.attempted_revision ?? ''],
      ['Applied', source.applied_revision ?? ''],
      ['Failures in a row', String(source.consecutive_failures)],
      ['Checked', renderChecked(source, look.now)],
      ['Interval', renderSpan(source.interval_seconds * 1_000)],
      ['Prune', source.prune ? 'on' : 'off'],
      ['Believes empty', source.allow_empty ? 'yes' : 'no'],
      ['Added by', source.origin === 'config' ? 'config.toml' : 'agenttower source add'],
    ]),
  ];
}

function renderAlarms({ last_error, prune_blocked, left_out }: SourceView): readonly string[] {
  return [
    ...(last_error === null ? [] : [`Failed: ${toPlainText(last_error)}`]),
    ...(prune_blocked === null ? [] : [`PruneBlocked: ${toPlainText(prune_blocked)}`]),
    ...renderLeftOut(left_out),
  ];
}

function renderChecked({ last_checked_at, next_check_at }: SourceView, now: number): string {
  const last = last_checked_at === null ? 'never' : `${renderAge(last_checked_at, now)} ago`;
  return next_check_at === null ? last : `${last}, next ${renderTimeUntil(next_check_at, now)}`;
}
