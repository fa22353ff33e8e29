import * as fc from 'fast-check';
import type { ObservedPane, SeenObservation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { EndedPane, LayoutRecord, PaneRecord, SlotRecord } from '../../src/domain/records.ts';
import type { PlanInput } from '../../src/plan/compute.ts';
import {
  aDeadPane,
  aForeignSession,
  aHandMadePane,
  aHold,
  aLayout,
  aLostPane,
  anEnded,
  anExitedPane,
  anIntendedPane,
  aPane,
  aSeenPane,
  aSession,
  aSlot,
  aStartingPane,
  EPOCH,
  MINUTE,
  NOW,
  OTHER_BOOT,
  OTHER_SERVER,
  type PaneChanges,
  paneId,
  SECOND,
  seen,
  untagged,
} from '../support/builders.ts';

/**
 * Any container: records as the loop, operators and crashes may leave them, beside what tmux may show at that moment.
 * Ids are made from places, so that shrinking keeps them apart.
 */
export interface AnyContainer {
  readonly input: PlanInput & { readonly observation: SeenObservation };
  /** tmux ids of panes that persons made. */
  readonly handMade: readonly string[];
}

const RECORDED = {
  none: undefined,
  ready: aPane,
  healthy: (key: string, changes: PaneChanges) => aPane(key, { readyAt: NOW - MINUTE, ...changes }),
  starting: aStartingPane,
  settled: (key: string, changes: PaneChanges) =>
    aStartingPane(key, { startedAt: NOW - MINUTE, ...changes }),
  intended: anIntendedPane,
  retrying: (key: string, changes: PaneChanges) =>
    anIntendedPane(key, { attempts: 1, retryAt: NOW + SECOND, ...changes }),
  exhausted: (key: string, changes: PaneChanges) =>
    anIntendedPane(key, { attempts: 3, ...changes }),
  exited: anExitedPane,
  completed: (key: string, changes: PaneChanges) => anExitedPane(key, { exitCode: 0, ...changes }),
  'not logged': (key: string, changes: PaneChanges) =>
    aPane(key, { state: 'degraded', failedStage: 'log_attach', ...changes }),
  lost: aLostPane,
  refused: (key: string, changes: PaneChanges) =>
    aPane(key, { state: 'failed', failedStage: 'pane_create', ...changes }),
  removed: (key: string, changes: PaneChanges) => aPane(key, { state: 'removed', ...changes }),
} satisfies Record<string, ((key: string, changes: PaneChanges) => PaneRecord) | undefined>;

const SHOWN = {
  nothing: () => [],
  alive: (key: string) => [aSeenPane(key)],
  dead: (key: string) => [aDeadPane(key)],
  'another process': (key: string) => [aSeenPane(key, { pid: 4_711 })],
  untagged: (key: string) => [untagged(aSeenPane(key))],
  'untagged stranger': (key: string) => [untagged(aSeenPane(key, { pid: 4_711 }))],
  'its forerunner': (key: string) => [aDeadPane(key, { paneId: paneId(`${key}-old`) })],
  'a leftover beside it': (key: string) => [
    aSeenPane(key),
    aSeenPane(`${key}-old`, { paneId: paneId(`${key}-old`) }),
  ],
} satisfies Record<string, (key: string) => readonly ObservedPane[]>;

const anyTimes = fc.array(
  fc.integer({ min: -12, max: 1 }).map((minutes) => NOW + minutes * MINUTE),
  { maxLength: 7 },
);
const anySoon = fc.integer({ min: -5_000, max: 70_000 }).map((ms) => NOW + ms);
const rarely = <T>(value: T, other: T) =>
  fc.boolean().chain((a) => fc.boolean().map((b) => (a && b ? value : other)));

const anySlot = fc.record({
  recorded: fc.constantFrom(...(Object.keys(RECORDED) as (keyof typeof RECORDED)[])),
  shown: fc.constantFrom(...(Object.keys(SHOWN) as (keyof typeof SHOWN)[])),
  epoch: fc.constantFrom(EPOCH, EPOCH, EPOCH, OTHER_SERVER, OTHER_BOOT),
  isHeir: fc.boolean(),
  hasLanded: fc.boolean(),
  declared: rarely(false, true),
  hold: fc.option(fc.option(anySoon, { nil: undefined }), { nil: 'none' as const, freq: 3 }),
  restartRequested: rarely(true, false),
  failures: fc.nat(8),
  nextAttemptAt: fc.option(anySoon, { nil: undefined }),
  exits: anyTimes,
  vanishings: anyTimes,
  restartPolicy: fc.constantFrom('Always', 'Always', 'OnFailure', 'Never'),
  onRemove: fc.constantFrom('kill', 'kill', 'orphan'),
  edit: fc.constantFrom(
    {},
    {},
    { command: ['new'] },
    { label: 'renamed' },
    { env: { MODE: 'new' } },
    { after: ['l0s0'] },
  ),
} as const);

const anyLayout = fc.record({
  slots: fc.array(anySlot, { maxLength: 4 }),
  suspend: rarely(true, false),
  isSuspended: rarely(true, false),
  deleting: fc.option(fc.constantFrom('NoLongerDeclared', 'DeleteRequested'), {
    nil: undefined,
    freq: 1,
  }),
  arranged: fc.constantFrom(undefined, 'tiled', 'even-vertical'),
  strategy: fc.constantFrom('RollingUpdate', 'RollingUpdate', 'OnDelete'),
  maxUnavailable: fc.integer({ min: 1, max: 3 }),
  session: fc.constantFrom('stays', 'stays', 'moved', 'renamed by hand'),
} as const);

type SlotDraft = typeof anySlot extends fc.Arbitrary<infer T> ? T : never;
type LayoutDraft = typeof anyLayout extends fc.Arbitrary<infer T> ? T : never;

export const anyContainer: fc.Arbitrary<AnyContainer> = fc
  .record({
    layouts: fc.array(anyLayout, { minLength: 1, maxLength: 3 }),
    handMade: fc.nat(2),
    foreignSession: fc.boolean(),
    closedLeftover: fc.boolean(),
  })
  .map(({ layouts, handMade, foreignSession, closedLeftover }) => {
    const names = layouts.map((_layout, index) => `l${index}`);
    const records = layouts.map((draft, index) => toLayout(draft, `l${index}`));
    const strangers = Array.from({ length: handMade }, (_, index) =>
      aHandMadePane(`hand${index}`, { sessionName: names[index] ?? 'elsewhere' }),
    );
    const closed = closedLeftover ? [aSeenPane('closed', { sessionName: 'closed' })] : [];
    const panes = [
      ...layouts.flatMap(({ slots, session }, index) =>
        slots.flatMap((slot, place) =>
          SHOWN[slot.shown](`l${index}s${place}`).map((pane) =>
            inSession(pane, session, `l${index}`),
          ),
        ),
      ),
      ...strangers,
      ...closed,
    ];
    return {
      handMade: strangers.map(({ id }) => id),
      input: {
        now: NOW,
        policy: DEFAULT_POLICY,
        layouts: records,
        observation: withSessions(panes, foreignSession ? names : []),
        ended: endedAmong(panes, records),
      },
    };
  });

function toLayout(draft: LayoutDraft, name: string): LayoutRecord {
  const { slots, suspend, isSuspended, deleting, arranged, strategy, maxUnavailable } = draft;
  return aLayout({
    spec: {
      name,
      suspend,
      session: draft.session === 'moved' ? `${name}-new` : name,
      updateStrategy: { type: strategy, maxUnavailable },
    },
    ...(isSuspended && { suspended: { by: 'ann', reason: '', at: NOW } }),
    ...(deleting && { deleting: { reason: deleting, at: NOW } }),
    ...(arranged && { arranged }),
    slots: slots.map((slot, place) => toSlot(slot, `${name}s${place}`, name)),
  });
}

function toSlot(draft: SlotDraft, key: string, session: string): SlotRecord {
  const { restartPolicy, onRemove, edit, epoch, isHeir, hasLanded, hold } = draft;
  const { declared, restartRequested, failures, nextAttemptAt, exits, vanishings } = draft;
  const spec = { restartPolicy, onRemove };
  const { label } = { label: key, ...edit };
  const make = RECORDED[draft.recorded];
  const pane = make?.(key, {
    spec,
    session,
    ...(!['intended', 'retrying', 'exhausted'].includes(draft.recorded) && { epoch }),
    ...(isHeir && { replacesPaneId: paneId(`${key}-old`) }),
  });
  return aSlot(key, {
    spec: { ...spec, ...edit, label: label === 'renamed' ? `${key}-renamed` : label },
    declared,
    restartRequested,
    failures,
    exits,
    vanishings,
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    ...(hold !== 'none' && { hold: aHold(hold === undefined ? {} : { until: hold }) }),
    ...(hasLanded && { fence: { epoch: EPOCH, value: paneId(key) } }),
    ...(pane && { pane }),
  });
}

function inSession(
  pane: ObservedPane,
  session: LayoutDraft['session'],
  name: string,
): ObservedPane {
  const sessionName = session === 'renamed by hand' ? `${name}-by-hand` : name;
  const { sessionId, windowId } = aSeenPane('any', { sessionName });
  return { ...pane, sessionName, sessionId, windowId };
}

function withSessions(panes: readonly ObservedPane[], foreign: readonly string[]): SeenObservation {
  const names = [...new Set(panes.map(({ sessionName }) => sessionName))];
  const strangers = foreign.filter((name) => !names.includes(name));
  return seen(panes, {
    sessions: [
      ...names.map((name) => aSession(name, name.split('-')[0])),
      ...strangers.map((name) => aForeignSession(name)),
    ],
  });
}

/** What the store answers: incarnations that have ended, among the tags that were seen. */
function endedAmong(
  panes: readonly ObservedPane[],
  layouts: readonly LayoutRecord[],
): ReadonlyMap<PaneRecord['id'], EndedPane> {
  const rows = layouts.flatMap(({ slots }) => slots.flatMap(({ pane }) => pane ?? []));
  const live = new Set(
    rows.flatMap(({ id, state }) => (state === 'failed' || state === 'removed' ? [] : [id])),
  );
  return new Map(
    panes.flatMap(({ paneId: tag }) => {
      if (tag === undefined || live.has(tag)) return [];
      const key = tag.replace('pane-', '').replace('-old', '');
      return [anEnded(tag.replace('pane-', ''), key, key.slice(0, 2))];
    }),
  );
}
