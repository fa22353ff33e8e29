import { redactEnv, type StoredEvent } from '../../domain/events.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Hold, LayoutRecord, PaneRecord, SlotRecord } from '../../domain/records.ts';
import type { LayoutSpec } from '../../domain/spec.ts';
import { isLive } from '../../domain/states.ts';
import type { Condition } from '../../domain/status.ts';
import { toTimestamp } from '../../lib/clock.ts';
import { slotStatus } from '../../plan/slot-status.ts';
import { awaitsUpdate } from '../../plan/slot-view.ts';
import type { ConditionView, EventView, HoldView, LayoutView, PaneView } from './protocol.ts';

/** Records as the wire shows them: snake_case, `null` for what is not there, RFC 3339 times. */

interface Moment {
  readonly now: number;
  readonly policy: Policy;
}

export function toLayoutView(layout: LayoutRecord, moment: Moment): LayoutView {
  const { spec, source } = layout;
  const panes = layout.slots.map((slot) => ({
    ...toPaneView(slot, moment),
    update_pending: awaitsUpdate(layout, slot),
  }));
  const wanted = layout.slots.filter(({ declared }) => declared);
  return {
    name: spec.name,
    layout_id: layout.id,
    container: layout.container,
    session: spec.session,
    labels: spec.labels,
    source: {
      kind: source.kind,
      name: source.name,
      path: source.path,
      revision: source.revision ?? null,
    },
    generation: layout.generation,
    observed_generation: layout.observedGeneration,
    sync: layout.sync,
    health: layout.health,
    state: layout.state,
    failed_stage: layout.failedStage ?? null,
    desired_panes: wanted.length,
    ready_panes: wanted.filter(({ pane }) => pane?.state === 'ready').length,
    deleting: layout.deleting !== undefined,
    conditions: layout.conditions.map(toConditionView),
    panes,
    created_at: toTimestamp(layout.createdAt),
    updated_at: toTimestamp(layout.updatedAt),
  };
}

export function toEventView(event: StoredEvent): EventView {
  return {
    seq: event.seq,
    event_id: event.eventId,
    sequence: event.sequence,
    event_type: event.type,
    actor: event.actor,
    origin: event.agentId === undefined ? 'managed' : 'agent',
    agent_id: event.agentId ?? null,
    layout_id: event.layoutId ?? null,
    pane_id: event.paneId ?? null,
    payload: event.payload,
    timestamp: toTimestamp(event.at),
  };
}

/** The declared spec, fit to be shown: secret environment values are redacted. */
export function toSpecView(spec: LayoutSpec): unknown {
  return {
    ...spec,
    slots: spec.slots.map((slot) => ({ ...slot, env: redactEnv(slot.env) })),
  };
}

function toPaneView(slot: SlotRecord, moment: Moment): Omit<PaneView, 'update_pending'> {
  const { pane, spec } = slot;
  return {
    slot: slot.key,
    label: spec.label,
    role: spec.role,
    capability: spec.capability,
    status: slotStatus(slot, moment),
    restarts: slot.restarts,
    next_attempt_at: toTime(slot.nextAttemptAt),
    held: slot.hold === undefined ? null : toHoldView(slot.hold),
    ...toRowView(pane),
    ...toLiveView(pane !== undefined && isLive(pane.state) ? pane : undefined),
  };
}

function toRowView(
  pane: PaneRecord | undefined,
): Pick<PaneView, 'state' | 'failed_stage' | 'pane_id' | 'exit_code' | 'problem'> {
  return {
    state: pane?.state ?? 'missing',
    failed_stage: pane?.failedStage ?? null,
    pane_id: pane?.id ?? null,
    exit_code: pane?.exitCode ?? null,
    problem: pane?.problem ?? null,
  };
}

function toLiveView(
  pane: PaneRecord | undefined,
): Pick<PaneView, 'tmux_pane_id' | 'agent_id' | 'pid' | 'log_path' | 'started_at'> {
  const ended = pane?.endedAt !== undefined;
  return {
    tmux_pane_id: pane?.tmuxPaneId ?? null,
    agent_id: pane?.startedAt === undefined ? null : pane.agentId,
    pid: ended ? null : (pane?.pid ?? null),
    log_path: pane?.logPath ?? null,
    started_at: toTime(pane?.startedAt),
  };
}

function toHoldView({ by, reason, since, until }: Hold): HoldView {
  return { by, reason, since: toTimestamp(since), until: toTime(until) };
}

function toConditionView(condition: Condition): ConditionView {
  return {
    type: condition.type,
    status: condition.status,
    reason: condition.reason,
    message: condition.message,
    last_transition_time: toTimestamp(condition.lastTransitionTime),
    observed_generation: condition.observedGeneration,
  };
}

function toTime(ms: number | undefined): string | null {
  return ms === undefined ? null : toTimestamp(ms);
}
