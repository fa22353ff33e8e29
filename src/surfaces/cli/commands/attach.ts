import { refuse } from '../../../domain/errors.ts';
import type { LayoutDetailView, PaneView } from '../../api/protocol.ts';
import { type CommandContext, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { listNames, parseLayoutReference } from '../references.ts';
import { toShellWord } from '../render/shell-word.ts';
import { resolveReference } from '../resolve-reference.ts';
import { UsageError } from '../usage-error.ts';

export interface AttachOptions {
  readonly container?: string;
  readonly print?: boolean;
}

/** Shows a layout's session on this terminal, with one pane chosen if asked. */
export async function attach(
  context: CommandContext,
  reference: string,
  options: AttachOptions,
): Promise<ExitCode> {
  parseLayoutReference(reference);
  const { layout, slot } = await withDaemon(context, async (client) => {
    const { slot, ...address } = await resolveReference(client, reference, options.container);
    return { layout: await callDaemon(client, 'layout.get', address), slot };
  });
  const argv = [...layout.attach, ...(slot === undefined ? [] : selectPane(layout, slot))];
  const command = argv.map(toShellWord).join(' ');
  if (options.print === true) {
    printLines(context, [command]);
    return EXIT.done;
  }
  if (context.world.stdout.isTTY !== true) {
    throw new UsageError(`attach needs a terminal; in one of yours, run: ${command}`);
  }
  return (await context.world.execAttached(argv)) === 0 ? EXIT.done : EXIT.failed;
}

/** tmux takes further commands after a `;` of its own. */
function selectPane(layout: LayoutDetailView, slot: string): readonly string[] {
  const id = findPane(layout, slot).tmux_pane_id;
  if (id === null) {
    throw new UsageError(
      `${layout.name}/${slot} has no pane now; see why: agenttower describe layout/${layout.name}/${slot}`,
    );
  }
  return [';', 'select-window', '-t', id, ';', 'select-pane', '-t', id];
}

function findPane(layout: LayoutDetailView, slot: string): PaneView {
  const pane = layout.panes.find((pane) => pane.slot === slot || pane.label === slot);
  if (pane !== undefined) return pane;
  const known = layout.panes.map((each) => each.slot);
  const message = `layout ${layout.name} has no slot ${slot}; ${listNames(known)}`;
  throw refuse('slot_not_found', message, { layout: layout.name, slot, known });
}
