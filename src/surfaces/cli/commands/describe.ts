import { type ManifestProblem, refuse } from '../../../domain/errors.ts';
import type { SourceView } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines, terminalSize } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { listNames, parseLayoutReference } from '../references.ts';
import type { DescribeLook } from '../render/describe-layout.ts';
import { resolveReference } from '../resolve-reference.ts';
import { findSource } from './get-sources.ts';

export interface DescribeOptions {
  readonly container?: string;
  readonly output: 'text' | 'json';
}

/** Tells everything known of one layout, slot, source or agent. */
export async function describe(
  context: CommandContext,
  reference: string,
  options: DescribeOptions,
): Promise<ExitCode> {
  const agent = /^agents?\/(.+)$/.exec(reference)?.[1];
  if (agent !== undefined) {
    const { describeAgent } = await import('./describe-agent.ts');
    await describeAgent(context, agent, options);
    return EXIT.done;
  }
  const source = /^sources?\/(.+)$/.exec(reference)?.[1];
  if (source === undefined) await describeLayout(context, reference, options);
  else await describeSource(context, source, options);
  return EXIT.done;
}

async function describeLayout(
  context: CommandContext,
  reference: string,
  options: DescribeOptions,
): Promise<void> {
  parseLayoutReference(reference);
  const { layout, slot } = await withDaemon(context, async (client) => {
    const { slot, ...address } = await resolveReference(client, reference, options.container);
    return { layout: await callDaemon(client, 'layout.get', address), slot };
  });
  const { name } = layout;
  const pane = layout.panes.find((each) => each.slot === slot || each.label === slot);
  if (slot !== undefined && pane === undefined) {
    const known = layout.panes.map((each) => each.slot);
    throw refuse('slot_not_found', `layout ${name} has no slot ${slot}; ${listNames(known)}`, {
      layout: name,
      slot,
      known,
    });
  }
  if (options.output === 'json') {
    printJson(context, pane ?? layout);
    return;
  }
  const look = lookOf(context);
  if (pane === undefined) {
    const { renderLayout } = await import('../render/describe-layout.ts');
    printLines(context, renderLayout(layout, look));
  } else {
    const { renderPane } = await import('../render/describe-pane.ts');
    printLines(context, renderPane(layout, pane, look));
  }
}

async function describeSource(
  context: CommandContext,
  name: string,
  options: DescribeOptions,
): Promise<void> {
  const source = await withDaemon(context, (client) => findSource(client, name));
  if (options.output === 'json') {
    printJson(context, source);
    return;
  }
  const { renderSource } = await import('../render/describe-source.ts');
  printLines(context, renderSource(source, lookOf(context)));
  printLines(context, await renderSourceProblems(source, context.world.cwd));
}

async function renderSourceProblems(source: SourceView, cwd: string): Promise<readonly string[]> {
  const problems = source.problems as readonly ManifestProblem[];
  if (problems.length === 0) return [];
  const { renderProblemLines } = await import('../render/problem-lines.ts');
  return ['', ...(await renderProblemLines(problems, cwd))];
}

function lookOf(context: CommandContext): DescribeLook {
  const { columns } = terminalSize(context);
  return { paint: context.paint, columns, now: context.world.now() };
}
