import type { ManifestProblem } from '../../../domain/errors.ts';
import type { SourceView } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines, printNote } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';
import { renderProblemLines } from '../render/problem-lines.ts';
import { shortRevision } from '../render/source-table.ts';
import { reportOutcome } from '../waiting/outcome.ts';
import { type WaitTarget, waitForLayouts } from '../waiting/wait-for-layouts.ts';
import type { CliClient } from '../world.ts';
import { findSource } from './get-sources.ts';
import { withoutKind } from './source.ts';

export interface SyncOptions {
  readonly wait?: boolean;
  readonly timeout: number;
  readonly confirmPrune?: number;
  readonly json?: boolean;
}

const PAUSE_MS = 50;

/** Has the source read now; with `--wait` until it is applied and its layouts are ready. */
export async function syncSource(
  context: CommandContext,
  nameText: string,
  options: SyncOptions,
): Promise<ExitCode> {
  const name = withoutKind(nameText);
  const deadline = context.world.now() + options.timeout;
  const { source, targets } = await withDaemon(context, async (client) => {
    const before = await findSource(client, name);
    const { confirmPrune: confirm_prune } = options;
    const { source } = await callDaemon(client, 'source.sync', { name, confirm_prune });
    if (options.wait !== true) return { source, targets: [] };
    const read = await untilRead(context, client, { before, after: source, deadline });
    return { source: read, targets: await targetsOf(client, name) };
  });
  const exitCode = await reportSource(context, source, options);
  if (options.wait !== true || exitCode !== EXIT.done) return exitCode;
  const timeoutMs = Math.max(0, deadline - context.world.now());
  const isSilent = options.json === true;
  const outcome = await waitForLayouts(context, targets, { goal: 'ready', timeoutMs, isSilent });
  return reportOutcome(context, outcome, options.timeout);
}

interface Reading {
  readonly before: SourceView;
  readonly after: SourceView;
  readonly deadline: number;
}

/** Looks until the source was checked after we asked, or time is up. */
async function untilRead(
  context: CommandContext,
  client: CliClient,
  reading: Reading,
): Promise<SourceView> {
  let { after } = reading;
  while (after.last_checked_at === reading.before.last_checked_at) {
    if (context.interrupted.aborted || context.world.now() >= reading.deadline) return after;
    await context.world.sleep(PAUSE_MS, context.interrupted);
    after = await findSource(client, reading.before.name);
  }
  return after;
}

async function targetsOf(client: CliClient, source: string): Promise<readonly WaitTarget[]> {
  const { items } = await callDaemon(client, 'layout.list', {});
  return items
    .filter((layout) => layout.source.name === source && !layout.deleting)
    .map(({ name, container, generation }) => ({ name, container, generation }));
}

async function reportSource(
  context: CommandContext,
  source: SourceView,
  options: SyncOptions,
): Promise<ExitCode> {
  if (options.json === true) printJson(context, { source });
  const waited = options.wait === true;
  if (waited && source.last_error !== null) {
    if (options.json !== true) await printError(context, source);
    return source.problems.length > 0 ? EXIT.usage : EXIT.failed;
  }
  if (options.json !== true) printLines(context, [renderSynced(source, waited)]);
  if (!waited || source.prune_blocked === null) return EXIT.done;
  printNote(context, `error: ${toPlainText(source.prune_blocked)}`);
  return EXIT.refused;
}

async function printError(context: CommandContext, source: SourceView): Promise<void> {
  printNote(context, `error: source/${source.name}: ${toPlainText(source.last_error ?? '')}`);
  const problems = source.problems as readonly ManifestProblem[];
  for (const line of await renderProblemLines(problems, context.world.cwd))
    printNote(context, line);
}

function renderSynced(source: SourceView, waited: boolean): string {
  if (!waited) return `source/${source.name} is being read`;
  const revision = shortRevision(source.applied_revision);
  return `source/${source.name} synced${revision === '' ? '' : ` at ${revision}`}`;
}
