import type { AgentId, PaneId } from '../domain/ids.ts';
import type { LayoutRecord, PaneRecord } from '../domain/records.ts';
import { replaceHash, type SlotSpec } from '../domain/spec.ts';
import type { FenceStep, ProcessSpec } from '../domain/tmux-ops.ts';
import type { SlotRef } from '../plan/action.ts';
import type { NewPane } from './ports.ts';
import type { StepContext } from './step.ts';

/** Everything a start needs, decided before anything is written or sent. */
export interface Start {
  readonly id: PaneId;
  readonly spec: SlotSpec;
  readonly title: string;
  readonly fence: FenceStep;
  readonly process: ProcessSpec;
  /** Order of the slot within its layout, from 0. */
  readonly position: number;
  /** The row as it was, when an earlier intention is carried out. */
  readonly resumed: PaneRecord | undefined;
  readonly row: NewPane;
  /** Why it cannot be started at all. */
  readonly problem?: string;
}

export interface Ancestry {
  readonly resume?: PaneRecord | undefined;
  readonly replaces?: PaneId | undefined;
}

/** The next incarnation of a slot, or the one whose earlier intention is carried out. Makes its log file. */
export function prepareStart(
  at: SlotRef,
  layout: LayoutRecord,
  { resume, replaces }: Ancestry,
  context: StepContext,
): Start {
  const { slot } = at;
  const spec = resume?.spec ?? slot.spec;
  const id = resume?.id ?? (context.ids.uuid() as PaneId);
  const agentId = resume?.agentId ?? context.ids.agentId();
  const markerToken = resume?.markerToken ?? context.ids.uuid();
  const log = prepareLog(spec, agentId, context);
  return {
    id,
    spec,
    title: `@MANAGED:${markerToken}:${spec.label}`,
    fence: { slot: slot.id, expect: fenceValue(at, context), next: id },
    process: toProcess(spec, log.logPath),
    position: layout.slots.findIndex(({ id: known }) => known === slot.id),
    resumed: resume,
    row: {
      id,
      slot: slot.id,
      spec,
      replaceHash: replaceHash(spec),
      session: layout.spec.session,
      markerToken,
      agentId,
      ...(replaces && { replacesPaneId: replaces }),
      ...log,
    },
    ...directoryProblem(spec, context),
  };
}

function directoryProblem(
  { workingDir }: SlotSpec,
  { container, directories }: StepContext,
): { readonly problem?: string } {
  const problem =
    workingDir === undefined ? undefined : directories?.problem(container, workingDir);
  return problem === undefined ? {} : { problem };
}

function prepareLog(
  spec: SlotSpec,
  agent: AgentId,
  { container, logs }: StepContext,
): { readonly logPath?: string; readonly problem?: string } {
  if (!spec.log) return {};
  const log = logs.prepare(container, agent);
  return 'path' in log ? { logPath: log.path } : { problem: log.problem };
}

function toProcess(spec: SlotSpec, logFile: string | undefined): ProcessSpec {
  const { command: argv, env, workingDir } = spec;
  return { argv, env, ...(workingDir && { workingDir }), ...(logFile && { logFile }) };
}

/** What the fence is believed to be; wrong beliefs are refused by tmux and corrected by its answer. */
function fenceValue({ slot }: SlotRef, { epoch }: StepContext): string {
  return slot.fence?.epoch === epoch ? slot.fence.value : '';
}
