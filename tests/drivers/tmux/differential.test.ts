import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { epochServer, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import type { SeenObservation } from '../../../src/domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../../src/domain/tmux-ops.ts';
import { SimContainer, type SimPane, serverId } from '../../simulator/sim-tmux.ts';
import { batches, StepResolver } from '../../support/random-tmux-ops.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

let real: RealTmux;

beforeEach(() => {
  real = startRealTmux();
});
afterEach(() => real.stop());

/** What a person does between two batches, to a pane chosen by its place in the list. */
interface Prank {
  readonly kind:
    | 'nothing'
    | 'kill-pane'
    | 'split'
    | 'new-session'
    | 'copy-tag'
    | 'untag'
    | 'respawn'
    | 'break-pane'
    | 'rename-session'
    | 'kill-server';
  readonly pane: number;
  readonly other: number;
}

const pranks: fc.Arbitrary<readonly Prank[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 9, arbitrary: fc.constant('nothing' as const) },
      {
        weight: 10,
        arbitrary: fc.constantFrom(
          'kill-pane' as const,
          'split' as const,
          'new-session' as const,
          'copy-tag' as const,
          'untag' as const,
          'respawn' as const,
          'break-pane' as const,
          'rename-session' as const,
        ),
      },
      { weight: 1, arbitrary: fc.constant('kill-server' as const) },
    ),
    pane: fc.nat(9),
    other: fc.nat(9),
  }),
  { minLength: 12, maxLength: 12 },
);

/** Kinds that were met with their outcomes: a generator that misses one is no test. */
const met = new Set<string>();

test('a simulated tmux answers random ops and shows their effects as a real one does', async () => {
  await fc.assert(
    fc.asyncProperty(batches, pranks, async (list, doings) => {
      await real.tmux('kill-server').catch(() => undefined);
      const sim = new SimContainer({
        container: LOCAL_CONTAINER,
        installation: real.installation,
        incarnation: () => 'local',
      });
      const resolvers = { real: new StepResolver(), sim: new StepResolver() };
      const logFile = join(real.directory, 'log');
      for (const [index, steps] of list.entries()) {
        const before = { real: seen(await real.server.look()), sim: sim.look() };
        expect(normalize(before.sim)).toEqual(normalize(before.real));
        const ops = {
          real: resolvers.real.resolve(steps, before.real, logFile),
          sim: resolvers.sim.resolve(steps, before.sim, logFile),
        };
        await meddle(sim, doings[index]!);
        for (const [i, op] of ops.real.entries()) {
          const [expected] = await real.server.run([op]);
          const simOp = ops.sim[i]!;
          const actual = sim.execute(simOp);
          met.add(`${op.kind} ${expected?.kind}`);
          const context = JSON.stringify(op);
          expect(normalizeOutcome(actual, serverOf(sim)), context).toEqual(
            normalizeOutcome(expected!, await realServer()),
          );
          noteFence(resolvers.real, op, expected!);
          noteFence(resolvers.sim, simOp, actual);
          await letProgramEnd(sim, simOp, actual);
        }
        expect(normalize(sim.look())).toEqual(normalize(seen(await real.server.look())));
      }
    }),
    { numRuns: 50, interruptAfterTimeLimit: 600_000 },
  );
  const kinds = [
    'create',
    'respawn',
    'kill',
    'retitle',
    'pipe',
    'release',
    'burn-fence',
    'retag',
    'arrange',
  ];
  for (const kind of kinds) {
    expect([...met]).toContain(`${kind} done`);
    expect([...met]).toContain(`${kind} refused`);
  }
  expect([...met]).toContain('create error');
}, 240_000);

async function realServer(): Promise<string> {
  return epochServer(seen(await real.server.look()).epoch);
}

function serverOf(sim: SimContainer): string {
  return serverId(sim.started());
}

/** A program that is to exit has done so in both before anybody acts again. */
async function letProgramEnd(sim: SimContainer, op: TmuxOp, outcome: OpOutcome): Promise<void> {
  if (op.kind !== 'create' && op.kind !== 'respawn') return;
  if (outcome.kind !== 'done' || op.process.argv[0] !== 'sh') return;
  const pane = sim.panes().find(({ id }) => id === outcome.created?.id);
  if (pane === undefined) return;
  sim.exitPane(pane, { code: 3 });
  await until(async () => {
    const { panes } = seen(await real.server.look());
    return panes.find(({ id }) => id === pane.id)?.dead;
  });
}

