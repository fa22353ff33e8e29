import { LOCAL_CONTAINER } from '../../../domain/ids.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { CreatedLayout, LayoutDetail, LayoutListParams } from '../managed/calls.ts';
import { fetchPages } from '../managed/pages.ts';
import {
  CREATED_PANE_COLUMNS,
  MANAGED_PANE_COLUMNS,
  managedLayoutColumns,
  toneOfState,
} from '../managed/tables.ts';
import { waitUntilSettled } from '../managed/wait.ts';
import { renderListing } from '../print-rows.ts';
import { renderFields } from '../render/describe-layout.ts';
import { UsageError } from '../usage-error.ts';
import type { CliClient } from '../world.ts';

export interface CreateOptions {
  readonly container?: string;
  readonly template: string;
  readonly session: string;
  readonly launch?: readonly string[];
  readonly key?: string;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `managed layout create`: panes of a template in a new tmux session. */
export async function createLayout(
  context: CommandContext,
  options: CreateOptions,
): Promise<ExitCode> {
  const created = await withDaemon(context, async (client) =>
    callDaemon(client, 'managed.layout.create', {
      container_id: options.container ?? (await ownContainer(context, client)),
      template_name: options.template,
      tmux_session_name: options.session,
      launch_command_overrides: parseLaunches(options.launch),
      idempotency_key: options.key,
    }),
  );
  if (options.json !== true) printCreated(context, created);
  if (options.wait !== true) {
    if (options.json === true) printJson(context, created);
    return EXIT.done;
  }
  const { exitCode, layout } = await waitUntilSettled(context, {
    layoutId: created.layout_id,
    timeoutMs: options.timeout,
    isTold: options.json !== true,
  });
  if (options.json === true) printJson(context, { ...created, layout: layout ?? null });
  return exitCode;
}

/** Where this command runs, as the daemon sees it. On the host it need not be asked. */
async function ownContainer({ world }: CommandContext, client: CliClient): Promise<string> {
  if (world.paths.socketSource === 'host_default') return LOCAL_CONTAINER;
  const { caller } = await callDaemon(client, 'status', {});
  return caller.container ?? LOCAL_CONTAINER;
}

export interface ListLayoutsOptions {
  readonly container?: string;
  readonly state?: string;
  readonly limit?: number;
  readonly after?: string;
  readonly json?: boolean;
}

/** `managed layout list`: what was asked for, worst states first after those still being made. */
export async function listLayouts(
  context: CommandContext,
  options: ListLayoutsOptions,
): Promise<ExitCode> {
  const { container: container_id, state, limit, after } = options;
  const selection: LayoutListParams = { container_id, state, limit, after };
  const page = await withDaemon(context, (client) =>
    fetchPages(selection, (at) =>
      callDaemon(client, 'managed.layout.list', { ...selection, ...at }),
    ),
  );
  if (options.json === true) {
    printJson(context, page);
    return EXIT.done;
  }
  const columns = managedLayoutColumns(context.world.now());
  const empty = 'no managed layouts; make one: agenttower managed layout create --help';
  printLines(context, renderListing(context, { rows: page.items, columns, empty }));
  if (page.next !== null) printLines(context, [`more with --after ${page.next}`]);
  return EXIT.done;
}

export interface LayoutDetailOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `managed layout detail`: one layout with its panes. */
export async function showLayout(
  context: CommandContext,
  layoutId: string,
  options: LayoutDetailOptions,
): Promise<ExitCode> {
  const layout = await withDaemon(context, (client) =>
    callDaemon(client, 'managed.layout.detail', {
      layout_id: layoutId,
      include_terminal_panes: options.all,
    }),
  );
  if (options.json === true) printJson(context, layout);
  else printLines(context, renderLayout(context, layout));
  return EXIT.done;
}

/** `managed layout remove`: every pane of the layout. */
export async function removeLayout(
  context: CommandContext,
  layoutId: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const removed = await withDaemon(context, (client) =>
    callDaemon(client, 'managed.layout.remove', { layout_id: layoutId }),
  );
  if (options.json === true) printJson(context, removed);
  else printLines(context, [`layout ${removed.layout_id} ${removed.state}`]);
  return EXIT.done;
}

/** `role:label=profile`, several times; what stands before the first `=` is the pane. */
function parseLaunches(
  launches: readonly string[] | undefined,
): Readonly<Record<string, string>> | undefined {
  if (launches === undefined) return undefined;
  const pairs = launches.map((text) => {
    const at = text.indexOf('=');
    if (at < 1 || at === text.length - 1 || !text.slice(0, at).includes(':')) {
      throw new UsageError(
        `"${text}" launches nothing: write --launch ROLE:LABEL=PROFILE, e.g. --launch slave:s1=codex`,
      );
    }
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

function printCreated(context: CommandContext, created: CreatedLayout): void {
  const what = created.replay ? `was made before with this key and is ${created.state}` : 'created';
  const look = { rows: created.panes, columns: CREATED_PANE_COLUMNS, empty: 'it has no panes' };
  printLines(context, [`layout ${created.layout_id} ${what}`, ...renderListing(context, look)]);
}

function renderLayout(context: CommandContext, layout: LayoutDetail): readonly string[] {
  const panes = { rows: layout.panes, columns: MANAGED_PANE_COLUMNS, empty: 'it has no panes' };
  return [
    ...renderFields([
      ['Layout', layout.layout_id],
      ['Container', layout.container_id],
      ['Template', layout.template_name],
      ['State', context.paint(layout.state, toneOfState(layout.state))],
      ['Failed stage', layout.failed_stage ?? ''],
      ['Panes', `${layout.intended_pane_count}`],
      ['Created', layout.created_at],
      ['Updated', layout.updated_at],
    ]),
    '',
    ...renderListing(context, panes),
  ];
}
