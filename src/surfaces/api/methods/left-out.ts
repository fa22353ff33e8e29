import type { Unstamped } from '../../../declare/stamp.ts';
import type { SourceRef } from '../../../domain/records.ts';
import type { LeftOutView } from '../protocol.ts';

/** Whether a selector of this source chose the container. */
export function isOfSource(
  { source }: Unstamped,
  { kind, name }: Pick<SourceRef, 'kind' | 'name'>,
): boolean {
  return source.kind === kind && source.name === name;
}

/** A container that was chosen and could not get its layout. */
export function toLeftOutView({ layout, container, message }: Unstamped): LeftOutView {
  return { layout, container, message };
}