function noteFence(resolver: StepResolver, op: TmuxOp, outcome: OpOutcome): void {
  if (!('fence' in op) || outcome.kind === 'unknown') return;
  const value = outcome.kind === 'refused' ? (outcome.fence ?? '') : op.fence.next;
  resolver.noteFence(op.fence.slot, value);
}

/** The same thing done by hand to both; what cannot be done is done to neither. */
async function meddle(sim: SimContainer, { kind, pane: chosen, other }: Prank): Promise<void> {
  const panes = sim.panes();
  const pane = panes[chosen % Math.max(1, panes.length)];
  if (kind === 'nothing') return;
  if (kind === 'kill-server') {
    await real.tmux('kill-server');
    sim.killServer();
    // The next server is there before anything is sent: a channel that is just lost answers nothing.
    await until(async () => (await real.server.look()).kind === 'seen');
    sim.started();
    return;
  }
  if (kind === 'new-session') {
    if (sim.newSession('theirs') === undefined) return;
    await real.tmux('new-session', '-d', '-s', 'theirs', '-x', '200', '-y', '50', 'sleep', '1000');
    return;
  }
  if (pane !== undefined)
    await meddleWithPane(sim, kind, { pane, other: panes[other % panes.length]! });
}

async function meddleWithPane(
  sim: SimContainer,
  kind: Exclude<Prank['kind'], 'nothing' | 'kill-server' | 'new-session'>,
  { pane, other }: { readonly pane: SimPane; readonly other: SimPane },
): Promise<void> {
  const { window } = pane;
  switch (kind) {
    case 'kill-pane':
      await real.tmux('kill-pane', '-t', pane.id);
      sim.removePane(pane);
      return;
    case 'split':
      if (window.panes.length > 4) return;
      await real.tmux('split-window', '-d', '-t', pane.id, 'sleep', '1000');
      sim.addPane(window);
      return;
    case 'copy-tag':
      if (pane.tag === undefined) return;
      await real.tmux('set-option', '-p', '-t', other.id, '@agenttower', pane.tag);
      other.tag = pane.tag;
      return;
    case 'untag':
      await real.tmux('set-option', '-p', '-u', '-t', pane.id, '@agenttower');
      pane.tag = undefined;
      return;
    case 'respawn':
      await real.tmux('respawn-pane', '-k', '-t', pane.id, 'sleep', '1000');
      sim.respawnPane(pane);
      return;
    case 'break-pane':
      if (window.panes.length === 1) return;
      await real.tmux('break-pane', '-d', '-s', pane.id, '-t', `${window.session.id}:`);
      sim.movePane(pane, sim.newWindow(window.session));
      return;
    case 'rename-session':
      if (sim.sessions().some(({ name }) => name === 'renamed')) return;
      await real.tmux('rename-session', '-t', window.session.id, 'renamed');
      window.session.name = 'renamed';
  }
}

/** A look without what the machine decides: process ids, the time, the titles nobody set. */
function normalize({ sessions, panes }: SeenObservation) {
  return {
    sessions: sessions.map((one) => ({ ...one })).toSorted((a, b) => byNumber(a.id, b.id)),
    panes: panes
      .map(({ id, sessionId, windowId, dead, exitCode, exitSignal, paneId, piped, title }) => ({
        id,
        sessionId,
        windowId,
        dead,
        exitCode,
        exitSignal,
        paneId,
        piped,
        title: paneId === undefined ? '' : title,
      }))
      .toSorted((a, b) => byNumber(a.id, b.id)),
  };
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}

function normalizeOutcome(outcome: OpOutcome, server: string) {
  switch (outcome.kind) {
    case 'done': {
      const { created } = outcome;
      return { kind: 'done', ...(created && { created: { ...created, pid: 0 } }) };
    }
    case 'refused':
      return { ...outcome, server: outcome.server === server };
    case 'error':
    case 'unknown':
      return outcome;
  }
}
