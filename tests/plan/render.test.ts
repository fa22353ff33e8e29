import { expect, test } from 'vitest';
import type { ContainerId } from '../../src/domain/ids.ts';
import type { Plan } from '../../src/plan/action.ts';
import { type Planned, renderPlans } from '../../src/plan/render.ts';
import {
  aDeadPane,
  aForeignSession,
  aHold,
  aLayout,
  aLostPane,
  anEnded,
  anExitedPane,
  anIntendedPane,
  aPane,
  aRunningSlot,
  aSeenPane,
  aSlot,
  NOW,
  OTHER_BOOT,
  OTHER_SERVER,
  seen,
  UNKNOWN,
  untagged,
} from '../support/builders.ts';
import { type Given, planned } from './told.ts';

type Layouts = readonly ReturnType<typeof aLayout>[];

function of(layouts: Layouts, given: Given | Given['observation'], baseline?: Plan): Planned {
  return { plan: planned(layouts, given).plan, layouts, ...(baseline && { baseline }) };
}

function textOf(layouts: Layouts, given: Given | Given['observation']): string {
  return renderPlans([of(layouts, given)]).text;
}

const NOTHING = 'Plan: 0 create, 0 replace, 0 in place, 0 kill, 0 unchanged, 0 unknown';

test('a plan without layouts is its summary', () => {
  expect(textOf([], seen())).toBe(NOTHING);
  expect(renderPlans([]).text).toBe(NOTHING);
});

test('one line per cause', () => {
  const slots = [
    aSlot('a-missing'),
    aRunningSlot('b-vanished'),
    aSlot('c-exited', { pane: anExitedPane('c-exited') }),
    aSlot('d-signal', { pane: anExitedPane('d-signal', { exitSignal: 'KILL' }) }),
    aSlot('e-failed', { pane: aPane('e-failed', { state: 'failed', failedStage: 'pane_create' }) }),
    aSlot('f-interrupted', { pane: anIntendedPane('f-interrupted') }),
    aSlot('g-edited', { spec: { command: ['codex'] }, pane: aPane('g-edited') }),
    aRunningSlot('h-restarted', { restartRequested: true }),
    aSlot('i-released', { pane: aPane('i-released', { state: 'removed' }) }),
    aRunningSlot('j-held', { hold: aHold() }),
    aRunningSlot('k-undeclared', { declared: false }),
    aRunningSlot('l-orphaned', { declared: false, spec: { onRemove: 'orphan' } }),
    aRunningSlot('m-gone', { declared: false }),
    aSlot('n-abandoned', { declared: false, pane: anIntendedPane('n-abandoned') }),
    aSlot('o-leftover', { pane: aLostPane('o-leftover') }),
    aSlot('p-label', { spec: { label: 'boss' }, pane: aPane('p-label') }),
    aRunningSlot('q-same'),
    aRunningSlot('r-untagged'),
  ];
  const observation = seen([
    aDeadPane('c-exited'),
    aDeadPane('d-signal', { exitSignal: 'KILL' }),
    'g-edited',
    'h-restarted',
    'j-held',
    'k-undeclared',
    'l-orphaned',
    'p-label',
    'q-same',
    'o-leftover',
    untagged(aSeenPane('r-untagged')),
  ]);
  const spec = { updateStrategy: { type: 'RollingUpdate', maxUnavailable: 20 } } as const;
  const ended = new Map([anEnded('o-leftover', 'o-leftover')]);
  expect(textOf([aLayout({ slots, spec })], { observation, ended })).toBe(`\
  - o-leftover               kill     Leftover
  + web/a-missing            create   Missing
  + web/b-vanished           create   Vanished
-/+ web/c-exited             revive   ProcessExited (status 3)
-/+ web/d-signal             revive   ProcessExited (signal KILL)
  + web/e-failed             create   CreateFailed
  + web/f-interrupted        create   Interrupted
-/+ web/g-edited             replace  SpecChanged (command)
      command: ["agent","g-edited"] → ["codex"]
-/+ web/h-restarted          replace  RestartRequested
  + web/i-released           create   HoldEnded
  - web/j-held               kill     Held (by ann)
  - web/k-undeclared         kill     NoLongerDeclared
  - web/l-orphaned           release  NoLongerDeclared
  - web/m-gone               kill     NoLongerDeclared
  - web/n-abandoned          kill     NoLongerDeclared
  ~ web/p-label              in place SpecChanged (label)
      label: "p-label" → "boss"

Not done now:
    web/j-held  Held: held by ann: runaway; \`start\` ends the hold
    web/o-leftover  LeftoverStands: its ended pane still stands and is removed first

Plan: 5 create, 4 replace, 2 in place, 5 kill, 3 unchanged, 0 unknown`);
});

