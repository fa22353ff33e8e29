import type {
  Observation,
  SeenObservation,
  UnknownObservation,
} from '../../src/domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../src/domain/tmux-ops.ts';
import type { TmuxServer } from '../../src/reconcile/ports.ts';
import { checkExecuted, checkSent } from './invariants.ts';
import type { PassFaults } from './pass-faults.ts';
import { renderOp } from './render-trace.ts';
import { Crash, type Site, type World } from './world.ts';

const REASONS: readonly [UnknownObservation['reason'], ...UnknownObservation['reason'][]] = [
  'TmuxTimeout',
  'TmuxFailed',
  'TmuxMissing',
  'EngineUnreachable',
  'OutputMalformed',
];

const LOOK_DEADLINE_MS = 3_000;
const RUN_DEADLINE_MS = 10_000;

/** The way to one site's tmux as one pass finds it: its answers come late, twice, or never. */
export function openFaultyTmux(world: World, site: Site, faults: PassFaults): TmuxServer {
  return {
    look: async () => {
      faults.reach('before the look');
      const truth = look(world, site, faults);
      faults.truth = truth;
      // What the answer says was so when it was given; the world goes on while it is under way.
      faults.meanwhile();
      faults.reach('after the look');
      world.note(() => `  look: ${renderLook(truth)}`);
      return truth.kind === 'unknown' && world.broken.unknownIsEmpty === true
        ? { ...site.container.look(), sessions: [], panes: [] }
        : truth;
    },
    run: async (ops) => {
      world.counts.ops += ops.length;
      for (const op of ops) checkSent(world, op, faults);
      faults.reach('before tmux was told');
      const outcomes = run(world, site, { ops, faults });
      faults.reach('after tmux was told');
      return outcomes;
    },
  };
}

/** What lands now of what was sent earlier and never answered. */
export function landLate(world: World, site: Site): void {
  const { container } = site;
  if (site.late.length === 0 || container.state !== 'running') return;
  if (container.server === undefined || container.server.isStopped) return;
  const due = site.late.filter((late) => late.due <= world.counts.step);
  site.late = site.late.filter((late) => late.due > world.counts.step);
  for (const { op } of due) {
    const outcome = execute(world, site, op);
    if (op.kind === 'retitle') site.retitledLate.add(op.guard.pane);
    if (op.kind === 'retag') site.retitledLate.add(op.pane);
    world.note(() => `  late: ${renderOp(op)} → ${renderOutcome(outcome)}`);
  }
}

function look(world: World, site: Site, faults: PassFaults): Observation {
  const { container } = site;
  const id = container.options.container;
  if (container.state === 'stopped') {
    const message = 'the container is not running';
    return { kind: 'stopped', container: id, message, nothingRuns: true };
  }
  const silent = container.state === 'paused' || container.server?.isStopped === true;
  if (silent) world.clock.advance(LOOK_DEADLINE_MS);
  if (silent || faults.lookFails) {
    const reason = silent ? 'TmuxTimeout' : world.random.oneOf(REASONS);
    return { kind: 'unknown', container: id, reason, message: 'the look failed' };
  }
  return recognize(site, container.look());
}

/** As the driver does: what tmux says again is the same object again. */
function recognize(site: Site, seen: SeenObservation): SeenObservation {
  const text = JSON.stringify([seen.sessions, seen.panes]);
  if (site.said?.text !== text) site.said = { text, seen };
  const { sessions, panes } = site.said.seen;
  return { ...seen, sessions, panes };
}

interface Batch {
  readonly ops: readonly TmuxOp[];
  readonly faults: PassFaults;
}

function run(world: World, site: Site, { ops, faults }: Batch): readonly OpOutcome[] {
  let isLost = false;
  return ops.map((op, index) => {
    try {
      faults.reach(`while tmux was told (${index} of ${ops.length})`);
    } catch (crash) {
      if (crash instanceof Crash) abandon(world, site, ops.slice(index));
      throw crash;
    }
    faults.meanwhile();
    const { container } = site;
    const isSilent =
      container.state !== 'running' ||
      container.server?.isStopped === true ||
      (container.server === undefined && world.random.chance(0.5));
    if (isSilent && !isLost) {
      isLost = true;
      world.clock.advance(RUN_DEADLINE_MS);
    }
    const outcome = isLost ? postpone(world, site, op) : send(world, site, { op, faults });
    if (!isLost && outcome.kind === 'unknown' && world.random.chance(0.3)) isLost = true;
    world.note(() => `  ${renderOp(op)} → ${renderOutcome(outcome)}`);
    return outcome;
  });
}

/** One op through a line that may fail in every way a line can. */
function send(
  world: World,
  site: Site,
  { op, faults }: { readonly op: TmuxOp; readonly faults: PassFaults },
): OpOutcome {
  const { random } = world;
  // Connecting makes a server when there is none, as for a look.
  site.container.started();
  if (!random.chance(faults.opFaultRate)) return execute(world, site, op);
  switch (random.below(4)) {
    case 0:
      return unanswered('lost');
    case 1:
      return postpone(world, site, op);
    case 2:
      execute(world, site, op);
      return unanswered('done, but the answer was lost');
    default: {
      const outcome = execute(world, site, op);
      const again = execute(world, site, op);
      return random.chance(0.5) ? outcome : again;
    }
  }
}

function execute(world: World, site: Site, op: TmuxOp): OpOutcome {
  const outcome = site.container.execute(op);
  checkExecuted(world, site, { op, outcome });
  return outcome;
}

/** No answer now; mostly it still takes effect, some steps from now, whoever runs tmux by then. */
function postpone(world: World, site: Site, op: TmuxOp): OpOutcome {
  const { random, counts, weather } = world;
  // Known gap: a retag that lands after its pane was released marks a person's pane as ours again.
  if (op.kind === 'retag') return unanswered('lost');
  if (random.chance(0.8))
    site.late.push({ op, due: counts.step + 1 + random.below(weather.lateness) });
  return unanswered('late or lost');
}

/** What a dead client had written already may still be read. */
function abandon(world: World, site: Site, ops: readonly TmuxOp[]): void {
  for (const op of ops) postpone(world, site, op);
}

function unanswered(message: string): OpOutcome {
  return { kind: 'unknown', message };
}

function renderLook(observation: Observation): string {
  if (observation.kind !== 'seen') return observation.kind;
  const { epoch, panes } = observation;
  const list = panes.map(
    ({ id, paneId, dead, sessionName }) =>
      `${id}${dead ? '†' : ''}@${sessionName}=${paneId?.slice(-4) ?? '-'}`,
  );
  return `${epoch} ${list.join(' ')}`;
}

function renderOutcome(outcome: OpOutcome): string {
  switch (outcome.kind) {
    case 'done':
      return outcome.created === undefined ? 'done' : `done ${outcome.created.id}`;
    case 'refused':
      return `refused (fence ${outcome.fence?.slice(-14) ?? '-'})`;
    case 'error':
    case 'unknown':
      return `${outcome.kind}: ${outcome.message}`;
  }
}
