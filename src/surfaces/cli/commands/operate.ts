import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { parseLayoutReference } from '../references.ts';
import { resolveReference, resolveWholeLayout } from '../resolve-reference.ts';

export interface OperateOptions {
  readonly container?: string;
  readonly for?: number;
  readonly reason?: string;
  readonly json?: boolean;
}

interface Order {
  readonly references: readonly string[];
  readonly options: OperateOptions;
}

const DONE = { stop: 'stopped and held', start: 'started', restart: 'restarting' } as const;

/** `stop`, `start` and `restart`: a layout or one of its slots, with the hold that goes with it. */
export async function operate(
  context: CommandContext,
  verb: 'stop' | 'start' | 'restart',
  { references, options }: Order,
): Promise<ExitCode> {
  const { reason, for: for_ms } = options;
  references.forEach(parseLayoutReference);
  await withDaemon(context, async (client) => {
    for (const reference of references) {
      const { name, slot, container } = await resolveReference(
        client,
        reference,
        options.container,
      );
      const params = { name, container, slot, reason, for_ms, by: whoAsks(context) };
      const result = await callDaemon(client, `layout.${verb}`, params);
      const lines = result.slots.map((key) => `${name}/${key} ${DONE[verb]}`);
      if (options.json === true) printJson(context, result);
      else printLines(context, lines.length > 0 ? lines : [`${name} has nothing to ${verb}`]);
    }
  });
  return EXIT.done;
}

/** `suspend` and `resume`: whether the loop acts on a layout at all. */
export async function setSuspension(
  context: CommandContext,
  verb: 'suspend' | 'resume',
  { references, options }: Order,
): Promise<ExitCode> {
  const { reason } = options;
  references.forEach(parseLayoutReference);
  await withDaemon(context, async (client) => {
    for (const reference of references) {
      const { name, container } = await resolveWholeLayout(client, reference, options.container);
      const result = await callDaemon(client, `layout.${verb}`, {
        name,
        container,
        reason,
        by: whoAsks(context),
      });
      if (options.json === true) printJson(context, result);
      else printLines(context, [`layout/${name} ${verb === 'suspend' ? 'suspended' : 'resumed'}`]);
    }
  });
  return EXIT.done;
}

/** The login name, for the record of a hold; the daemon falls back on the user id. */
function whoAsks({ world: { env } }: CommandContext): string | undefined {
  const name = env['USER'] ?? env['LOGNAME'];
  return name === undefined || name === '' ? undefined : name.slice(0, 64);
}
