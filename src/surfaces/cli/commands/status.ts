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
import { renderTable } from '../render/table.ts';
import { renderSpan } from '../render/times.ts';

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
    const { columns } = terminalSize(context);
    printLines(context, renderStatus(daemon, items, { paint, columns, now: world.now() }));
  });
  return EXIT.done;
}

/** The status page: wishes of humans, the daemon, then the layouts that are not as they should be. */
export function renderStatus(
  daemon: StatusResult,
  layouts: readonly LayoutView[],
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
