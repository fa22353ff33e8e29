import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { PaneDetail, PaneListParams, RecreatedPane } from '../managed/calls.ts';
import { fetchPages } from '../managed/pages.ts';
import { MANAGED_PANE_COLUMNS, toneOfState } from '../managed/tables.ts';
import { waitUntilSettled } from '../managed/wait.ts';
import { renderListing } from '../print-rows.ts';
import { renderFields } from '../render/describe-layout.ts';

export interface ListPanesOptions {
  readonly container?: string;
  readonly layout?: string;
  readonly state?: string;
  readonly limit?: number;
  readonly after?: string;
  readonly json?: boolean;
}

/** `managed pane list`: every incarnation ever made, or those asked for. */
export async function listPanes(
  context: CommandContext,
  options: ListPanesOptions,
): Promise<ExitCode> {
  const { container: container_id, layout: layout_id, state, limit, after } = options;
  const selection: PaneListParams = { container_id, layout_id, state, limit, after };
  const page = await withDaemon(context, (client) =>
    fetchPages(selection, (at) => callDaemon(client, 'managed.pane.list', { ...selection, ...at })),
  );
  if (options.json === true) {
    printJson(context, page);
    return EXIT.done;
  }
  const look = { rows: page.items, columns: MANAGED_PANE_COLUMNS, empty: 'no managed panes' };
  printLines(context, renderListing(context, look));
  if (page.next !== null) printLines(context, [`more with --after ${page.next}`]);
  return EXIT.done;
}

export interface PaneDetailOptions {
  readonly chain?: boolean;
  readonly json?: boolean;
}

/** `managed pane detail`: one pane, and on request those it was recreated from. */
export async function showPane(
  context: CommandContext,
  paneId: string,
  options: PaneDetailOptions,
): Promise<ExitCode> {
  const pane = await withDaemon(context, (client) =>
    callDaemon(client, 'managed.pane.detail', {
      pane_id: paneId,
      include_predecessor_chain: options.chain,
    }),
  );
  if (options.json === true) printJson(context, pane);
  else printLines(context, renderPane(context, pane));
  return EXIT.done;
}

/** `managed pane remove`: ends panes; their history stays. */
export async function removePanes(
  context: CommandContext,
  paneIds: readonly string[],
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  await withDaemon(context, async (client) => {
    for (const pane_id of paneIds) {
      const removed = await callDaemon(client, 'managed.pane.remove', { pane_id });
      if (options.json === true) printJson(context, removed);
      else printLines(context, [`pane ${removed.pane_id} ${removed.state}`]);
    }
  });
  return EXIT.done;
}

export interface RecreateOptions {
  readonly launch?: string;
  readonly key?: string;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `managed pane recreate`: a successor for a pane that was removed or failed. */
export async function recreatePane(
  context: CommandContext,
  paneId: string,
  options: RecreateOptions,
): Promise<ExitCode> {
  const { recreated, layoutId } = await withDaemon(context, async (client) => {
    const recreated = await callDaemon(client, 'managed.pane.recreate', {
      predecessor_pane_id: paneId,
      launch_command_override: options.launch,
      idempotency_key: options.key,
    });
    if (options.wait !== true) return { recreated, layoutId: undefined };
    const { layout_id } = await callDaemon(client, 'managed.pane.detail', {
      pane_id: recreated.pane_id,
    });
    return { recreated, layoutId: layout_id };
  });
  if (options.json === true) printJson(context, recreated);
  else printLines(context, [renderRecreated(recreated)]);
  if (layoutId === undefined) return EXIT.done;
  const { exitCode } = await waitUntilSettled(context, {
    layoutId,
    timeoutMs: options.timeout,
    isTold: options.json !== true,
  });
  return exitCode;
}

function renderRecreated({ pane_id, predecessor_id, state, replay }: RecreatedPane): string {
  return replay
    ? `pane ${pane_id} was made before with this key and is ${state}`
    : `pane ${pane_id} takes the place of ${predecessor_id}`;
}

function renderPane(context: CommandContext, pane: PaneDetail): readonly string[] {
  const chain = pane.predecessor_chain ?? [];
  return renderFields([
    ['Pane', pane.pane_id],
    ['Layout', pane.layout_id],
    ['Container', pane.container_id],
    ['Label', pane.label],
    ['Role', pane.role],
    ['Capability', pane.capability],
    ['State', context.paint(pane.state, toneOfState(pane.state))],
    ['Failed stage', pane.failed_stage ?? ''],
    ['Session', `${pane.tmux_session_name}, pane ${pane.tmux_pane_index}`],
    ['Agent', pane.agent_id ?? ''],
    ['Logged', pane.log_attached ? 'yes' : 'no'],
    ['Chain depth', `${pane.chain_depth}`],
    ['Predecessor', pane.predecessor_id ?? ''],
    ...chain.map(({ pane_id, state }): readonly [string, string] => [
      'Came from',
      `${pane_id} ${state}`,
    ]),
  ]);
}
