import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import {
  aDeadPane,
  aForeignSession,
  aHandMadePane,
  aLayout,
  aLostPane,
  anEnded,
  anExitedPane,
  anIntendedPane,
  aPane,
  aRunningSlot,
  aSeenPane,
  aSession,
  aSlot,
  aStartingPane,
  EPOCH,
  NOW,
  OTHER_SERVER,
  paneId,
  SECOND,
  seen,
  tmuxPane,
  without,
} from '../support/builders.ts';
import { only, planned } from './told.ts';

test('a layout that is not there is created slot by slot, in its order, in a session of its own', () => {
  const layout = aLayout({ slots: [aSlot('m1'), aSlot('s1'), aSlot('s2')] });
  const { plan, does } = planned(layout, seen());
  expect(does).toEqual([
    'create-pane m1 (Missing)',
    'create-pane s1 (Missing)',
    'create-pane s2 (Missing)',
  ]);
  expect(plan.actions.map((action) => 'place' in action && action.place)).toEqual([
    { kind: 'new-session', session: 'web', width: 200, height: 50 },
    { kind: 'session', session: 'web' },
    { kind: 'session', session: 'web' },
  ]);
});

test('a session for many panes is made high enough for all of them', () => {
  const slots = Array.from({ length: 12 }, (_, index) => aSlot(`s${index}`));
  const { plan } = planned(aLayout({ slots }), seen());
  expect(plan.actions[0]).toMatchObject({ place: { kind: 'new-session', height: 72 } });
});

test('the name of a session is the one tmux makes of it', () => {
  const layout = aLayout({ spec: { session: 'team.a:b' }, slots: [aSlot('m1')] });
  expect(only(planned(layout, seen()).plan, 'create-pane').place).toMatchObject({
    session: 'team_a_b',
  });
  const there = seen([], { sessions: [aForeignSession('team_a_b')] });
  expect(planned(layout, there).waits).toEqual(['m1 SessionNameConflict']);
});

test('a further pane is split in the window that holds most of the layout', () => {
  const layout = aLayout({
    slots: [aRunningSlot('m1'), aRunningSlot('s1'), aRunningSlot('s2'), aSlot('s3')],
  });
  const observation = seen([
    aSeenPane('m1', { windowId: '@1' as never }),
    aSeenPane('s1', { windowId: '@2' as never }),
    aSeenPane('s2', { windowId: '@2' as never }),
  ]);
  expect(only(planned(layout, observation).plan, 'create-pane').place).toEqual({
    kind: 'window',
    session: '$web',
    window: '@2',
  });
});

test('of two windows with as many panes the first by name is taken, whatever the order', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1'), aSlot('s2')] });
  const panes = [
    aSeenPane('m1', { windowId: '@2' as never }),
    aSeenPane('s1', { windowId: '@1' as never }),
  ];
  for (const order of [panes, panes.toReversed()]) {
    expect(only(planned(layout, seen(order)).plan, 'create-pane').place).toMatchObject({
      window: '@1',
    });
  }
});

test('a session in which only hand-made panes are left is used, next to them', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: aLostPane('m1') })] });
  const vim = aHandMadePane('vim', { windowId: '@7' as never });
  expect(only(planned(layout, seen([vim])).plan, 'create-pane').place).toEqual({
    kind: 'window',
    session: '$web',
    window: '@7',
  });
});

describe('a window that a person linked into another session', () => {
  const api = { sessionName: 'api', sessionId: aSession('api').id, windowId: '@3' as never };
  const sessions = [aSession('api'), aSession('web')];

  test('still has room for its layout, though all its panes are shown elsewhere', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1'), aSlot('s1')] });
    const linked = aSeenPane('m1', { ...api, alsoIn: [aSession('web').id] });
    const place = only(planned(layout, seen([linked], { sessions })).plan, 'create-pane').place;
    expect(place).toEqual({ kind: 'window', session: '$web', window: '@3' });
  });

  test('attracts no panes of the layout that has that session', () => {
    const layout = aLayout({ slots: [aRunningSlot('m1'), aSlot('s1')] });
    const guests = ['x', 'y'].map((name) =>
      aSeenPane(name, {
        sessionName: 'web',
        sessionId: aSession('web').id,
        windowId: '@3' as never,
      }),
    );
    const observation = seen([...guests, aSeenPane('m1')], { sessions });
    expect(only(planned(layout, observation).plan, 'create-pane').place).toMatchObject({
      window: aSeenPane('m1').windowId,
    });
  });
});

test('an observation that contradicts itself is a bug and says so', () => {
  const layout = aLayout({ slots: [aSlot('m1')] });
  const impossible = seen([], { sessions: [aSession('web')] });
  expect(() => planned(layout, impossible)).toThrow('session $web was observed without a pane');
});

