import { AgentTowerError } from '../../src/domain/errors.ts';
import { type PassDeps, type PassResult, reconcile } from '../../src/reconcile/pass.ts';
import type { Store, TmuxServer } from '../../src/reconcile/ports.ts';
import { openFaultyTmux } from './faulty-tmux.ts';
import type { PassFaults } from './pass-faults.ts';
import { watchStore } from './watched-store.ts';
import { Crash, type Site, Violation, type World } from './world.ts';

/** One pass of the real loop over a site. `undefined` when the daemon died in it or the store failed. */
export async function runPass(
  world: World,
  site: Site,
  faults: PassFaults,
): Promise<PassResult | undefined> {
  const { clock, policy, ids, logs, directories, counts } = world;
  counts.passes += 1;
  const container = site.container.options.container;
  const ports = breakPorts(world, {
    store: watchStore(world, faults),
    server: openFaultyTmux(world, site, faults),
  });
  const deps: PassDeps = {
    store: ports.store,
    tmux: { of: () => ports.server },
    clock,
    policy,
    ids,
    logs,
    directories,
  };
  try {
    const result = await reconcile(container, deps, site.last);
    ports.flush();
    if (result.plan === site.last?.plan) await checkBelieved(result, deps);
    site.last = world.broken.believesForEver === true ? toForEver(result) : result;
    world.note(() => `  ${renderPlan(result)}`);
    return result;
  } catch (error) {
    if (error instanceof Crash) {
      for (const each of world.sites) {
        each.last = undefined;
        each.said = undefined;
      }
      world.note(() => `  ${error.message}`);
      return undefined;
    }
    // Nothing was concluded; the next pass starts from the records.
    if (error instanceof AgentTowerError && isFull(error)) return undefined;
    throw error;
  }
}

function toForEver(result: PassResult): PassResult {
  const { settled } = result;
  return { ...result, ...(settled && { settled: { ...settled, until: Infinity } }) };
}

function denies(what: string): () => never {
  return () => {
    throw new Violation('I10', `a pass that believed the last one had something to ${what}`);
  };
}

/** A pass that took the last one's word for it would have done nothing. */
async function checkBelieved({ observation }: PassResult, deps: PassDeps): Promise<void> {
  const whole = await reconcile(observation.container, {
    ...deps,
    store: { ...deps.store, transact: denies('write') },
    tmux: { of: () => ({ look: async () => observation, run: denies('send') }) },
  });
  if (whole.plan.actions.length > 0) denies('do')();
}

function isFull(error: AgentTowerError): boolean {
  return error.code === 'database_unusable' && error.message === 'no space left';
}

function renderPlan({ plan }: PassResult): string {
  const actions = plan.actions.map((action) => {
    const cause = 'cause' in action ? ` (${action.cause.reason})` : '';
    const at = 'at' in action ? ` ${action.at.layoutName}/${action.at.slot.key}` : '';
    return `${action.kind}${at}${cause}`;
  });
  const blocked = plan.blocked.map(({ slotKey, reason }) => `${slotKey ?? ''} ${reason}`);
  return `plan: ${actions.join(', ')}${blocked.length > 0 ? ` | blocked: ${blocked.join(', ')}` : ''}`;
}

interface Ports {
  readonly store: Store;
  readonly server: TmuxServer;
}

/** The ports with what is to be wrong with them; mostly nothing. */
function breakPorts({ broken }: World, { store, server }: Ports): Ports & { flush(): void } {
  if (broken.leftoversStay === true) {
    const blind: Store = { ...store, endedPanes: () => new Map() };
    return { store: blind, server, flush: () => undefined };
  }
  if (broken.intentAfterOp !== true) return { store, server, flush: () => undefined };
  const pending: (() => void)[] = [];
  const hold = (write: Parameters<Store['transact']>[0]): never => {
    pending.push(() => store.transact(write));
    return undefined as never;
  };
  const flush = (): void => {
    for (const write of pending.splice(0)) write();
  };
  return {
    store: { ...store, transact: hold },
    server: {
      look: () => server.look(),
      run: async (ops) => {
        const outcomes = await server.run(ops);
        flush();
        return outcomes;
      },
    },
    flush,
  };
}
