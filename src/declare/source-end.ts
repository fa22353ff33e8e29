import type { LayoutRecord, SourceRef } from '../domain/records.ts';
import { describeSource, isSameSource } from './changes.ts';
import type { DeclarationTransaction, SourceRecord } from './ports.ts';

/** Whether what a source declared would come back: it is still read. Nothing reads `apply` or requests again. */
export function isFollowed(
  source: Pick<SourceRef, 'kind' | 'name'>,
  sources: readonly SourceRecord[],
): boolean {
  return sources.some(({ config }) => config.kind === source.kind && config.name === source.name);
}

/** Tells what a directory or repository declared that is not among `sources` any more. */
export function abandonedBy(sources: readonly SourceRecord[]): (owner: SourceRef) => boolean {
  return (owner) =>
    (owner.kind === 'directory' || owner.kind === 'git') && !isFollowed(owner, sources);
}

/**
 * Forgets a source. Its layouts keep running; what it claimed of others', and what it still had to remove, is over.
 * Call within a transaction.
 */
export function recordSourceEnd(
  tx: DeclarationTransaction,
  { kind, name }: Pick<SourceRef, 'kind' | 'name'>,
  layouts: readonly LayoutRecord[],
): void {
  const source = { kind, name, path: '' };
  const claims = `${describeSource(source)} `;
  tx.deleteSource(name);
  for (const layout of layouts) {
    const isRival = layout.ownershipConflict?.startsWith(claims) === true;
    if (isRival) tx.updateLayout(layout.id, { ownershipConflict: undefined });
    const isBlocked = layout.pruneBlocked !== undefined && isSameSource(layout.source, source);
    if (isBlocked) tx.updateLayout(layout.id, { pruneBlocked: undefined });
  }
}