test('a foreign session of that name stalls the layout and nothing is created', () => {
  const layout = aLayout({ slots: [aSlot('m1'), aSlot('s1')] });
  const observation = seen([], { sessions: [aForeignSession('web')] });
  const { plan, does, waits } = planned(layout, observation);
  expect(does).toEqual([]);
  expect(waits).toEqual(['m1 SessionNameConflict', 's1 SessionNameConflict']);
  expect(plan.blocked[0]?.message).toBe(
    'a tmux session named web is there already and is not ours; rename it, or declare another session',
  );
});

test("another layout's session of that name is as foreign as a stranger's", () => {
  const observation = seen([], { sessions: [aSession('web', 'other')] });
  expect(planned(aLayout({ slots: [aSlot('m1')] }), observation).waits).toEqual([
    'm1 SessionNameConflict',
  ]);
});

test('a session renamed by hand keeps its panes, and new ones join them', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aSlot('s1')] });
  const renamed = aSeenPane('m1', { sessionName: 'renamed' });
  const observation = seen([renamed], { sessions: [aSession('renamed', 'web')] });
  const { plan, does } = planned(layout, observation);
  expect(does).toEqual(['create-pane s1 (Missing)']);
  expect(only(plan, 'create-pane').place).toEqual({
    kind: 'window',
    session: renamed.sessionId,
    window: renamed.windowId,
  });
});

test('of two sessions of a layout the one with its name is taken', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1'), aSlot('s2')] });
  const old = aSeenPane('m1', { sessionName: 'old' });
  const observation = seen([old, 's1'], { sessions: [aSession('old', 'web'), aSession('web')] });
  expect(only(planned(layout, observation).plan, 'create-pane').place).toMatchObject({
    window: aSeenPane('s1').windowId,
  });
});

// --- start order ----------------------------------------------------------------------------------------------------

test('after: waits until the dependency is ready', () => {
  const s1 = aSlot('s1', { spec: { after: ['m1'] } });
  const starting = aLayout({ slots: [aSlot('m1', { pane: aStartingPane('m1') }), s1] });
  const { plan, does, waits } = planned(starting, seen(['m1']));
  expect(does).toEqual([]);
  expect(waits).toEqual(['s1 WaitingForDependency']);
  expect(plan.blocked[0]).toMatchObject({
    message: 'starts after m1',
    next: { action: 'create', cause: { reason: 'Missing' } },
  });

  const ready = aLayout({ slots: [aRunningSlot('m1'), s1] });
  expect(planned(ready, seen(['m1'])).does).toEqual(['create-pane s1 (Missing)']);
});

test('after: is only about the first start', () => {
  const spec = { after: ['m1'] };
  const s1 = aRunningSlot('s1', { spec });
  const layout = aLayout({ slots: [aSlot('m1', { pane: aStartingPane('m1') }), s1] });
  expect(planned(layout, seen(['m1'])).does).toContain('create-pane s1 (Vanished)');
});

test('a label is not given out while another live pane has it', () => {
  const renamed = aLayout({
    slots: [aRunningSlot('m1', { spec: { label: 'boss' }, pane: aPane('m1') })],
    spec: { name: 'other' },
  });
  const wanting = aLayout({ slots: [aSlot('x', { spec: { label: 'm1' } })] });
  const { plan, waits } = planned([wanting, renamed], seen(['m1']));
  expect(waits).toEqual(['x LabelTaken']);
  expect(plan.blocked[0]?.next).toEqual({ action: 'create', cause: { reason: 'Missing' } });
  expect(plan.actions.map(({ kind }) => kind)).not.toContain('create-pane');
});

// --- from creating to ready -----------------------------------------------------------------------------------------

test('a pane settles before it is ready', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: aStartingPane('m1') })] });
  expect(planned(layout, seen(['m1']))).toMatchObject({ does: [], wakesIn: 500 });
  const settled = planned(layout, { observation: seen(['m1']), now: NOW + 500 });
  expect(settled).toMatchObject({ does: ['mark-ready m1'], wakesIn: undefined });
});

test('a clock that was set back does not keep a pane from becoming ready', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: aStartingPane('m1') })] });
  const before = { observation: seen(['m1']), now: NOW - 10_000 };
  expect(planned(layout, before).does).toEqual(['mark-ready m1']);
});

test('a pane whose start nobody heard of is found by its tag and goes on from there', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: anIntendedPane('m1') })] });
  expect(planned(layout, seen(['m1']))).toMatchObject({
    does: ['record-started m1'],
    wakesIn: SECOND,
  });
});

