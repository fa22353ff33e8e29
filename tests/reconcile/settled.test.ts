import { beforeEach, expect, test } from 'vitest';
import type { SeenObservation } from '../../src/domain/observed.ts';
import { type PassResult, reconcile } from '../../src/reconcile/pass.ts';
import { LOCAL } from '../support/builders.ts';
import { openRig, type Rig } from './fixture.ts';

let rig: Rig;
let shown: SeenObservation;
let last: PassResult;

/** A layout that runs and is recorded as healthy, seen the same again and again. */
beforeEach(async () => {
  rig = openRig();
  rig.declare(['m1', 's1']);
  await rig.settle();
  shown = (await rig.tmux.look()) as SeenObservation;
  rig.tmux.shows = shown;
  last = await rig.pass();
});

const again = (): Promise<PassResult> => reconcile(LOCAL, rig.deps, last);

test('what is as the last pass left it needs no new plan', async () => {
  await rig.clock.advance(1_000);
  rig.tmux.shows = { ...shown };
  const result = await again();
  expect(result.plan).toBe(last.plan);
  expect(result.observation).toBe(rig.tmux.shows);
});

test.each<[string, Partial<SeenObservation>]>([
  ['a list of sessions', { sessions: [] }],
  ['a life of the server', { epoch: 'another' as SeenObservation['epoch'] }],
  ['a stretch of running', { runningSince: 1 }],
])('%s that is new does', async (_what, change) => {
  rig.tmux.shows = { ...shown, ...change };
  expect((await again()).plan).not.toBe(last.plan);
});

test('a list of panes that is new does', async () => {
  rig.tmux.shows = { ...shown, panes: [...shown.panes] };
  expect((await again()).plan).not.toBe(last.plan);
});

test('a record that is new does', async () => {
  rig.editLayout({ generation: 7 });
  expect((await again()).plan).not.toBe(last.plan);
});

test('a look that failed does, and the one after it', async () => {
  const unknown = {
    kind: 'unknown',
    container: LOCAL,
    reason: 'TmuxTimeout',
    message: '',
  } as const;
  rig.tmux.shows = unknown;
  last = await again();
  expect(last.plan.unknown).toBe(unknown);
  rig.tmux.shows = shown;
  expect((await again()).plan.unknown).toBeUndefined();
});

test('time does: ten seconds at most, a hold that ends before that, and a clock that runs backwards', async () => {
  await rig.clock.advance(9_999);
  expect((await again()).plan).toBe(last.plan);
  await rig.clock.advance(1);
  expect((await again()).plan).not.toBe(last.plan);

  rig.editLayout({ suspended: { by: 'ann', reason: '', at: rig.clock.now() } });
  rig.edit('m1', {
    hold: { by: 'ann', reason: '', since: 0, until: rig.clock.now() + 500 },
  });
  await rig.pass();
  last = await rig.pass();
  expect(last.settled?.until).toBe(rig.clock.now() + 500);

  const settled = { ...last.settled, from: rig.clock.now() + 1 } as PassResult['settled'];
  last = { ...last, ...(settled && { settled }) };
  expect((await again()).plan).not.toBe(last.plan);
});

test('a pass that had something to do leaves nothing to believe', async () => {
  rig.tmux.shows = { ...shown, panes: [], sessions: [] };
  const busy = await rig.pass();
  expect(busy.plan.actions).not.toEqual([]);
  expect(busy.settled).toBeUndefined();
});
