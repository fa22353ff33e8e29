import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { epochServer, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import type { SeenObservation } from '../../../src/domain/observed.ts';
import type { CreatedPane, OpOutcome, TmuxOp } from '../../../src/domain/tmux-ops.ts';
import type { OpenTmuxServer } from '../../../src/drivers/tmux/server.ts';
import { SimContainer, type SimPane } from '../../simulator/sim-tmux.ts';
import { batches, StepResolver } from '../../support/random-tmux-ops.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';
import { untilAllMet } from '../../support/until-all-met.ts';

let real: RealTmux;
/** Anew for each list of ops: one that loses its server again and again does without a channel for a while. */
let server: OpenTmuxServer;

beforeEach(() => {
  real = startRealTmux();
  server = real.server;
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

/**
 * On a server of our own the channel makes a session for itself when the last one ends: the same things get other ids
 * there, in the same order.
 */
test.each([
  ['of our own', true],
  ['of a person', false],
])(
  'a simulated tmux answers random ops and shows their effects as a real one %s does',
  async (_whose, ownsServer) => {
    /** Kinds that were met with their outcomes: a generator that misses one is no test. */
    const met = new Set<string>();
    const alike = ownsServer ? byRank : asItIs;
    const compare = () =>
      fc.assert(
        fc.asyncProperty(batches, pranks, async (list, doings) => {
          await real.tmux('kill-server').catch(() => undefined);
          await server.close();
          server = real.open({ ownsServer });
          const sim = new SimContainer({
            container: LOCAL_CONTAINER,
            installation: real.installation,
            incarnation: () => 'local',
          });
          const resolvers = { real: new StepResolver(), sim: new StepResolver() };
          const logFile = join(real.directory, 'log');
          for (const [index, steps] of list.entries()) {
            const before = { real: seen(await server.look()), sim: sim.look() };
            expect(normalize(before.sim, alike)).toEqual(normalize(before.real, alike));
            const ops = {
              real: resolvers.real.resolve(steps, before.real, logFile),
              sim: resolvers.sim.resolve(steps, before.sim, logFile),
            };
            await meddle(sim, doings[index]!, counterpart(before.sim, before.real));
            if (ownsServer) await until(hasChannel, { timeoutMs: 20_000 });
            for (const [i, op] of ops.real.entries()) {
              const [expected] = await server.run([op]);
              const simOp = ops.sim[i]!;
              const actual = sim.execute(simOp);
              met.add(`${op.kind} ${expected?.kind}`);
              const context = JSON.stringify(op);
              expect(normalizeOutcome(actual, sim.look(), alike), context).toEqual(
                normalizeOutcome(expected!, seen(await server.look()), alike),
              );
              noteFence(resolvers.real, op, expected!);
              noteFence(resolvers.sim, simOp, actual);
              await letProgramEnd(sim, { op: simOp, sim: actual, real: expected! });
            }
            expect(normalize(sim.look(), alike)).toEqual(
              normalize(seen(await server.look()), alike),
            );
          }
        }),
        { numRuns: 40, endOnFailure: true, interruptAfterTimeLimit: 600_000 },
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
    const wanted = kinds.flatMap((kind) => [`${kind} done`, `${kind} refused`]);
    await untilAllMet(compare, { met, wanted: [...wanted, 'create error'] });
  },
  240_000,
);

/** A program that is to exit has done so in both before anybody acts again. */
async function letProgramEnd(
  sim: SimContainer,
  { op, ...outcomes }: { readonly op: TmuxOp; readonly sim: OpOutcome; readonly real: OpOutcome },
): Promise<void> {
  if (op.kind !== 'create' && op.kind !== 'respawn') return;
  if (outcomes.sim.kind !== 'done' || op.process.argv[0] !== 'sh') return;
  const pane = sim.panes().find(({ id }) => id === createdIn(outcomes.sim)?.id);
  if (pane === undefined) return;
  sim.exitPane(pane, { code: 3 });
  await until(async () => {
    const { panes } = seen(await server.look());
    return panes.find(({ id }) => id === createdIn(outcomes.real)?.id)?.dead;
  });
}

function createdIn(outcome: OpOutcome): CreatedPane | undefined {
  return outcome.kind === 'done' ? outcome.created : undefined;
}

function noteFence(resolver: StepResolver, op: TmuxOp, outcome: OpOutcome): void {
  if (!('fence' in op) || outcome.kind === 'unknown') return;
  const value = outcome.kind === 'refused' ? (outcome.fence ?? '') : op.fence.next;
  resolver.noteFence(op.fence.slot, value);
}

/** The same thing done by hand to both; what cannot be done is done to neither. */
async function meddle(
  sim: SimContainer,
  { kind, pane: chosen, other }: Prank,
  inReal: (id: string) => string,
): Promise<void> {
  const panes = sim.panes();
  const pane = panes[chosen % Math.max(1, panes.length)];
  if (kind === 'nothing') return;
  if (kind === 'kill-server') {
    await real.tmux('kill-server');
    sim.killServer();
    // The next server is there before anything is sent: a channel that is just lost answers nothing.
    await until(async () => (await server.look()).kind === 'seen');
    sim.started();
    return;
  }
  if (kind === 'new-session') {
    if (sim.newSession('theirs') === undefined) return;
    await real.tmux('new-session', '-d', '-s', 'theirs', '-x', '200', '-y', '50', 'sleep', '1000');
    return;
  }
  if (pane === undefined) return;
  await meddleWithPane(sim, kind, { pane, other: panes[other % panes.length]!, inReal });
}

/** A session that ends takes the channel in it along; what is sent before it is opened anew would be lost. */
async function hasChannel(): Promise<boolean> {
  seen(await server.look());
  return (await real.tmux('list-clients')) !== '';
}

async function meddleWithPane(
  sim: SimContainer,
  kind: Exclude<Prank['kind'], 'nothing' | 'kill-server' | 'new-session'>,
  {
    pane,
    other,
    inReal,
  }: { readonly pane: SimPane; readonly other: SimPane; readonly inReal: (id: string) => string },
): Promise<void> {
  const { window } = pane;
  switch (kind) {
    case 'kill-pane':
      await real.tmux('kill-pane', '-t', inReal(pane.id));
      sim.removePane(pane);
      return;
    case 'split':
      if (window.panes.length > 4) return;
      await real.tmux('split-window', '-d', '-t', inReal(pane.id), 'sleep', '1000');
      sim.addPane(window);
      return;
    case 'copy-tag':
      if (pane.tag === undefined) return;
      const tag = pane.tag.replace(/%\d+$/, inReal);
      await real.tmux('set-option', '-p', '-t', inReal(other.id), '@agenttower', tag);
      other.tag = pane.tag;
      return;
    case 'untag':
      await real.tmux('set-option', '-p', '-u', '-t', inReal(pane.id), '@agenttower');
      pane.tag = undefined;
      return;
    case 'respawn':
      await real.tmux('respawn-pane', '-k', '-t', inReal(pane.id), 'sleep', '1000');
      sim.respawnPane(pane);
      return;
    case 'break-pane':
      if (window.panes.length === 1) return;
      await real.tmux(
        'break-pane',
        '-d',
        '-s',
        inReal(pane.id),
        '-t',
        `${inReal(window.session.id)}:`,
      );
      sim.movePane(pane, sim.newWindow(window.session));
      return;
    case 'rename-session':
      if (sim.sessions().some(({ name }) => name === 'renamed')) return;
      await real.tmux('rename-session', '-t', inReal(window.session.id), 'renamed');
      window.session.name = 'renamed';
  }
}

/** What something in the one look is called in the other, which shows the same. */
function counterpart(from: SeenObservation, to: SeenObservation): (id: string) => string {
  const there = inOrder(to);
  const byId = new Map(inOrder(from).map((id, i) => [id, there[i] ?? id]));
  return (id) => byId.get(id) ?? id;
}

function inOrder({ sessions, panes }: SeenObservation): readonly string[] {
  return [
    sessions.map(({ id }) => id),
    panes.map(({ windowId }) => windowId),
    panes.map(({ id }) => id),
  ].flatMap((ids) => [...new Set<string>(ids)].toSorted(byNumber));
}

/** How ids of one kind are written, all of which are given. */
type Naming = (ids: readonly string[]) => (id: string) => string;

const asItIs: Naming = () => (id) => id;

/** The how manieth of those there are. */
const byRank: Naming = (ids) => {
  const sorted = [...new Set(ids)].toSorted(byNumber);
  return (id) => `${id.slice(0, 1)}#${sorted.indexOf(id)}`;
};

function namesIn({ panes }: SeenObservation, naming: Naming) {
  return {
    session: naming(panes.map(({ sessionId }) => sessionId)),
    window: naming(panes.map(({ windowId }) => windowId)),
    pane: naming(panes.map(({ id }) => id)),
  };
}

/** A look without what the machine decides: process ids, the time, the titles nobody set. */
function normalize(look: SeenObservation, naming: Naming) {
  const name = namesIn(look, naming);
  return {
    sessions: look.sessions
      .toSorted((a, b) => byNumber(a.id, b.id))
      .map((one) => ({ ...one, id: name.session(one.id) })),
    panes: look.panes
      .toSorted((a, b) => byNumber(a.id, b.id))
      .map(({ id, sessionId, windowId, dead, exitCode, exitSignal, paneId, piped, title }) => ({
        id: name.pane(id),
        sessionId: name.session(sessionId),
        windowId: name.window(windowId),
        dead,
        exitCode,
        exitSignal,
        paneId,
        piped,
        title: paneId === undefined ? '' : title,
      })),
  };
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}

/** What became of an op, by a look after it. */
function normalizeOutcome(outcome: OpOutcome, look: SeenObservation, naming: Naming) {
  const name = namesIn(look, naming);
  switch (outcome.kind) {
    case 'done': {
      const { created } = outcome;
      return {
        kind: 'done',
        ...(created && {
          session: name.session(created.session),
          window: name.window(created.window),
          pane: name.pane(created.id),
        }),
      };
    }
    case 'refused':
      return { ...outcome, server: outcome.server === epochServer(look.epoch) };
    case 'error':
    case 'unknown':
      return outcome;
  }
}
