import { expect, onTestFinished, test } from 'vitest';
import type {
  ContainerListing,
  ContainerRecord,
  ListingProblem,
} from '../../src/domain/containers.ts';
import { type ContainerId, LOCAL_CONTAINER } from '../../src/domain/ids.ts';
import { openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import type { Result } from '../../src/lib/result.ts';
import type { ContainerLister } from '../../src/reconcile/ports.ts';
import { openRegistry } from '../../src/reconcile/registry.ts';
import { aContainer, idOf } from '../support/containers.ts';
import { settle, virtualClock } from '../support/virtual-clock.ts';

const BENCH = 'bench-1' as ContainerId;
const REFUSED: ListingProblem = { code: 'docker_unavailable', message: 'nobody listens' };

/** An engine that answers what it is told to; `hangs` lets an answer wait until the time given to it is up. */
function anEngine(name = 'docker') {
  const state = {
    containers: [aContainer(BENCH)] as readonly ContainerRecord[],
    problem: undefined as ListingProblem | undefined,
    hangs: false,
    lists: 0,
    /** Whom the newest list was expected to hold. */
    expected: [] as readonly string[],
    change: () => {},
  };
  return Object.assign(state, {
    lister: (clock: ReturnType<typeof virtualClock>): ContainerLister => ({
      name,
      list: async (timeoutMs, { expected }): Promise<Result<ContainerListing, ListingProblem>> => {
        state.lists += 1;
        state.expected = expected;
        if (state.hangs) {
          await clock.sleep(timeoutMs);
          return { ok: false, error: { code: 'docker_timeout', message: 'took too long' } };
        }
        if (state.problem !== undefined) return { ok: false, error: state.problem };
        const containers = state.containers as ContainerListing['containers'];
        return { ok: true, value: { containers, problems: new Map() } };
      },
      watch: (onChange) => {
        state.change = onChange;
        return { close: () => {} };
      },
    }),
  });
}

function start(
  engines: readonly ReturnType<typeof anEngine>[],
  {
    isImplicit = false,
    isStarted = true,
  }: { readonly isImplicit?: boolean; readonly isStarted?: boolean } = {},
) {
  const clock = virtualClock();
  const woken: string[] = [];
  const commits = { count: 0 };
  const store = openMemoryStore({
    clock,
    uuid: () => crypto.randomUUID(),
    onCommit: () => (commits.count += 1),
  });
  const registry = openRegistry({
    engines: engines.map((engine) => ({ lister: engine.lister(clock), isImplicit })),
    store,
    clock,
    filter: { nameContains: ['bench'], labels: [] },
    onChange: (container) => woken.push(container),
  });
  if (isStarted) registry.start();
  onTestFinished(async () => {
    const stopped = registry.stop();
    await clock.advance(60_000);
    await stopped;
    store.close();
  });
  return { clock, woken, commits, store, registry };
}

test('what an engine has is known by name and by id, and is recorded', async () => {
  const { registry, store } = start([anEngine()]);
  await settle();
  expect(registry.find(BENCH)?.id).toBe(idOf('a'));
  expect(registry.byEngineId(idOf('a').slice(0, 12))?.key).toBe(BENCH);
  expect(registry.find(LOCAL_CONTAINER)).toBeUndefined();
  expect(store.containerRecords()).toMatchObject([{ key: BENCH, state: 'running' }]);
});

test('while nothing changes nothing is written', async () => {
  const engine = anEngine();
  const { clock, commits } = start([engine]);
  await settle();
  const written = commits.count;
  await clock.advance(360_000);
  expect(engine.lists).toBeGreaterThan(4);
  expect(commits.count).toBe(written);
});

test('an event of the engine is a reason to ask it, and what changed is told', async () => {
  const engine = anEngine();
  const { clock, woken, registry } = start([engine]);
  await clock.advance(100);
  woken.length = 0;
  engine.containers = [aContainer(BENCH, { state: 'exited', status: 'Exited (0) 2 seconds ago' })];
  engine.change();
  await clock.advance(100);
  expect(woken).toEqual([BENCH]);
  expect(await registry.life(BENCH, 0)).toEqual({
    kind: 'stopped',
    nothingRuns: true,
    message: 'container bench-1 is not running (Exited (0)); `docker start bench-1` starts it',
  });
});

test('a lost event is made up for by the next rescan', async () => {
  const engine = anEngine();
  const { clock, registry } = start([engine]);
  await clock.advance(100);
  engine.containers = [];
  await clock.advance(61_000);
  expect(await registry.life(BENCH, 0)).toMatchObject({ kind: 'stopped', nothingRuns: true });
});

test('an engine is asked for whom it had last time, until it says that they are gone', async () => {
  const engine = anEngine();
  const other = anEngine('podman');
  other.containers = [];
  const { registry } = start([engine, other]);
  await registry.refresh();
  expect(engine.expected).toEqual([idOf('a')]);
  engine.containers = [];
  await registry.refresh();
  await registry.refresh();
  expect(engine.expected).toEqual([]);
  expect(other.expected).toEqual([]);
});

test('a paused container is stopped, but not empty', async () => {
  const engine = anEngine();
  engine.containers = [aContainer(BENCH, { state: 'paused' })];
  const { registry } = start([engine]);
  await settle();
  const life = await registry.life(BENCH, 0);
  expect(life).toMatchObject({ kind: 'stopped', message: /unpause/ });
  expect(life).not.toHaveProperty('nothingRuns');
});

test('of an engine that stops answering nothing new is concluded, and its words are shown', async () => {
  const engine = anEngine();
  const { clock, registry, store } = start([engine]);
  await clock.advance(100);
  engine.problem = REFUSED;
  await clock.advance(61_000);
  expect(registry.list()).toMatchObject([{ key: BENCH, state: 'unknown' }]);
  expect(store.containerRecords()).toMatchObject([{ state: 'running' }]);
  // A look over a channel that is still open goes on; what must be confirmed anew cannot be.
  expect(await registry.life(BENCH, 0)).toMatchObject({ kind: 'running' });
  expect(await registry.life(BENCH, clock.monotonic())).toMatchObject({
    kind: 'unknown',
    reason: 'EngineUnreachable',
    message: expect.stringContaining('nobody listens'),
  });
});

test('a container that had gone is not there again because its engine does not answer', async () => {
  const engine = anEngine();
  const { clock, registry } = start([engine]);
  await clock.advance(100);
  engine.containers = [];
  await registry.refresh();
  engine.problem = REFUSED;
  await registry.refresh();
  expect(registry.list()).toMatchObject([{ key: BENCH, state: 'missing' }]);
});

test('an engine that answers again wakes what belongs to it', async () => {
  const engine = anEngine();
  const { clock, woken } = start([engine]);
  await clock.advance(100);
  engine.problem = REFUSED;
  await clock.advance(61_000);
  engine.problem = undefined;
  woken.length = 0;
  await clock.advance(61_000);
  expect(woken).toEqual([BENCH]);
});

test('an engine that hangs holds up no other one, and the first answers only for so long', async () => {
  const slow = anEngine('slow');
  slow.hangs = true;
  const { clock, registry } = start([slow, anEngine()]);
  const ready = registry.ready(1_500);
  await settle();
  expect(registry.find(BENCH)?.engine).toBe('docker');
  await clock.advance(1_500);
  await ready;
});

test('an engine nobody asked for that does not answer is tried once a minute', async () => {
  const engine = anEngine();
  engine.problem = REFUSED;
  const { clock } = start([engine], { isImplicit: true });
  await clock.advance(119_000);
  expect(engine.lists).toBe(2);
});

test('one that has had containers of ours is tried again within a second, as after the start of a machine', async () => {
  const { store, clock } = start([anEngine()]);
  await settle();
  const engine = anEngine();
  engine.problem = REFUSED;
  const registry = openRegistry({
    engines: [{ lister: engine.lister(clock), isImplicit: true }],
    store,
    clock,
    filter: { nameContains: ['bench'], labels: [] },
    onChange: () => {},
  });
  registry.start();
  onTestFinished(async () => await registry.stop());
  await settle();
  expect(registry.engines()).toMatchObject([{ isImplicit: false, hasAnswered: false }]);
  engine.problem = undefined;
  await clock.advance(1_000);
  expect(registry.list()).toMatchObject([{ key: BENCH, state: 'running' }]);
});

test('a life that is asked for by a later moment is asked for anew', async () => {
  const engine = anEngine();
  const { clock, registry } = start([engine]);
  await clock.advance(100);
  const lists = engine.lists;
  engine.containers = [aContainer(BENCH, { startedAt: '2026-01-02T00:00:00Z' })];
  expect(await registry.life(BENCH, clock.monotonic())).toMatchObject({
    id: `${idOf('a')}@2026-01-02T00:00:00Z`,
  });
  expect(engine.lists).toBe(lists + 1);
});

test('nothing is listed before the start, but for who asks', async () => {
  const engine = anEngine();
  const { registry } = start([engine], { isStarted: false });
  await settle();
  expect(engine.lists).toBe(0);
  await registry.ready(1_000);
  expect(registry.find(BENCH)?.state).toBe('running');
});

test('a container of an engine that is no longer used is not known to be anything', async () => {
  const { store, clock } = start([anEngine()]);
  await settle();
  const registry = openRegistry({
    engines: [],
    store,
    clock,
    filter: { nameContains: [], labels: [] },
    onChange: () => {},
  });
  expect(registry.list()).toMatchObject([{ key: BENCH, state: 'unknown' }]);
  expect(await registry.life(BENCH, 0)).toMatchObject({
    kind: 'unknown',
    message: expect.stringContaining('[engines]'),
  });
});
