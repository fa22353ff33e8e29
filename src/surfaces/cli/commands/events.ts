import type { LogEventPage, LogEventView } from '../../api/log-protocol.ts';
import { type CommandContext, printLines, printNote } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { LogEventFilter } from '../log-calls.ts';
import { toAgentTarget } from '../references.ts';
import { toPlainText } from '../render/plain-text.ts';
import { UsageError } from '../usage-error.ts';
import type { CliClient } from '../world.ts';

export interface EventsOptions {
  readonly target?: string;
  readonly type?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly reverse?: boolean;
  readonly follow?: boolean;
  readonly classifierRules?: boolean;
  readonly json?: boolean;
}

const MAX_LIMIT = 50;
const ANSWER_SLACK_MS = 40_000;

/** Lists what agents' logs told, or prints it as it comes. */
export async function events(context: CommandContext, options: EventsOptions): Promise<ExitCode> {
  checkOptions(options);
  return await withDaemon(context, async (client) => {
    if (options.classifierRules === true) await printRules(context, client);
    else if (options.follow === true) await follow(context, client, options);
    else await list(context, client, options);
    return EXIT.done;
  });
}

function checkOptions({ follow, limit, cursor, reverse }: EventsOptions): void {
  if (limit !== undefined && (limit < 1 || limit > MAX_LIMIT)) {
    throw new UsageError(`--limit is from 1 to ${MAX_LIMIT}; go on with --cursor`);
  }
  if (follow === true && (limit ?? cursor ?? reverse) !== undefined) {
    throw new UsageError(
      '--follow prints whatever comes: leave out --limit, --cursor and --reverse',
    );
  }
}

async function list(
  context: CommandContext,
  client: CliClient,
  options: EventsOptions,
): Promise<void> {
  const { limit, cursor, reverse = false, json = false } = options;
  // `reverse` is always said: by it the daemon knows which of two kinds of clients asks.
  const params = { ...toFilter(options), limit, cursor, reverse };
  const page = await client.call<LogEventPage>('events.list', params);
  printEvents(context, page.events, { json });
  if (page.next_cursor === null) return;
  const { next_cursor } = page;
  if (json) printLines(context, [JSON.stringify({ next_cursor })]);
  else printNote(context, `more: --cursor ${next_cursor}`);
}

async function follow(
  context: CommandContext,
  client: CliClient,
  options: EventsOptions,
): Promise<void> {
  const { json = false } = options;
  const opened = await callDaemon(client, 'events.follow_open', toFilter(options));
  printEvents(context, opened.backlog_events, { json });
  const params = { session_id: opened.session_id };
  const { interrupted } = context;
  const interruption = new Promise<undefined>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  while (!interrupted.aborted) {
    const asked = client.call<{ readonly events: readonly LogEventView[] }>(
      'events.follow_next',
      params,
      { timeoutMs: ANSWER_SLACK_MS },
    );
    const next = await Promise.race([asked, interruption]);
    if (next === undefined) asked.catch(() => undefined);
    else printEvents(context, next.events, { json });
  }
}

async function printRules(context: CommandContext, client: CliClient): Promise<void> {
  const { rules, synthetic_rule_ids } = await callDaemon(client, 'events.classifier_rules', {});
  printLines(context, [
    ...rules.map(({ priority, rule_id, event_type }) => `${priority}\t${rule_id}\t${event_type}`),
    ...synthetic_rule_ids.map((id) => `-\t${id}\t${id.split('.')[0]}`),
  ]);
}

function toFilter({ target, type, since, until }: EventsOptions): LogEventFilter {
  return {
    target: target === undefined ? undefined : toAgentTarget(target),
    types: type,
    since,
    until,
  };
}

function printEvents(
  context: CommandContext,
  events: readonly LogEventView[],
  { json }: { readonly json: boolean },
): void {
  printLines(
    context,
    events.map((event) => (json ? JSON.stringify(event) : toLine(event))),
  );
}

/** Tab-separated: id, time, type, agent, what it said. */
function toLine({ event_id, observed_at, event_type, agent_id, excerpt }: LogEventView): string {
  return [String(event_id), observed_at, event_type, agent_id ?? '-', toPlainText(excerpt)].join(
    '\t',
  );
}
