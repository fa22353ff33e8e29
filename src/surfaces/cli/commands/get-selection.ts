import { refuse } from '../../../domain/errors.ts';
import type { LayoutView } from '../../api/protocol.ts';
import { callDaemon } from '../daemon-calls.ts';
import { listNames, type Resource } from '../references.ts';
import type { CliClient } from '../world.ts';

/** What a `get` asks for. */
export interface Selection {
  readonly resource: Resource;
  readonly name: string | undefined;
  readonly container: string | undefined;
  /** Labels a layout must carry, all of them. */
  readonly labels: ReadonlyMap<string, string>;
  /** Events after this sequence number. */
  readonly since: number | undefined;
  readonly limit: number | undefined;
  readonly isWide: boolean;
}

/** Layouts that match name, container and labels. Throws `layout_not_found` when a name matches none. */
export async function selectLayouts(
  client: CliClient,
  selection: Pick<Selection, 'name' | 'container' | 'labels'>,
): Promise<readonly LayoutView[]> {
  const { name, container, labels } = selection;
  const { items } = await callDaemon(client, 'layout.list', { name, container });
  const selected = items.filter(
    (layout) =>
      (name === undefined || layout.name === name) &&
      [...labels].every(([key, value]) => layout.labels[key] === value),
  );
  if (name !== undefined && items.length === 0) {
    const known = (await callDaemon(client, 'layout.list', {})).items.map((layout) => layout.name);
    throw refuse('layout_not_found', `there is no layout ${name}; ${listNames(known)}`, {
      name,
      known,
    });
  }
  return selected;
}

/** Whether less was asked for than everything there is. */
export function isNarrowed({ name, container, labels }: Selection): boolean {
  return name !== undefined || container !== undefined || labels.size > 0;
}
