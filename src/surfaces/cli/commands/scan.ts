import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { scanContainers } from './containers.ts';
import { scanPanes } from './panes.ts';

/** Containers first where both are asked for, so that panes of new ones are found. */
export async function scan(
  context: CommandContext,
  {
    containers = false,
    panes = false,
    container,
    json = false,
  }: {
    readonly containers?: boolean;
    readonly panes?: boolean;
    readonly container?: string;
    readonly json?: boolean;
  },
): Promise<ExitCode> {
  if (container !== undefined && !panes) {
    throw new UsageError('--container chooses whose panes to look at; add --panes');
  }
  const first = containers || !panes ? await scanContainers(context, { json }) : EXIT.done;
  if (!panes) return first;
  const second = await scanPanes(context, { json, ...(container !== undefined && { container }) });
  return second === EXIT.done ? first : second;
}
