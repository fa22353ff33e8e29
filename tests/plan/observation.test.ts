import { expect, test } from 'vitest';
import {
  aHandMadePane,
  aHold,
  aLayout,
  anIntendedPane,
  aRunningSlot,
  aSeenPane,
  aSession,
  aSlot,
  MINUTE,
  NOW,
  STOPPED,
  seen,
  UNKNOWN,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

/** Everything there could be to do: to create, kill, replace, arrange and close. */
const BUSY = [
  aLayout({
    arranged: 'even-vertical',
    slots: [
      aSlot('m1'),
      aRunningSlot('s1', { hold: aHold() }),
      aRunningSlot('s2', { restartRequested: true }),
      aRunningSlot('s3', { declared: false }),
    ],
  }),
  aLayout({
    spec: { name: 'old' },
    slots: [],
    deleting: { reason: 'DeleteRequested', at: NOW },
  }),
];

test('an unknown observation plans nothing, and says why', () => {
  expect(planned(BUSY, UNKNOWN).plan).toEqual({
    container: 'local',
    actions: [],
    blocked: [],
    unknown: UNKNOWN,
  });
});

test('a stopped container plans nothing', () => {
  expect(planned(BUSY, STOPPED).plan).toEqual({ container: 'local', actions: [], blocked: [] });
});

test('in a container without processes what nobody wants is over, and what is wanted waits', () => {
  const { does, plan } = planned(BUSY, { ...STOPPED, nothingRuns: true });
  expect(does).toEqual(['end-pane s3 (NoLongerDeclared)', 'close-layout old']);
  expect(plan.blocked).toEqual([]);
});

test('a slot whose pane has ended is closed there, a suspended layout is left as it is', () => {
  const slots = [aSlot('m1', { declared: false })];
  const emptied = { ...STOPPED, nothingRuns: true } as const;
  expect(planned(aLayout({ slots }), emptied).does).toEqual(['close-slot m1']);
  expect(planned(aLayout({ slots, spec: { suspend: true } }), emptied).does).toEqual([]);
});

test('a start that waited for its container has all its time once that runs', () => {
  const { createdAt: _, ...pane } = anIntendedPane('m1');
  const slot = aSlot('m1', { pane: { ...pane, createdAt: NOW - 60 * MINUTE } });
  const layout = aLayout({ slots: [slot] });
  const since = (runningSince: number) => planned(layout, { ...seen(), runningSince }).does;
  expect(since(NOW - MINUTE)).toEqual(['create-pane m1 (Interrupted)']);
  expect(since(NOW - 60 * MINUTE)).toEqual(['give-up m1']);
});

test('a hand-made pane in the session is never named by an action', () => {
  const vim = aHandMadePane('vim');
  const { plan } = planned(BUSY, seen(['s1', 's2', 's3', vim]));
  expect(plan.actions.length).toBeGreaterThan(3);
  expect(JSON.stringify(plan.actions)).not.toContain(vim.id);
});

test("another installation's panes are a person's: they carry no tag of ours", () => {
  const layout = aLayout({ slots: [aSlot('m1')] });
  const observation = seen([aHandMadePane('m1')], { sessions: [] });
  expect(planned(layout, observation).does).toEqual(['create-pane m1 (Missing)']);
});

test('layouts are planned by name, each for itself', () => {
  const layouts = ['b', 'a', 'c'].map((name) =>
    aLayout({ spec: { name }, slots: [aSlot(`${name}1`)] }),
  );
  expect(planned(layouts, seen()).does).toEqual([
    'create-pane a1 (Missing)',
    'create-pane b1 (Missing)',
    'create-pane c1 (Missing)',
  ]);
});

test('the earliest deadline of all layouts is when the plan wants to be woken', () => {
  const layouts = [300, 100, 200].map((ms) =>
    aLayout({
      spec: { name: `l${ms}` },
      slots: [aSlot(`s${ms}`, { hold: aHold({ until: NOW + ms }) })],
    }),
  );
  expect(planned(layouts, seen()).wakesIn).toBe(100);
});

// --- arrangement ----------------------------------------------------------------------------------------------------

test('a changed arrangement is applied once', () => {
  const arranged = { slots: [aRunningSlot('m1')], spec: { arrangement: 'main-vertical' } };
  const { plan, does } = planned(aLayout({ ...arranged, arranged: 'tiled' }), seen(['m1']));
  expect(does).toEqual(['arrange-layout web']);
  expect(only(plan, 'arrange-layout')).toMatchObject({
    place: { window: aSeenPane('m1').windowId },
    arrangement: 'main-vertical',
  });
  expect(planned(aLayout({ ...arranged, arranged: 'main-vertical' }), seen(['m1'])).does).toEqual(
    [],
  );
});

test('geometry is left alone before the first arrangement and while panes are created', () => {
  const spec = { arrangement: 'main-vertical' };
  expect(planned(aLayout({ slots: [aRunningSlot('m1')], spec }), seen(['m1'])).does).toEqual([]);
  const slots = [aRunningSlot('m1'), aSlot('s1')];
  expect(planned(aLayout({ slots, spec, arranged: 'tiled' }), seen(['m1'])).does).toEqual([
    'create-pane s1 (Missing)',
  ]);
});

test('an arrangement of a layout without a session has no window', () => {
  const layout = aLayout({ slots: [], spec: { arrangement: 'tiled' }, arranged: 'even-vertical' });
  expect(only(planned(layout, seen()).plan, 'arrange-layout').place).toBeUndefined();
});

test('a layout keeps to its own session when another one is there', () => {
  const observation = seen(['m1', aSeenPane('x', { sessionName: 'other', paneId: 'x' as never })], {
    sessions: [aSession('other'), aSession('web')],
  });
  const layout = aLayout({
    slots: [aRunningSlot('m1')],
    spec: { arrangement: 'main-vertical' },
    arranged: 'tiled',
  });
  expect(only(planned(layout, observation).plan, 'arrange-layout').place?.window).toBe('@web');
});
