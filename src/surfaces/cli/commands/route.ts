import type { RouteView } from '../../api/agent-protocol.ts';
import { type CommandContext, printJson, printLines, terminalSize } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';
import { type Column, renderTable } from '../render/table.ts';

export interface RouteAddOptions {
  readonly eventType: string;
  readonly sourceScope: string;
  readonly sourceScopeValue?: string;
  readonly targetRule: string;
  readonly target?: string;
  readonly masterRule: string;
  readonly master?: string;
  readonly template: string;
  readonly json?: boolean;
}

interface JsonOption {
  readonly json?: boolean;
}

/** Makes a route for events that are yet to come. */
export async function addRoute(
  context: CommandContext,
  options: RouteAddOptions,
): Promise<ExitCode> {
  const route = await withDaemon(context, (client) =>
    callDaemon(client, 'routes.add', {
      event_type: options.eventType,
      source_scope_kind: options.sourceScope,
      source_scope_value: options.sourceScopeValue,
      target_rule: options.targetRule,
      target_value: options.target,
      master_rule: options.masterRule,
      master_value: options.master,
      template: options.template,
    }),
  );
  if (options.json === true) printJson(context, route);
  else printLines(context, [`route/${route.route_id} created`]);
  return EXIT.done;
}

/** Lists routes in order of creation. */
export async function listRoutes(
  context: CommandContext,
  { enabledOnly, json }: JsonOption & { readonly enabledOnly?: boolean },
): Promise<ExitCode> {
  const { routes } = await withDaemon(context, (client) =>
    callDaemon(client, 'routes.list', { enabled_only: enabledOnly }),
  );
  if (json === true) printJson(context, { routes });
  else if (routes.length === 0) printLines(context, ['no routes']);
  else {
    const { columns } = terminalSize(context);
    printLines(context, renderTable(routes, COLUMNS, { paint: context.paint, columns }));
  }
  return EXIT.done;
}

/** Shows one route, and what it has done since the daemon started. */
export async function showRoute(
  context: CommandContext,
  id: string,
  { json }: JsonOption,
): Promise<ExitCode> {
  const route = await withDaemon(context, (client) =>
    callDaemon(client, 'routes.show', { route_id: id }),
  );
  if (json === true) {
    printJson(context, route);
    return EXIT.done;
  }
  const { runtime } = route;
  const skip =
    runtime.last_skip_reason === null
      ? 'none'
      : `${runtime.last_skip_reason} at ${runtime.last_skip_at}`;
  const facts = COLUMNS.map(({ title, cell }) => `${title}: ${toPlainText(cell(route))}`);
  printLines(context, [
    ...facts,
    `TEMPLATE: ${toPlainText(route.template)}`,
    `CONSUMED: ${runtime.events_consumed} events, up to ${route.last_consumed_event_id}`,
    `LAST SKIP: ${skip}`,
  ]);
  return EXIT.done;
}

/** A command that does one thing to one route. */
export function operateOnRoute(operation: 'remove' | 'enable' | 'disable') {
  return async (context: CommandContext, id: string, { json }: JsonOption): Promise<ExitCode> => {
    const done = await withDaemon(context, (client) =>
      callDaemon(client, `routes.${operation}`, { route_id: id }),
    );
    if (json === true) printJson(context, done);
    else printLines(context, [`route/${done.route_id} ${done.operation}`]);
    return EXIT.done;
  };
}

const COLUMNS: readonly Column<RouteView>[] = [
  { title: 'ROUTE', cell: (route) => route.route_id },
  { title: 'NAME', cell: (route) => route.name ?? '' },
  { title: 'ENABLED', cell: (route) => String(route.enabled) },
  { title: 'EVENT', cell: (route) => route.event_type },
  { title: 'FROM', cell: ({ source_scope: { kind, value } }) => value ?? kind },
  { title: 'TO', cell: (route) => route.target_value ?? route.target_rule },
  { title: 'MASTER', cell: (route) => route.master_value ?? route.master_rule },
];