test('an exit that tmux told nothing about has no status', () => {
  const { exitCode: _none, ...pane } = anExitedPane('m1');
  expect(textOf([aLayout({ slots: [aSlot('m1', { pane })] })], seen([aDeadPane('m1')]))).toContain(
    '-/+ web/m1                   revive   ProcessExited\n',
  );
});

test('a lost server and a restarted container are told apart', () => {
  const layouts = [aLayout({ slots: [aRunningSlot('m1')] })];
  expect(textOf(layouts, seen([], { epoch: OTHER_SERVER }))).toContain(
    '  + web/m1                   create   TmuxServerLost\n',
  );
  expect(textOf(layouts, seen([], { epoch: OTHER_BOOT }))).toContain(
    '  + web/m1                   create   ContainerRestarted\n',
  );
});

test('what will follow by itself is planned too, with what it waits for', () => {
  const updated = { command: ['codex'], env: { MODE: 'fast' } };
  const slots = [
    aSlot('m1', { spec: updated, pane: aPane('m1') }),
    aSlot('s1', { spec: updated, pane: aPane('s1') }),
    aSlot('s2', { spec: { after: ['nobody'] } }),
  ];
  expect(textOf([aLayout({ slots })], seen(['m1', 's1']))).toBe(`\
-/+ web/m1                   replace  SpecChanged (command, env.MODE)
      command: ["agent","m1"] → ["codex"]
      env.MODE: unset → "fast"
-/+ web/s1                   replace  SpecChanged (command, env.MODE); out of date (command, env.MODE); 1 of its siblings is not ready yet
      command: ["agent","s1"] → ["codex"]
      env.MODE: unset → "fast"
  + web/s2                   create   Missing; starts after nobody

Plan: 1 create, 2 replace, 0 in place, 0 kill, 0 unchanged, 0 unknown`);
});

test('a field that is declared no longer is unset', () => {
  const slot = aSlot('m1', { pane: aPane('m1', { spec: { workingDir: '/srv' } }) });
  expect(textOf([aLayout({ slots: [slot] })], seen(['m1']))).toContain(
    '      workingDir: "/srv" → unset\n',
  );
});

test('two leftovers of one label are two removals', () => {
  const ended = new Map([anEnded('a', 'm1', 'gone'), anEnded('b', 'm1', 'gone')]);
  expect(renderPlans([of([], { observation: seen(['a', 'b']), ended })]).counts.kill).toBe(2);
});

test('a secret is never printed', () => {
  const pane = aPane('m1', { spec: { env: { API_KEY: 'hunter2' } } });
  const slot = aSlot('m1', { spec: { env: { API_KEY: 'hunter3' } }, pane });
  const shown = renderPlans([of([aLayout({ slots: [slot] })], seen(['m1']))]);
  expect(shown.text).toContain('      env.API_KEY: "<redacted>" → "<redacted>"\n');
  expect(JSON.stringify(shown)).not.toContain('hunter');
});

test('a move to another session is a replacement, not a loss', () => {
  const spec = { session: 'elsewhere' };
  const layout = aLayout({ spec, slots: [aRunningSlot('m1'), aRunningSlot('s1')] });
  expect(renderPlans([of([layout], seen(['m1', 's1']))]).counts).toMatchObject({
    replace: 2,
    kill: 0,
  });
});

