import { refuse } from '../../../domain/errors.ts';
import type { LayoutView } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type LayoutReference, listNames, parseLayoutReference } from '../references.ts';
import { resolveWholeLayout } from '../resolve-reference.ts';
import { reportOutcome } from '../waiting/outcome.ts';
import type { Goal } from '../waiting/verdict.ts';
import { type WaitTarget, waitForLayouts } from '../waiting/wait-for-layouts.ts';

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
  const { wanted, items } = await withDaemon(context, async (client) => ({
    wanted: await Promise.all(
      references.map((text) => resolveWholeLayout(client, text, options.container)),
    ),
    items: (await callDaemon(client, 'layout.list', {})).items,
  }));
  const targets = wanted.flatMap((address) => pin(address, items, options.for));
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
function pin(
  { name, container }: Omit<LayoutReference, 'slot'>,
  layouts: readonly LayoutView[],
  goal: Goal,
): readonly WaitTarget[] {
  const found = layouts.filter(
    (layout) => layout.name === name && (container === undefined || layout.container === container),
  );
  if (found.length === 0 && goal !== 'absent') {
    const known = layouts.map((layout) => layout.name);
    const message = `there is no layout ${name} to wait for; ${listNames(known)}`;
    throw refuse('layout_not_found', message, { name, known });
  }
  return found.map(({ container, generation }) => ({ name, container, generation }));
}
