import type { LayoutView, StatusResult } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines, terminalSize } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { isConditionTrue, layoutStatus } from '../render/conditions.ts';
import {
  type DescribeLook,
  renderFields,
  renderSection,
  renderWishes,
} from '../render/describe-layout.ts';
import { layoutColumns } from '../render/layout-table.ts';
import { toPlainText } from '../render/plain-text.ts';
import { renderTable } from '../render/table.ts';
import { renderSpan } from '../render/times.ts';
import type { CliClient } from '../world.ts';

/** How the daemon and its layouts are, with everything a human put aside on top. */
export async function status(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const { world, paint } = context;
  await withDaemon(context, async (client) => {
    const daemon = await callDaemon(client, 'status', {});
    if (options.json === true) {
      printJson(context, daemon);
      return;
    }
    const { items } = await callDaemon(client, 'layout.list', {});
    const troubles = await findTroubles(client, daemon);
    const { columns } = terminalSize(context);
    const look = { paint, columns, now: world.now() };
    printLines(context, renderStatus({ daemon, layouts: items, troubles }, look));
  });
  return EXIT.done;
}

/** Sources that are not followed as they should be, and places where nothing is repaired now, a line each. */
async function findTroubles(
  client: CliClient,
  { caller, left_out: leftOut }: StatusResult,
): Promise<readonly string[]> {
  // Of other places and of sources nothing is said inside a container.
  if (caller.kind !== 'host') return [];
  const containers = (await callDaemon(client, 'container.list', {})).items;
  const sources = (await callDaemon(client, 'source.list', {})).items;
  const blind = containers.filter(({ layouts, observed }) => layouts > 0 && !observed);
  return [
    ...leftOut.map(({ container, message }) => `container ${container}: ${message}`),
    ...blind.map(({ name, message, state }) => `container ${name}: ${message || state}`),
    ...sources.flatMap(({ name, last_error, prune_blocked }) => {
      const problem = last_error ?? prune_blocked;
      return problem === null ? [] : [`source ${name}: ${problem}`];
    }),
  ].map(toPlainText);
}

export interface StatusPage {
  readonly daemon: StatusResult;
  readonly layouts: readonly LayoutView[];
  readonly troubles: readonly string[];
}

/** The status page: wishes of humans, the daemon, then what is not as it should be. */
export function renderStatus(
  { daemon, layouts, troubles }: StatusPage,
  look: DescribeLook,
): readonly string[] {
  const ready = layouts.filter((layout) => isConditionTrue(layout, 'Ready'));
  const troubled = layouts.filter((layout) => !ready.includes(layout) || isAbnormal(layout));
  const columns = layoutColumns({ wide: false, now: look.now });
  return [
    ...layouts.flatMap((layout) => renderWishes(layout, look)),
    ...renderFields([
      [
        'Daemon',
        `${look.paint('running', 'good')}, pid ${daemon.pid}, for ${renderSpan(daemon.uptime_seconds * 1_000)}`,
      ],
      ['Version', `${daemon.daemon_version} (schema ${daemon.schema_version})`],
      ['Socket', daemon.socket_path],
      ['State', daemon.state_path],
      ['Layouts', `${layouts.length}, ${ready.length} ready`],
      ['Panes', String(daemon.panes)],
      ['Logs', renderLogs(daemon)],
      ...renderRouting(daemon),
    ]),
    ...renderSection('Trouble', troubles, look),
    ...renderSection(
      'Not as they should be',
      troubled.length === 0 ? [] : renderTable(troubled, columns, look),
      look,
    ),
  ];
}

function renderLogs({ events_reader: reader, events_persistence }: StatusResult): string {
  const failing = reader.attachments_in_failure.length;
  const troubles = [
    ...(failing > 0 ? [`${failing} cannot be read`] : []),
    ...(events_persistence.degraded_sqlite ? ['what they tell cannot be stored'] : []),
    ...(events_persistence.degraded_jsonl ? ['events.jsonl cannot be written'] : []),
  ];
  return [`${reader.active_attachments} attached`, ...troubles].join(', ');
}

function renderRouting({ routing }: StatusResult): readonly (readonly [string, string])[] {
  if (routing === null) return [];
  const { value, last_updated_at: at, last_updated_by: by } = routing;
  const since = value === 'enabled' ? '' : `, since ${at} by ${by}`;
  const worker = routing.routing_worker_degraded ? ', their worker fails' : '';
  return [
    ['Routing', `${value}${since}`],
    ['Routes', `${routing.routes_total}, ${routing.routes_enabled} enabled${worker}`],
  ];
}

function isAbnormal(layout: LayoutView): boolean {
  const word = layoutStatus(layout);
  return word !== 'Ready' && word !== 'Completed';
}