// --- unconfirmed creates --------------------------------------------------------------------------------------------

test('an unconfirmed create is sent again with the same row', () => {
  const pane = anIntendedPane('m1');
  const layout = aLayout({ slots: [aSlot('m1', { pane })] });
  const { plan, does } = planned(layout, seen());
  expect(does).toEqual(['create-pane m1 (Interrupted)']);
  expect(only(plan, 'create-pane').resume).toEqual(pane);
});

test('an unconfirmed first start is sent again even if what it came after is not ready any more', () => {
  const spec = { after: ['m1'] };
  const slots = [aSlot('m1'), aSlot('s1', { spec, pane: anIntendedPane('s1', { spec }) })];
  expect(planned(aLayout({ slots }), seen()).does).toEqual([
    'create-pane m1 (Missing)',
    'create-pane s1 (Interrupted)',
  ]);
});

test('a create that landed in an earlier tmux server is sent again in this one', () => {
  const fence = { epoch: OTHER_SERVER, value: paneId('m1') };
  const layout = aLayout({ slots: [aSlot('m1', { pane: anIntendedPane('m1'), fence })] });
  expect(planned(layout, seen()).does).toEqual(['create-pane m1 (Interrupted)']);
});

test('an unconfirmed respawn is sent again while its forerunner stands', () => {
  const pane = anIntendedPane('new', { replacesPaneId: paneId('m1') });
  const layout = aLayout({ slots: [aSlot('m1', { pane })] });
  const ended = new Map([anEnded('m1', 'm1')]);
  const { plan, does } = planned(layout, { observation: seen([aDeadPane('m1')]), ended });
  expect(does).toEqual(['respawn-pane m1 (Interrupted)']);
  expect(only(plan, 'respawn-pane')).toMatchObject({ old: paneId('m1'), resume: pane });
});

test('an unconfirmed respawn whose forerunner is gone becomes a create', () => {
  const pane = anIntendedPane('new', { replacesPaneId: paneId('m1') });
  const { plan } = planned(aLayout({ slots: [aSlot('m1', { pane })] }), seen());
  expect(only(plan, 'create-pane').resume).toEqual(pane);
});

test('between attempts it waits as long as the policy says', () => {
  const pane = anIntendedPane('m1', { attempts: 1, retryAt: NOW + 700 });
  const layout = aLayout({ slots: [aSlot('m1', { pane })] });
  expect(planned(layout, seen())).toMatchObject({ does: [], waits: [], wakesIn: 700 });
  expect(planned(layout, { observation: seen(), now: NOW + 700 }).does).toEqual([
    'create-pane m1 (Interrupted)',
  ]);
});

test('a start is given up after its attempts, or after its time, and the slot backs off', () => {
  const { creatingTtlMs } = DEFAULT_POLICY;
  const attempted = anIntendedPane('m1', { attempts: 3 });
  const old = anIntendedPane('m1', { createdAt: NOW - creatingTtlMs - 1 });
  for (const pane of [attempted, old]) {
    const { plan, does } = planned(aLayout({ slots: [aSlot('m1', { pane })] }), seen());
    expect(does).toEqual(['give-up m1']);
    expect(only(plan, 'give-up')).toMatchObject({ stage: 'pane_create', backoff: { failures: 1 } });
  }
  const inTime = anIntendedPane('m1', { attempts: 2, createdAt: NOW - creatingTtlMs });
  expect(planned(aLayout({ slots: [aSlot('m1', { pane: inTime })] }), seen()).does).toEqual([
    'create-pane m1 (Interrupted)',
  ]);
});

test('a client is told that its session belongs to somebody else; a declaration waits for the name', () => {
  const pane = anIntendedPane('m1');
  const slots = [aSlot('m1', { pane })];
  const observation = { ...seen(), sessions: [aForeignSession('web')] };
  expect(planned(aLayout({ slots }), observation)).toMatchObject({
    does: [],
    waits: ['m1 SessionNameConflict'],
  });
  const source = { kind: 'imperative', name: 'imperative', path: '' } as const;
  const { plan, does } = planned(aLayout({ slots, source }), observation);
  expect(does).toEqual(['give-up m1']);
  expect(only(plan, 'give-up').problem).toContain('a tmux session named web is there already');
});

test('a start that was intended waits until the ended incarnation is gone', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: anIntendedPane('m1') })] });
  const ended = new Map([anEnded('old', 'm1')]);
  const standing = aSeenPane('m1', { paneId: paneId('old') });
  const { does, waits } = planned(layout, { observation: seen([standing]), ended });
  expect(does).toEqual([`kill-leftover ${paneId('old')}`]);
  expect(waits).toEqual(['m1 LeftoverStands']);
});

