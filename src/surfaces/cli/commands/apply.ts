import type { AppliedObject } from '../../../declare/applied-objects.ts';
import type { ApplyResult, PlanResult } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines, printNote } from '../context.ts';
import { type ApplyParams, callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { pruneScope, readManifests } from '../manifest-input.ts';
import { renderObjects } from '../render/object-lines.ts';
import { paintPlan } from '../render/plan-text.ts';
import { parseSavedPlan } from '../saved-plan.ts';
import { UsageError } from '../usage-error.ts';
import { reportOutcome } from '../waiting/outcome.ts';
import { type WaitTarget, waitForLayouts } from '../waiting/wait-for-layouts.ts';

export interface ApplyOptions {
  readonly filename?: readonly string[];
  readonly wait?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly confirmPrune?: number;
  readonly takeOwnership?: boolean;
  readonly output: 'text' | 'json';
}

type Applied = ApplyResult & { readonly plan?: PlanResult };

/** Stores the declarations (or a saved plan), says per object what became of it, and waits if asked. */
export async function apply(
  context: CommandContext,
  planFile: string | undefined,
  options: ApplyOptions,
): Promise<ExitCode> {
  const params = await readParams(context, planFile, options);
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'manifest.apply', params),
  );
  const waits = options.wait === true && options.dryRun !== true;
  if (options.output === 'text') printResult(context, result, options);
  if (!waits) {
    if (options.output === 'json') printJson(context, result);
    return EXIT.done;
  }
  return await waitForApplied(context, result, options);
}

async function readParams(
  context: CommandContext,
  planFile: string | undefined,
  options: ApplyOptions,
): Promise<ApplyParams | { readonly plan: ReturnType<typeof parseSavedPlan> }> {
  const paths = options.filename ?? [];
  if ((planFile === undefined) === (paths.length === 0)) {
    throw new UsageError('name what to apply: either -f PATH… or one FILE.plan');
  }
  if (planFile !== undefined) {
    refuseWithPlan(options);
    const [file] = await readManifests(context, [planFile]);
    return { plan: parseSavedPlan(planFile, file?.text ?? '') };
  }
  return {
    files: await readManifests(context, paths),
    prune: options.prune,
    scope: pruneScope(context, options),
    dry_run: options.dryRun,
    take_ownership: options.takeOwnership,
    confirm_prune: options.confirmPrune,
  };
}

/** A saved plan is carried out as it was saved: an option that was ignored would be taken for one that was heeded. */
function refuseWithPlan(options: ApplyOptions): void {
  const given = [
    ...(options.dryRun === true ? ['--dry-run'] : []),
    ...(options.prune === true ? ['--prune'] : []),
    ...(options.confirmPrune === undefined ? [] : ['--confirm-prune']),
    ...(options.takeOwnership === true ? ['--take-ownership'] : []),
  ];
  if (given.length === 0) return;
  throw new UsageError(
    `${given.join(' and ')} cannot be combined with a saved plan, which is carried out as it is; give it to plan --out, or apply the manifests with -f`,
  );
}

function printResult(context: CommandContext, result: Applied, options: ApplyOptions): void {
  const isDryRun = options.dryRun === true;
  if (result.objects.length === 0) printNote(context, 'these files declare nothing');
  printLines(context, renderObjects(result.objects, { paint: context.paint, isDryRun }));
  if (result.plan !== undefined) {
    printLines(context, ['', paintPlan(result.plan.text.trimEnd(), context.paint)]);
  }
  if (isDryRun || options.wait === true) return;
  printLines(context, renderAttachHint(context, result.objects));
}

async function waitForApplied(
  context: CommandContext,
  result: Applied,
  options: ApplyOptions,
): Promise<ExitCode> {
  const outcome = await waitForLayouts(context, targetsOf(result.objects), {
    goal: 'ready',
    timeoutMs: options.timeout,
    isSilent: options.output === 'json',
  });
  if (options.output === 'json') {
    const { kind, reasons, layouts } = outcome;
    printJson(context, { ...result, wait: { outcome: kind, reasons }, layouts });
  } else if (outcome.kind === 'reached') {
    printLines(context, renderAttachHint(context, result.objects));
  }
  return reportOutcome(context, outcome, options.timeout);
}

/** Layouts that are there after this apply, each pinned to the declaration it has now. */
function targetsOf(objects: readonly AppliedObject[]): readonly WaitTarget[] {
  return livingLayouts(objects).map(({ name, container, generation = 0 }) => ({
    name,
    container,
    generation,
  }));
}

function renderAttachHint(
  context: CommandContext,
  objects: readonly AppliedObject[],
): readonly string[] {
  const [first] = livingLayouts(objects);
  if (first === undefined || context.world.stdout.isTTY !== true) return [];
  return [context.paint(`look inside: agenttower attach ${first.name}`, 'faint')];
}

function livingLayouts(objects: readonly AppliedObject[]): readonly AppliedObject[] {
  return objects.filter(
    ({ kind, container, action }) =>
      kind === 'Layout' &&
      container !== undefined &&
      action !== 'pruned' &&
      action !== 'deleted' &&
      action !== 'not found',
  );
}
