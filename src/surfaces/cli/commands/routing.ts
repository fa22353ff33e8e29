import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

interface RoutingOptions {
  readonly json?: boolean;
}

/** A command that moves the switch. */
export function switchRouting(operation: 'enable' | 'disable') {
  return async (context: CommandContext, { json }: RoutingOptions): Promise<ExitCode> => {
    const change = await withDaemon(context, (client) =>
      callDaemon(client, `routing.${operation}`, {}),
    );
    if (json === true) printJson(context, change);
    else {
      const already = change.changed ? '' : ' already';
      printLines(context, [`routing is ${change.current_value}${already}`]);
    }
    return EXIT.done;
  };
}

/** Tells how the switch stands, since when, and by whom. */
export async function showRouting(
  context: CommandContext,
  { json }: RoutingOptions,
): Promise<ExitCode> {
  const status = await withDaemon(context, (client) => callDaemon(client, 'routing.status', {}));
  const { value, last_updated_at: at, last_updated_by: by } = status;
  if (json === true) printJson(context, status);
  else printLines(context, [`routing is ${value} since ${at}, by ${by}`]);
  return EXIT.done;
}
