import type { PlanResult, SavedPlan } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines, printNote } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { explainFileFault, pruneScope, readManifests } from '../manifest-input.ts';
import { paintPlan } from '../render/plan-text.ts';
import { renderSavedPlan } from '../saved-plan.ts';
import { UsageError } from '../usage-error.ts';

export interface PlanOptions {
  readonly filename?: readonly string[];
  readonly detailedExitcode?: boolean;
  readonly out?: string;
  readonly prune?: boolean;
  readonly takeOwnership?: boolean;
  readonly allowUnknown?: boolean;
  readonly output: 'text' | 'json';
}

/** Prints what the loop would do with these files, or what it would do now when there are none. */
export async function plan(context: CommandContext, options: PlanOptions): Promise<ExitCode> {
  const files = await readManifests(context, options.filename ?? []);
  const { prune = false, takeOwnership: take_ownership = false } = options;
  const scope = pruneScope(context, options);
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'manifest.plan', { files, prune, take_ownership, scope }),
  );
  if (options.out !== undefined) {
    await savePlan(context, options.out, { plan: result, files, prune, take_ownership, scope });
  }
  if (options.output === 'json') printJson(context, result);
  else printLines(context, [paintPlan(result.text.trimEnd(), context.paint)]);
  return exitCodeFor(result, options);
}

async function savePlan(context: CommandContext, path: string, saved: SavedPlan): Promise<void> {
  try {
    await context.world.writeFile(path, renderSavedPlan(saved));
  } catch (cause) {
    throw new UsageError(`cannot write ${path}: ${explainFileFault(cause)}`, { cause });
  }
  printNote(context, `saved; carry out exactly this, once: agenttower apply ${path}`);
}

function exitCodeFor(result: PlanResult, options: PlanOptions): ExitCode {
  if (result.unknown.length > 0 && options.allowUnknown !== true) return EXIT.failed;
  const { actions, routes, layouts } = result;
  const changes = actions.length + routes.length + layouts.length;
  return options.detailedExitcode === true && changes > 0 ? EXIT.changes : EXIT.done;
}
