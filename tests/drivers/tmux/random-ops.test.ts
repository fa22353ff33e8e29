import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ObservedPane, SeenObservation } from '../../../src/domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../../src/domain/tmux-ops.ts';
import { batches, StepResolver } from '../../support/random-tmux-ops.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { seen } from '../../support/tmux-ops.ts';
import { untilAllMet } from '../../support/until-all-met.ts';

let real: RealTmux;

beforeEach(() => {
  real = startRealTmux();
});
afterEach(() => real.stop());

/** Kinds that were done and that were refused or failed, over the whole test: a generator that misses one is no test. */
const met = new Set<string>();

const BOTH = ['create', 'respawn', 'kill', 'retitle', 'pipe', 'release', 'burn-fence', 'retag'];

test('whatever ops are sent, each does what it says or nothing, and people’s panes are left alone', async () => {
  const wanted = BOTH.flatMap((kind) => [`${kind} done`, `${kind} refused`]);
  await untilAllMet(sendRandomOps, { met, wanted });
}, 240_000);

async function sendRandomOps(): Promise<void> {
  await fc.assert(
    fc.asyncProperty(batches, async (list) => {
      await killSessions();
      await real.tmux('new-session', '-d', '-s', 'mine', '-x', '200', '-y', '50', 'sleep', '1000');
      await real.tmux('split-window', '-d', '-t', '=mine:', 'sleep', '1000');
      const mine = identities(seen(await real.server.look()));
      const resolver = new StepResolver();
      for (const steps of list) {
        const before = seen(await real.server.look());
        const ops = resolver.resolve(steps, before, join(real.directory, 'log'));
        const outcomes = await real.server.run(ops);
        expect(outcomes).toHaveLength(ops.length);
        const after = seen(await real.server.look());
        for (const [i, op] of ops.entries()) {
          const outcome = outcomes[i]!;
          met.add(`${op.kind} ${outcome.kind}`);
          expect(outcome.kind).not.toBe('unknown');
          if (op.kind !== 'retag') noteFence(resolver, op, outcome);
        }
        if (ops.length === 1) expectEffect(ops[0]!, outcomes[0]!, before, after);
        expectNoTwins(after);
        if (!ops.some((op) => op.kind === 'retag')) expectMineUntouched(mine, after);
        await expectNothingOnRepeat(
          ops.filter((_op, i) => ['done', 'error'].includes(outcomes[i]!.kind)),
          after,
        );
        if (ops.some((op) => op.kind === 'retag')) return;
      }
    }),
    { numRuns: 60 },
  );
}

function noteFence(resolver: StepResolver, op: TmuxOp, outcome: OpOutcome): void {
  if (!('fence' in op)) return;
  const value =
    outcome.kind === 'refused'
      ? (outcome.fence ?? '')
      : /* moved, also by an error */ op.fence.next;
  resolver.noteFence(op.fence.slot, value);
}

function expectEffect(
  op: TmuxOp,
  outcome: OpOutcome,
  before: SeenObservation,
  after: SeenObservation,
): void {
  if (outcome.kind !== 'done') {
    assert.deepEqual(identities(after), identities(before));
    return;
  }
  switch (op.kind) {
    case 'create':
    case 'respawn': {
      const { created } = outcome;
      const pane = after.panes.find((one) => one.id === created?.id);
      assert.deepEqual([pane?.paneId, pane?.pid, pane?.title], [op.pane, created?.pid, op.title]);
      assert.equal(after.panes.length, before.panes.length + (op.kind === 'create' ? 1 : 0));
      return;
    }
    case 'kill':
      assert.deepEqual(
        identities(after),
        identities(before).filter((pane) => pane.id !== op.guard.pane),
      );
      return;
    case 'release':
      assert.equal(find(after, op.guard.pane)?.paneId, undefined);
      return;
    case 'retitle':
      assert.equal(find(after, op.guard.pane)?.title, op.title);
      return;
    case 'retag':
      assert.equal(find(after, op.pane)?.paneId, op.owner);
      return;
    case 'pipe':
      if (op.logFile === undefined) assert.equal(find(after, op.guard.pane)?.piped, false);
      return;
    case 'arrange':
    case 'burn-fence':
      assert.deepEqual(identities(after), identities(before));
  }
}

/** At most one pane carries any one tag. */
function expectNoTwins(observed: SeenObservation): void {
  const tags = observed.panes.flatMap((pane) => pane.paneId ?? []);
  expect(new Set(tags).size).toBe(tags.length);
}

function expectMineUntouched(mine: readonly unknown[], after: SeenObservation): void {
  expect(identities(after).filter((pane) => pane.sessionName === 'mine')).toEqual(mine);
}

/** Creates and kills that took place are spent: sent again they change nothing. */
async function expectNothingOnRepeat(
  ops: readonly TmuxOp[],
  after: SeenObservation,
): Promise<void> {
  const spent = ops.filter((op) => op.kind === 'create' || op.kind === 'kill');
  const outcomes = await real.server.run(spent);
  expect(outcomes.filter((outcome) => outcome.kind === 'done')).toEqual([]);
  const again = seen(await real.server.look());
  expect(identities(again)).toEqual(identities(after));
}

function find(observed: SeenObservation, id: string): ObservedPane | undefined {
  return observed.panes.find((pane) => pane.id === id);
}

/** What must not change by itself; whether a program has ended meanwhile may. */
function identities(observed: SeenObservation) {
  return observed.panes
    .map(({ id, pid, title, paneId, sessionName }) => ({ id, pid, title, paneId, sessionName }))
    .toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
}

async function killSessions(): Promise<void> {
  const { sessions } = seen(await real.server.look());
  for (const { id } of sessions) await real.tmux('kill-session', '-t', id);
  // Fences are global options: a new list of ops starts without any.
  const options = await real.tmux('show-options', '-g');
  for (const [name] of options.matchAll(/^@agenttower_f_\w+/gm)) {
    // Emptied rather than unset, of which tmux 2.6 dies.
    await real.tmux('set-option', '-g', name, '');
  }
}
