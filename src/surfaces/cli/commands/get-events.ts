import type { EventView } from '../../api/protocol.ts';
import { type CommandContext, printLines } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import type { Listing } from '../print-rows.ts';
import {
  type EventNames,
  eventColumns,
  namesForEvents,
  renderEventLine,
} from '../render/event-table.ts';
import { toPlainText } from '../render/plain-text.ts';
import { resolveWholeLayout } from '../resolve-reference.ts';
import type { CliClient } from '../world.ts';
import type { Selection } from './get-selection.ts';

/** Recorded events, oldest first; a name selects those of one layout, a container alone those of all that is in it. */
export async function listEvents(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<Listing<EventView>> {
  const address = await layoutOf(client, selection);
  const { since: since_seq, limit } = selection;
  const { items } = await callDaemon(client, 'events.list', { since_seq, ...address, limit });
  const names = await fetchNames(client);
  return {
    rows: items,
    columns: eventColumns({ now: context.world.now(), names }),
    nameOf: (event) => `event/${event.seq}`,
    isSingle: false,
    empty: 'no events',
  };
}

/** Prints what is recorded and then every event as it comes, until Ctrl-C. */
export async function watchEvents(
  context: CommandContext,
  client: CliClient,
  selection: Selection,
): Promise<void> {
  const address = await layoutOf(client, selection);
  const { since: since_seq, limit } = selection;
  const past = await callDaemon(client, 'events.list', { since_seq, ...address, limit });
  const names = await fetchNames(client);
  const printEvent = (event: EventView): void =>
    printLines(context, [renderEventLine(event, names).map(toPlainText).join('  ')]);
  past.items.forEach(printEvent);
  const from = {
    since_seq: past.items.at(-1)?.seq ?? past.last_seq,
    ...address,
  };
  await client.stream('events.watch', from, printEvent, context.interrupted);
}

async function layoutOf(
  client: CliClient,
  { name: text, container: beside }: Selection,
): Promise<{ readonly layout?: string; readonly container?: string }> {
  if (text === undefined) return beside === undefined ? {} : { container: beside };
  const { name, container } = await resolveWholeLayout(client, text, beside);
  return { layout: name, ...(container !== undefined && { container }) };
}

async function fetchNames(client: CliClient): Promise<EventNames> {
  return namesForEvents((await callDaemon(client, 'layout.list', {})).items);
}