// --- leftovers ------------------------------------------------------------------------------------------------------

test('an ended incarnation that still stands is killed, and nothing is created beside it', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: aLostPane('m1') })] });
  const ended = new Map([anEnded('m1', 'm1')]);
  const { plan, does, waits } = planned(layout, { observation: seen(['m1']), ended });
  expect(does).toEqual([`kill-leftover ${paneId('m1')}`]);
  expect(only(plan, 'kill-leftover').seen.id).toBe(tmuxPane('m1'));
  expect(waits).toEqual(['m1 LeftoverStands']);
});

test('an incarnation that was respawned in place is no leftover', () => {
  const heir = aStartingPane('new', {
    replacesPaneId: paneId('m1'),
    tmuxPaneId: tmuxPane('m1'),
  });
  const layout = aLayout({ slots: [aSlot('m1', { pane: heir })] });
  const ended = new Map([anEnded('m1', 'm1')]);
  expect(planned(layout, { observation: seen(['m1']), ended }).does).toEqual([
    'retag-pane m1 (TagLost)',
  ]);
});

test('one that a person respawned again before it had its tag is taken over, and none is made beside it', () => {
  const heir = aStartingPane('new', {
    replacesPaneId: paneId('m1'),
    tmuxPaneId: tmuxPane('m1'),
  });
  const layout = aLayout({ slots: [aSlot('m1', { pane: heir })] });
  const ended = new Map([anEnded('m1', 'm1')]);
  const again = aSeenPane('m1', { pid: 5 });
  expect(planned(layout, { observation: seen([again]), ended }).does).toEqual([
    'retag-pane m1 (TagLost)',
  ]);
});

test('leftovers of layouts that are closed are killed too, in a stable order', () => {
  const ended = new Map(['b', 'a'].map((name) => anEnded(name, name, 'gone')));
  const observation = seen(['b', 'a'], { sessions: [aSession('web', 'gone')] });
  expect(planned([], { observation, ended }).does).toEqual([
    'kill-leftover pane-a',
    'kill-leftover pane-b',
  ]);
});

test('an ended incarnation that stands nowhere is nothing to do', () => {
  const ended = new Map([anEnded('x', 'x', 'gone')]);
  expect(planned([], { observation: seen(), ended }).does).toEqual([]);
});

// --- tags -----------------------------------------------------------------------------------------------------------

test('a pane whose tag was lost gets it back', () => {
  const { paneId: _tag, ...bare } = aSeenPane('m1');
  const layout = aLayout({ slots: [aRunningSlot('m1')] });
  expect(planned(layout, seen([bare])).does).toEqual(['retag-pane m1 (TagLost)']);
});

test('a pane is not ours by its tmux id alone: another process under that id is left alone', () => {
  const { paneId: _tag, ...stranger } = aSeenPane('m1', { pid: 5 });
  const layout = aLayout({ slots: [aRunningSlot('m1')] });
  expect(planned(layout, seen([stranger])).does).toEqual([
    'record-vanished m1 (Vanished)',
    'create-pane m1 (Vanished)',
  ]);
});

test("a pane that carries another incarnation's tag is not taken over", () => {
  const other = aSeenPane('m1', { paneId: paneId('someone') });
  const layout = aLayout({ slots: [aRunningSlot('m1')] });
  expect(planned(layout, seen([other])).does).toContain('record-vanished m1 (Vanished)');
});

test('a dead pane that a person respawned by hand becomes the next incarnation', () => {
  const layout = aLayout({ slots: [aSlot('m1', { pane: anExitedPane('m1'), failures: 1 })] });
  const observation = seen([aSeenPane('m1', { pid: 4_711 })]);
  expect(planned(layout, observation).does).toEqual(['retag-pane m1 (RespawnedByHand)']);
});

test('a living pane that a person respawned by hand stays the same pane', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1')] });
  const { plan, does } = planned(layout, seen([aSeenPane('m1', { pid: 4_711 })]));
  expect(does).toEqual(['record-pid m1']);
  expect(only(plan, 'record-pid').pid).toBe(4_711);
});

test('a pane whose process id was never heard is not taken for another', () => {
  const pane = without(aPane('m1'), 'pid');
  const layout = aLayout({ slots: [aSlot('m1', { pane })] });
  expect(planned(layout, seen(['m1'])).does).toEqual([]);
});

test('a pane recorded in this server without a tmux id is not looked for by one', () => {
  const pane = without(aPane('m1', { epoch: EPOCH }), 'tmuxPaneId');
  const layout = aLayout({ slots: [aSlot('m1', { pane })] });
  expect(planned(layout, seen()).does).toContain('record-vanished m1 (Vanished)');
});
