import { refuse } from '../../../domain/errors.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type LayoutReference, listNames, parseLayoutReference } from '../references.ts';
import { resolveWholeLayout } from '../resolve-reference.ts';
import { reportOutcome } from '../waiting/outcome.ts';
import type { Goal } from '../waiting/verdict.ts';
import { type WaitTarget, waitForLayouts } from '../waiting/wait-for-layouts.ts';
import type { CliClient } from '../world.ts';

export interface WaitCommandOptions {
  readonly for: Goal;
  readonly timeout: number;
  readonly container?: string;
  readonly json?: boolean;
}

/** Waits until the layouts are what is asked for. */
export async function wait(
  context: CommandContext,
  references: readonly string[],
  options: WaitCommandOptions,
): Promise<ExitCode> {
  references.forEach(parseLayoutReference);
  const { wanted, targets } = await withDaemon(context, async (client) => {
    const wanted = await Promise.all(
      references.map((text) => resolveWholeLayout(client, text, options.container)),
    );
    const pinned = await Promise.all(wanted.map((address) => pin(client, address, options.for)));
    return { wanted, targets: pinned.flat() };
  });
  const outcome = await waitForLayouts(context, targets, {
    goal: options.for,
    timeoutMs: options.timeout,
    isSilent: options.json === true,
  });
  if (options.json === true) {
    const { kind, reasons, layouts } = outcome;
    printJson(context, { wait: { outcome: kind, reasons }, layouts });
  } else if (outcome.kind === 'reached') {
    printLines(
      context,
      wanted.map(({ name }) => `layout/${name} is ${options.for}`),
    );
  }
  return reportOutcome(context, outcome, options.timeout);
}

/** Pins a name to the generation it has now; a name in several containers waits for all of them. */
async function pin(
  client: CliClient,
  { name, container }: Omit<LayoutReference, 'slot'>,
  goal: Goal,
): Promise<readonly WaitTarget[]> {
  // What the container is called by, only the daemon knows.
  const { items } = await callDaemon(client, 'layout.list', { name, container });
  const found = items.filter((layout) => layout.name === name);
  if (found.length === 0 && goal !== 'absent') {
    const known = (await callDaemon(client, 'layout.list', {})).items.map((layout) => layout.name);
    const where =
      container !== undefined && known.includes(name) ? ` in container ${container}` : '';
    const message = `there is no layout ${name}${where} to wait for; ${listNames(known)}`;
    throw refuse('layout_not_found', message, { name, known });
  }
  return found.map(({ container, generation }) => ({ name, container, generation }));
}
