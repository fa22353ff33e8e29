import type { LayoutView } from '../../api/protocol.ts';
import { type CommandContext, printLines } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { buildProgram } from '../program/build-program.ts';
import { type Candidates, findCandidates } from '../program/candidates.ts';
import { toPlainText } from '../render/plain-text.ts';
import type { CliClient } from '../world.ts';

/** A shell waits for this with a finger on the tab key. */
const PATIENCE_MS = 300;

/** Prints what may stand at the cursor, one candidate a line. Says nothing about anything that goes wrong. */
export async function complete(
  context: CommandContext,
  words: readonly string[],
): Promise<ExitCode> {
  const current = words.at(-1) ?? '';
  const { command } = await buildProgram(context);
  const candidates = findCandidates(command, words);
  const names = await fetchNames(context, candidates.live, current).catch(() => []);
  const fitting = [...candidates.words, ...names].filter((word) => word.startsWith(current));
  printLines(context, fitting.map(toPlainText));
  return EXIT.done;
}

async function fetchNames(
  context: CommandContext,
  live: Candidates['live'],
  current: string,
): Promise<readonly string[]> {
  if (live === undefined) return [];
  const { world } = context;
  const client = await world.connect({ socketPath: world.paths.socket, timeoutMs: PATIENCE_MS });
  try {
    return await namesOf(client, live, current);
  } finally {
    client.close();
  }
}

async function namesOf(
  client: CliClient,
  live: NonNullable<Candidates['live']>,
  current: string,
): Promise<readonly string[]> {
  if (live === 'sources') return await sourceNames(client);
  const layouts = (await callDaemon(client, 'layout.list', {})).items;
  const prefix = live === 'objects' || current.startsWith('layout/') ? 'layout/' : '';
  const names = layouts.map(({ name }) => prefix + name);
  const slots = live === 'layouts' ? [] : slotNames(layouts, current, prefix);
  const sources = live === 'objects' ? await sourceNames(client) : [];
  return [...names, ...slots, ...sources.map((name) => `source/${name}`)];
}

/** Slots are offered once a layout is written out: before that they would hide the layouts. */
function slotNames(
  layouts: readonly LayoutView[],
  current: string,
  prefix: string,
): readonly string[] {
  return layouts
    .filter(({ name }) => current.startsWith(`${prefix}${name}/`))
    .flatMap(({ name, panes }) => panes.map(({ slot }) => `${prefix}${name}/${slot}`));
}

async function sourceNames(client: CliClient): Promise<readonly string[]> {
  return (await callDaemon(client, 'source.list', {})).items.map(({ name }) => name);
}
