import type { LogPieceView } from '../../api/log-protocol.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toAgentTarget } from '../references.ts';
import { toPlainText } from '../render/plain-text.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  readonly raw?: boolean;
  readonly tail: number;
}

export interface AttachLogOptions {
  readonly target: string;
  readonly log?: string;
  readonly status?: boolean;
  readonly preview?: number;
  readonly json?: boolean;
}

/** Prints the end of an agent's log and, if asked, whatever follows, until Ctrl-C. */
export async function showLogs(
  context: CommandContext,
  reference: string,
  { follow = false, raw = false, tail }: LogsOptions,
): Promise<ExitCode> {
  const target = toAgentTarget(reference);
  const { stdout } = context.world;
  const print = (piece: unknown): void => {
    const view = piece as LogPieceView;
    if ('raw' in view) stdout.write(Buffer.from(view.raw, 'base64'));
    else printLines(context, view.lines);
  };
  await withDaemon(context, (client) =>
    client.stream('log.stream', { target, tail, raw, follow }, print, context.interrupted),
  );
  return EXIT.done;
}

/** Attaches a log, or says how the one there is stands. */
export async function attachLog(
  context: CommandContext,
  { target, log, status = false, preview, json = false }: AttachLogOptions,
): Promise<ExitCode> {
  const agent_id = toAgentTarget(target);
  return await withDaemon(context, async (client) => {
    if (status) {
      const view = await callDaemon(client, 'attach_log_status', { agent_id });
      report(context, view, { json });
      return view.attachment === null ? EXIT.failed : EXIT.done;
    }
    if (preview !== undefined) {
      const { lines } = await callDaemon(client, 'attach_log_preview', {
        agent_id,
        lines: preview,
      });
      if (json) printJson(context, { lines });
      else printLines(context, lines.map(toPlainText));
      return EXIT.done;
    }
    report(context, await callDaemon(client, 'attach_log', { agent_id, log_path: log }), { json });
    return EXIT.done;
  });
}

/** Ends the copying of a pane. */
export async function detachLog(
  context: CommandContext,
  { target, json = false }: Pick<AttachLogOptions, 'target' | 'json'>,
): Promise<ExitCode> {
  const agent_id = toAgentTarget(target);
  const view = await withDaemon(context, (client) =>
    callDaemon(client, 'detach_log', { agent_id }),
  );
  report(context, view, { json });
  return EXIT.done;
}

/** One `key⇥value` line each, or one JSON object. */
function report(context: CommandContext, view: object, { json }: { readonly json: boolean }): void {
  if (json) {
    printJson(context, view);
    return;
  }
  const lines = Object.entries(view).flatMap(([key, value]) => flatten(key, value));
  printLines(
    context,
    lines.map(([key, value]) => `${key}\t${toPlainText(value)}`),
  );
}

function flatten(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === null) return [[key, '-']];
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([inner, each]) => flatten(inner, each));
  }
  return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
}