test('a changed arrangement is one change in place of the whole layout', () => {
  const spec = { arrangement: 'main-vertical' };
  const layout = aLayout({ slots: [aRunningSlot('m1')], spec, arranged: 'tiled' });
  expect(textOf([layout], seen(['m1']))).toBe(`\
  ~ web                      in place SpecChanged (layout)
      layout: "tiled" → "main-vertical"

Plan: 0 create, 0 replace, 1 in place, 0 kill, 1 unchanged, 0 unknown`);
});

test('drift stands in a block of its own', () => {
  const running = aLayout({ slots: [aRunningSlot('m1'), aRunningSlot('s1')] });
  const edited = aLayout({
    slots: [aRunningSlot('m1'), aSlot('s1', { spec: { label: 'boss' }, pane: aPane('s1') })],
  });
  const observation = seen(['s1']);
  const baseline = planned(running, observation).plan;
  const shown = renderPlans([of([edited], observation, baseline)]);
  expect(shown.text).toBe(`\
  ~ web/s1                   in place SpecChanged (label)
      label: "s1" → "boss"

Drift, repaired without any new manifest:
  + web/m1                   create   Vanished

Plan: 1 create, 0 replace, 1 in place, 0 kill, 0 unchanged, 0 unknown`);
  expect(shown.actions.map(({ slot, drift }) => [slot, drift])).toEqual([
    ['web/m1', true],
    ['web/s1', false],
  ]);
});

test('an unknown container is counted, named and explained, and nothing is planned for it', () => {
  const layout = aLayout({ slots: [aRunningSlot('m1'), aSlot('s1')] });
  const shown = renderPlans([of([layout], UNKNOWN)]);
  expect(shown.text).toBe(
    'Plan: 0 create, 0 replace, 0 in place, 0 kill, 0 unchanged, 2 unknown (container local: tmux did not answer within 5s)',
  );
  expect(shown.unknown).toEqual([
    {
      container: 'local',
      reason: 'TmuxTimeout',
      message: UNKNOWN.message,
      slots: ['web/m1', 'web/s1'],
    },
  ]);
});

test('a stalled layout is named with what to do', () => {
  const layout = aLayout({ slots: [aSlot('m1')] });
  const observation = seen([], { sessions: [aForeignSession('web')] });
  expect(textOf([layout], observation)).toContain(
    'Not done now:\n    web/m1  SessionNameConflict: a tmux session named web is there already and is not ours',
  );
});

test('what concerns a whole layout is named by the layout', () => {
  const plan: Plan = {
    container: 'local' as ContainerId,
    actions: [],
    blocked: [
      { layoutName: 'web', reason: 'Suspended', message: 'suspended' },
      {
        layoutName: 'gone',
        slotKey: 'm1',
        reason: 'LabelTaken',
        message: 'taken',
        next: { action: 'create', cause: { reason: 'Missing' } },
      },
    ],
  };
  const shown = renderPlans([{ plan, layouts: [] }]);
  expect(shown.blocked).toEqual([{ slot: 'web', reason: 'Suspended', message: 'suspended' }]);
  expect(shown.actions).toMatchObject([{ slot: 'gone/m1', cause: 'Missing; taken', changes: [] }]);
});

test('several containers come in their order, and each counts its own slots', () => {
  const bench = 'bench' as ContainerId;
  const there = aLayout({ container: bench, slots: [aRunningSlot('m1')] });
  const here = aLayout({ slots: [aSlot('m1')] });
  const parts = [of([here], seen()), of([there], seen(['m1'], { container: bench }))];
  const shown = renderPlans(parts);
  expect(shown.counts).toMatchObject({ create: 1, unchanged: 1 });
  expect(renderPlans(parts.toReversed()).text).toBe(shown.text);
});

test('a running pane that is blocked for now counts as unchanged', () => {
  const layout = aLayout({
    slots: [aSlot('m1', { pane: anExitedPane('m1'), nextAttemptAt: NOW + 1, failures: 1 })],
  });
  expect(renderPlans([of([layout], seen([aDeadPane('m1')]))]).counts).toMatchObject({
    unchanged: 1,
  });
});
