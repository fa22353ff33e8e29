import type { MessageView, SentView } from '../../api/agent-protocol.ts';
import { callerPane } from '../caller-pane.ts';
import { type CommandContext, printJson, printLines, printNote, terminalSize } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { messageColumns, messageLine } from '../render/message-table.ts';
import { renderTable } from '../render/table.ts';
import { UsageError } from '../usage-error.ts';

export interface SendOptions {
  readonly target: string;
  readonly message?: string;
  readonly messageFile?: string;
  readonly wait: boolean;
  /** Milliseconds. */
  readonly waitTimeout: number;
  readonly operator?: boolean;
  readonly raw?: boolean;
  readonly json?: boolean;
}

export interface QueueListOptions {
  readonly state?: string;
  readonly target?: string;
  readonly sender?: string;
  readonly since?: string;
  readonly origin?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

const ANSWER_SLACK_MS = 10_000;

/** Sends a prompt to an agent and tells what became of it. */
export async function sendInput(context: CommandContext, options: SendOptions): Promise<ExitCode> {
  const body = await readBody(context, options);
  const { target, wait, waitTimeout, operator = false, raw = false } = options;
  const key = operator ? undefined : callerPane(context.world);
  const params = {
    target,
    body_bytes: Buffer.from(body).toString('base64'),
    wait,
    wait_timeout_seconds: waitTimeout / 1_000,
    ...(operator && { as_operator: true }),
    ...(raw && { raw: true }),
    ...(key !== undefined && { caller_pane: { pane_composite_key: key } }),
  };
  const sent = await withDaemon(context, (client) =>
    client.call<SentView>('queue.send_input', params, { timeoutMs: waitTimeout + ANSWER_SLACK_MS }),
  );
  if (options.json === true) printJson(context, sent);
  else printLines(context, [messageLine(sent)]);
  return exitCodeFor(context, sent, options);
}

/** Lists messages, the oldest first. */
export async function listQueue(
  context: CommandContext,
  { json, ...filter }: QueueListOptions,
): Promise<ExitCode> {
  const { rows } = await withDaemon(context, (client) => callDaemon(client, 'queue.list', filter));
  if (json === true) {
    printJson(context, { rows });
  } else if (rows.length === 0) {
    printLines(context, ['no messages']);
  } else {
    const { columns } = terminalSize(context);
    const look = { paint: context.paint, columns };
    printLines(context, renderTable(rows, messageColumns(context.world.now()), look));
  }
  return EXIT.done;
}

type Operation = 'approve' | 'delay' | 'cancel';

/** A command that does one thing to one message. */
export function operateOn(operation: Operation) {
  return async (
    context: CommandContext,
    id: string,
    { json }: { readonly json?: boolean },
  ): Promise<ExitCode> => {
    const message = await withDaemon(context, (client) =>
      callDaemon(client, `queue.${operation}`, { message_id: id }),
    );
    if (json === true) printJson(context, message);
    else printLines(context, [messageLine(message)]);
    return EXIT.done;
  };
}

async function readBody({ world }: CommandContext, options: SendOptions): Promise<string> {
  const { message, messageFile } = options;
  if ((message === undefined) === (messageFile === undefined)) {
    throw new UsageError(
      'give the prompt with --message TEXT or with --message-file PATH, not both',
    );
  }
  if (message !== undefined) return message;
  if (messageFile === '-') return await world.stdin();
  const [file] = await world.readFiles(messageFile ?? '');
  return file?.text ?? '';
}

function exitCodeFor(context: CommandContext, sent: SentView, { wait }: SendOptions): ExitCode {
  if (sent.state === 'blocked') return EXIT.refused;
  if (sent.state === 'failed' || sent.state === 'canceled') return EXIT.failed;
  if (wait && !sent.waited_to_terminal) return EXIT.timedOut;
  warnUnlessCertain(context, sent);
  return EXIT.done;
}

function warnUnlessCertain(context: CommandContext, { submission }: MessageView): void {
  if (submission !== 'uncertain') return;
  printNote(
    context,
    'the prompt was pasted and Enter was pressed once, but the screen does not tell whether it was taken; look before you send it again',
  );
}
