import * as fc from 'fast-check';
import type {
  Epoch,
  LayoutId,
  PaneId,
  SlotId,
  TmuxPaneId,
  TmuxSessionId,
  TmuxWindowId,
} from '../../src/domain/ids.ts';
import type { ObservedPane, SeenObservation } from '../../src/domain/observed.ts';
import type {
  FenceStep,
  PaneGuard,
  Place,
  ProcessSpec,
  TmuxOp,
  WindowPlace,
} from '../../src/domain/tmux-ops.ts';

/**
 * Random lists of ops for any tmux, real or simulated. A step holds small numbers only; `resolveSteps` makes ops of
 * them from what was last observed, so that two tmux servers that behave alike are sent the same ops.
 */
export interface Step {
  readonly kind: TmuxOp['kind'];
  /** Which slot, which layout, and which of the observed panes (modulo their number). */
  readonly slot: number;
  readonly layout: number;
  readonly pane: number;
  readonly place: Place['kind'];
  /** What is wrong with the guard, if anything. */
  readonly flaw: 'none' | 'epoch' | 'owner' | 'pane' | 'fence' | 'layout';
  readonly program: 'stays' | 'exits';
  readonly arrangement: string;
}

const SLOTS = 4;
const LAYOUTS = 2;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant('create' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'respawn',
        'kill',
        'retitle',
        'retag',
        'pipe',
        'arrange',
        'release',
        'burn-fence',
      ),
    },
  ),
  slot: fc.nat(SLOTS - 1),
  layout: fc.nat(LAYOUTS - 1),
  pane: fc.nat(7),
  place: fc.constantFrom('new-session', 'session', 'window'),
  flaw: fc.oneof(
    { weight: 5, arbitrary: fc.constant('none' as const) },
    { weight: 2, arbitrary: fc.constantFrom('epoch', 'owner', 'pane', 'fence', 'layout') },
  ),
  program: fc.constantFrom('stays', 'stays', 'exits'),
  arrangement: fc.constantFrom('tiled', 'main-vertical', 'even-vertical', 'no-such-arrangement'),
});

/** Batches of steps: the ops of one batch are made from the same observation. */
export const batches: fc.Arbitrary<readonly (readonly Step[])[]> = fc.array(
  fc.array(step, { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 12 },
);

/** Makes ops of steps, and remembers what it sent, so that fences go on from the value last seen. */
export class StepResolver {
  readonly #fences = new Map<number, string>();
  #panes = 0;

  /** `logFile` receives the output of panes that are logged. */
  resolve(steps: readonly Step[], observed: SeenObservation, logFile: string): readonly TmuxOp[] {
    return steps.map((one) => this.#toOp(one, observed, logFile));
  }

  /** What the server answered about a slot's fence. */
  noteFence(slot: SlotId, value: string): void {
    this.#fences.set(numberOf(slot), value);
  }

  #toOp(one: Step, observed: SeenObservation, logFile: string): TmuxOp {
    const epoch = one.flaw === 'epoch' ? ('local#1:1' as Epoch) : observed.epoch;
    const target = choosePane(one, observed);
    const guard = toGuard(one, epoch, target);
    const title = `${one.kind} ${one.slot}`;
    const process: ProcessSpec = {
      argv: one.program === 'stays' ? ['sleep', '1000'] : ['sh', '-c', 'exit 3'],
      env: { SLOT: String(one.slot) },
      ...(one.slot % 2 === 0 && { logFile }),
    };
    const layout = layoutIdOf(one.layout + (one.flaw === 'layout' ? LAYOUTS : 0));
    const window: WindowPlace = {
      kind: 'window',
      session: target?.sessionId ?? ('$99' as TmuxSessionId),
      window: target?.windowId ?? ('@99' as TmuxWindowId),
    };
    const { arrangement } = one;
    switch (one.kind) {
      case 'create': {
        const [pane, fence] = this.#nextPane(one);
        const place = toPlace(one, window);
        return { kind: 'create', epoch, fence, layout, pane, place, process, title, arrangement };
      }
      case 'respawn': {
        const [pane, fence] = this.#nextPane(one);
        return { kind: 'respawn', guard, fence, pane, process, title };
      }
      case 'burn-fence':
        return { kind: 'burn-fence', epoch, fence: this.#nextPane(one)[1] };
      case 'retag': {
        // No process after this one gets that number.
        const pid = (target?.pid ?? 1) + (one.flaw === 'owner' ? 1e8 : 0);
        return {
          kind: 'retag',
          epoch,
          pane: guard.pane,
          pid,
          owner: this.#nextPane(one)[0],
          title,
        };
      }
      case 'arrange':
        return { kind: 'arrange', epoch, layout, place: window, arrangement };
      case 'pipe':
        return { kind: 'pipe', guard, ...(one.slot % 2 === 0 && { logFile }) };
      case 'retitle':
        return { kind: 'retitle', guard, title };
      case 'kill':
      case 'release':
        return { kind: one.kind, guard };
    }
  }

  #nextPane(one: Step): readonly [PaneId, FenceStep] {
    this.#panes += 1;
    const pane = uuid(3, this.#panes) as PaneId;
    const known = this.#fences.get(one.slot) ?? '';
    const expect = one.flaw === 'fence' ? 'another' : known;
    return [pane, { slot: slotIdOf(one.slot), expect, next: pane }];
  }
}

/** Mostly a pane with a tag: ops on others are refused, and tell little. */
function choosePane(one: Step, observed: SeenObservation): ObservedPane | undefined {
  // Oldest first: where a pane stands in its window is not the same everywhere.
  const panes = observed.panes.toSorted((a, b) => ageOf(a) - ageOf(b));
  const ours = panes.filter((pane) => pane.paneId !== undefined);
  const candidates = one.pane % 4 === 0 || ours.length === 0 ? panes : ours;
  return candidates[one.pane % Math.max(1, candidates.length)];
}

function ageOf({ id }: ObservedPane): number {
  return Number(id.slice(1));
}

function toGuard(one: Step, epoch: Epoch, target: ObservedPane | undefined): PaneGuard {
  const pane = one.flaw === 'pane' ? undefined : target?.id;
  const owner = one.flaw === 'owner' ? undefined : target?.paneId;
  return {
    epoch,
    pane: pane ?? ('%99' as TmuxPaneId),
    owner: owner ?? (uuid(4, one.pane) as PaneId),
  };
}

function toPlace(one: Step, window: WindowPlace): Place {
  const session = `layout${one.layout}`;
  if (one.place === 'window') return window;
  if (one.place === 'session') return { kind: 'session', session };
  return { kind: 'new-session', session, width: 200, height: 50 };
}

function slotIdOf(n: number): SlotId {
  return uuid(1, n) as SlotId;
}

function layoutIdOf(n: number): LayoutId {
  return uuid(2, n) as LayoutId;
}

function numberOf(id: string): number {
  return Number(id.slice(-12));
}

function uuid(family: number, n: number): string {
  return `${family}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
