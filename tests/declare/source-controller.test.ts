import { describe, expect, test } from 'vitest';
import type { SourceRead } from '../../src/declare/ports.ts';
import { refuse } from '../../src/domain/errors.ts';
import { settle } from '../support/virtual-clock.ts';
import { CONFIGURED, directoryNamed, FakeStore, gitNamed, makeWorld } from './source-fixtures.ts';

const DESK = { configured: [directoryNamed('desk')] };
const MINUTE_MS = 60_000;
const PROBLEM = { file: '/srv/desk/a.yaml', line: 3, column: 5, message: 'unknown key "panse"' };

describe('a source that is well', () => {
  test('is applied at start, and its revisions are recorded with an event', async () => {
    const world = makeWorld(DESK);
    await settle();
    expect(world.applied).toEqual([{ source: 'desk', revision: 'r1' }]);
    expect(world.store.rows.get('desk')?.status).toMatchObject({
      fetchedRevision: 'r1',
      attemptedRevision: 'r1',
      appliedRevision: 'r1',
      problems: [],
    });
    expect(world.store.events).toEqual([
      {
        type: 'source_applied',
        actor: 'daemon',
        payload: { source: 'desk', revision: 'r1', configured: 1, removed: 0 },
      },
    ]);
  });

  test('is read by interval, and writes nothing while nothing changes', async () => {
    const world = makeWorld(DESK);
    await settle();
    const { commits } = world.store;
    const firstCheck = world.state('desk').status.lastCheckedAt ?? 0;
    await world.clock.advance(10 * MINUTE_MS);
    expect(world.source('desk').reads).toBeGreaterThanOrEqual(20);
    expect(world.source('desk').reads).toBeLessThan(25);
    expect(world.store.commits).toBe(commits);
    expect(world.state('desk').status.lastCheckedAt).toBeGreaterThan(firstCheck);
  });

  test('is applied at every look, for somebody else may have changed what it declares', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.outcome = () => CONFIGURED;
    world.store.takeEvents();
    await world.controller.sync('desk');
    expect(world.applied.map(({ revision }) => revision)).toEqual(['r1', 'r1']);
    expect(world.store.takeEvents()).toEqual(['source_applied']);
  });

  test('is left alone when those that were refused are tried again', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.controller.retryRefused();
    await settle();
    expect(world.source('desk').reads).toBe(1);
    world.outcome = () => ({ ok: false, problems: [], message: 'no container bench' });
    await world.controller.sync('desk');
    expect(world.state('desk').status.lastError).toBe('no container bench');
    world.outcome = () => CONFIGURED;
    world.controller.retryRefused();
    await settle();
    expect(world.state('desk').status.lastError).toBeUndefined();
  });

  test('is read when a hint comes, and once more when one comes meanwhile', async () => {
    const world = makeWorld(DESK);
    await settle();
    const source = world.source('desk');
    source.holds('r2');
    source.hint();
    await settle();
    expect(world.applied.at(-1)?.revision).toBe('r2');
    const before = source.reads;
    source.answer = async () => {
      source.holds('r3');
      source.hint();
      source.hint();
      return { ok: true, snapshot: { revision: 'r2', files: [] } };
    };
    source.hint();
    await settle();
    expect(source.reads).toBe(before + 2);
    expect(world.applied.at(-1)?.revision).toBe('r3');
  });

  test('is applied again after a restart, which writes nothing when nothing changed', async () => {
    const store = new FakeStore();
    const before = makeWorld({ ...DESK, store });
    await settle();
    await before.controller.stop();
    const { commits } = store;
    const after = makeWorld({ ...DESK, store });
    after.outcome = () => ({ ok: true, configured: 0, removed: 0 });
    await settle();
    expect(after.applied).toHaveLength(1);
    expect(store.commits).toBe(commits);
  });

  test('says when it is looked at next', async () => {
    const world = makeWorld(DESK);
    await settle();
    const next = (world.state('desk').nextCheckAt ?? 0) - world.clock.now();
    expect(next).toBeLessThanOrEqual(30_000);
    expect(next).toBeGreaterThanOrEqual(27_000);
  });
});

describe('a source that cannot be read', () => {
  test('keeps what it had, tells once, backs off to five minutes and recovers', async () => {
    const world = makeWorld({ configured: [gitNamed('desk')] });
    await settle();
    world.store.takeEvents();
    const source = world.source('desk');
    source.fails('cannot reach it');
    source.reads = 0;
    await world.clock.advance(60 * MINUTE_MS);
    // 30 s, 30 s, 1 min, 2 min, 4 min and then every five, each up to a tenth sooner.
    expect(source.reads).toBeGreaterThanOrEqual(15);
    expect(source.reads).toBeLessThanOrEqual(18);
    expect(world.store.takeEvents()).toEqual(['source_failed']);
    expect(world.state('desk').status).toMatchObject({
      appliedRevision: 'r1',
      lastError: 'cannot reach it',
      consecutiveFailures: source.reads,
    });
    const { commits } = world.store;
    source.holds('r1');
    await world.clock.advance(5 * MINUTE_MS);
    expect(world.store.takeEvents()).toEqual(['source_recovered']);
    expect(world.store.commits).toBe(commits + 1);
    expect(world.state('desk').status).toMatchObject({ consecutiveFailures: 0, problems: [] });
    expect(world.state('desk').status.lastError).toBeUndefined();
  });

  test('as a directory is looked for at its plain interval: it may be made again any moment', async () => {
    const world = makeWorld(DESK);
    await settle();
    const source = world.source('desk');
    source.fails('does not exist');
    await world.clock.advance(60 * MINUTE_MS);
    source.reads = 0;
    await world.clock.advance(10 * MINUTE_MS);
    expect(source.reads).toBeGreaterThanOrEqual(20);
  });

  test('keeps no problems of a revision that was refused before', async () => {
    const world = makeWorld(DESK);
    world.outcome = () => ({ ok: false, problems: [PROBLEM], message: 'one problem' });
    await settle();
    expect(world.state('desk').status.problems).toEqual([PROBLEM]);
    world.source('desk').fails('cannot reach it');
    await world.controller.sync('desk');
    expect(world.state('desk').status).toMatchObject({
      lastError: 'cannot reach it',
      problems: [],
    });
  });

  test('tells each distinct problem once, also when they alternate and after a restart', async () => {
    const store = new FakeStore();
    const world = makeWorld({ ...DESK, store, prepare: ({ source }) => source('desk').fails('a') });
    for (const problem of ['b', 'a', 'b', 'a']) {
      await settle();
      world.source('desk').fails(problem);
      world.source('desk').hint();
    }
    await settle();
    expect(store.takeEvents()).toEqual(['source_failed', 'source_failed']);
    await world.controller.stop();
    makeWorld({ ...DESK, store, prepare: ({ source }) => source('desk').fails('a') });
    await settle();
    expect(store.takeEvents()).toEqual([]);
  });

  test('may even throw', async () => {
    const world = makeWorld({
      ...DESK,
      prepare: ({ source }) => {
        source('desk').answer = () => Promise.reject(new Error('a bug'));
      },
    });
    await settle();
    expect(world.state('desk').status.lastError).toBe('a bug');
  });
});

describe('a source whose content is refused', () => {
  test('is frozen at its last good revision and says file, line and column', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.store.takeEvents();
    world.outcome = () => ({ ok: false, problems: [PROBLEM, PROBLEM], message: 'two problems' });
    world.source('desk').holds('r2');
    world.source('desk').hint();
    await settle();
    const { status } = world.store.rows.get('desk') ?? {};
    expect(status).toMatchObject({
      fetchedRevision: 'r2',
      attemptedRevision: 'r2',
      appliedRevision: 'r1',
      lastError: '/srv/desk/a.yaml:3:5: unknown key "panse" (and 1 more)',
      problems: [PROBLEM, PROBLEM],
    });
    expect(world.store.takeEvents()).toEqual(['source_failed']);
  });

  test('is tried again by its plain interval, and its repair is taken at once', async () => {
    const world = makeWorld(DESK);
    world.outcome = () => ({ ok: false, problems: [], message: 'no such container' });
    await world.clock.advance(10 * MINUTE_MS);
    expect(world.applied.length).toBeGreaterThanOrEqual(20);
    expect(world.store.takeEvents()).toEqual(['source_failed']);
    world.outcome = () => CONFIGURED;
    await world.clock.advance(30_000);
    expect(world.store.takeEvents()).toEqual(['source_recovered', 'source_applied']);
    expect(world.state('desk').status.appliedRevision).toBe('r1');
  });

  test('is well again when its last good content comes back', async () => {
    const world = makeWorld(DESK);
    world.outcome = ({ revision }) =>
      revision === 'r2' ? { ok: false, problems: [PROBLEM], message: 'no' } : CONFIGURED;
    await settle();
    world.source('desk').holds('r2');
    await world.controller.sync('desk');
    world.source('desk').holds('r1');
    const { status } = await world.controller.sync('desk');
    expect(status).toMatchObject({ attemptedRevision: 'r1', appliedRevision: 'r1', problems: [] });
    expect(status.lastError).toBeUndefined();
  });

  test('may say so by throwing, with the problems in the error', async () => {
    const world = makeWorld(DESK);
    world.outcome = () => {
      throw refuse('manifest_invalid', 'one problem', { problems: [PROBLEM] });
    };
    await settle();
    expect(world.state('desk').status.problems).toEqual([PROBLEM]);
  });
});

describe('a blocked prune', () => {
  test('is tried each time, is written once, and ends when it is confirmed', async () => {
    const world = makeWorld(DESK);
    world.outcome = ({ confirmPrune }) =>
      confirmPrune === 4
        ? { ok: true, configured: 0, removed: 2 }
        : { ok: true, configured: 0, removed: 0, pruneBlocked: 'would remove 4 panes' };
    await settle();
    expect(world.state('desk').status.pruneBlocked).toBe('would remove 4 panes');
    const { commits } = world.store;
    await world.clock.advance(5 * MINUTE_MS);
    expect(world.applied.length).toBeGreaterThan(5);
    expect(world.store.commits).toBe(commits);
    world.store.takeEvents();
    const state = await world.controller.sync('desk', { confirmPrune: 4 });
    expect(state.status.pruneBlocked).toBeUndefined();
    expect(world.store.takeEvents()).toEqual(['source_applied']);
  });

  test('that waited for the other sources is tried again as soon as they have loaded', async () => {
    const world = makeWorld({
      configured: [directoryNamed('desk'), directoryNamed('slow')],
      prepare: ({ source }) => source('slow').fails('away'),
    });
    world.outcome = ({ source }) =>
      source === 'slow' || world.controller.loadedOnce()
        ? { ok: true, configured: 0, removed: 1 }
        : { ok: true, configured: 0, removed: 0, pruneBlocked: 'not all sources have loaded' };
    await settle();
    expect(world.state('desk').status.pruneBlocked).toBeDefined();
    world.source('slow').holds('r1');
    world.source('slow').hint();
    await settle();
    expect(world.state('desk').status.pruneBlocked).toBeUndefined();
  });
});

describe('loadedOnce', () => {
  test('holds without sources', () => {
    expect(makeWorld().controller.loadedOnce()).toBe(true);
  });

  test('waits for every source to be read and accepted, and stays then', async () => {
    const world = makeWorld({
      configured: [directoryNamed('a'), directoryNamed('b')],
      prepare: ({ source }) => source('a').fails('away'),
    });
    const seen: boolean[] = [];
    world.outcome = ({ source, revision }) => {
      seen.push(world.controller.loadedOnce());
      return source === 'a' && revision === 'bad'
        ? { ok: false, problems: [], message: 'no' }
        : CONFIGURED;
    };
    await settle();
    expect(world.controller.loadedOnce()).toBe(false);
    world.source('a').holds('bad');
    world.source('a').hint();
    await settle();
    expect(world.controller.loadedOnce()).toBe(false);
    world.source('a').holds('good');
    world.source('a').hint();
    await settle();
    expect(world.controller.loadedOnce()).toBe(true);
    world.source('a').fails('away');
    world.source('a').hint();
    await settle();
    expect(world.controller.loadedOnce()).toBe(true);
    // b while a is away; a itself within its own apply.
    expect(seen).toEqual([false, true, true]);
  });
});

describe('sync', () => {
  test('waits for a pass that began after the request', async () => {
    const world = makeWorld(DESK);
    await settle();
    const source = world.source('desk');
    const hidden: { finish?: (read: SourceRead) => void } = {};
    source.answer = () =>
      new Promise((resolve) => {
        hidden.finish = resolve;
      });
    source.hint();
    await settle();
    const synced = world.controller.sync('desk');
    source.holds('r3');
    hidden.finish?.({ ok: true, snapshot: { revision: 'r2', files: [] } });
    expect((await synced).status.appliedRevision).toBe('r3');
    expect(world.applied.map(({ revision }) => revision)).toEqual(['r1', 'r2', 'r3']);
  });

  test('does not wait for a back-off, and answers a failure as a status', async () => {
    const world = makeWorld({ ...DESK, prepare: ({ source }) => source('desk').fails('away') });
    await settle();
    const { status } = await world.controller.sync('desk');
    expect(status).toMatchObject({ lastError: 'away', consecutiveFailures: 2 });
  });

  test('by many at once is one pass, but each confirmation is one of its own', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.source('desk').reads = 0;
    await Promise.all([
      world.controller.sync('desk'),
      world.controller.sync('desk', { confirmPrune: 4 }),
      world.controller.sync('desk', { confirmPrune: 5 }),
      world.controller.sync('desk', { confirmPrune: 4 }),
    ]);
    expect(world.source('desk').reads).toBe(2);
    expect(world.applied.map(({ confirmPrune }) => confirmPrune)).toEqual([undefined, 4, 5]);
  });

  test('of a name that is not known says which are', async () => {
    const world = makeWorld(DESK);
    await expect(world.controller.sync('dsek')).rejects.toMatchObject({
      code: 'source_not_found',
      details: { name: 'dsek', known: ['desk'] },
    });
  });

  test('fails when the outcome could not be recorded, and the next pass records it', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.store.takeEvents();
    world.source('desk').holds('r2');
    world.store.isBroken = true;
    await expect(world.controller.sync('desk')).rejects.toThrow('disk full');
    expect(world.state('desk').status.appliedRevision).toBe('r1');
    world.store.isBroken = false;
    await world.clock.advance(30_000);
    expect(world.store.rows.get('desk')?.status.appliedRevision).toBe('r2');
    expect(world.store.takeEvents()).toEqual(['source_applied']);
  });
});

test('a rewritten history is told once, with both revisions', async () => {
  const world = makeWorld(DESK);
  await settle();
  world.store.takeEvents();
  world.source('desk').holds('r2', { rewrittenFrom: 'r1' });
  await world.controller.sync('desk');
  expect(world.store.events[0]).toMatchObject({
    type: 'source_history_rewritten',
    payload: { source: 'desk', from: 'r1', to: 'r2' },
  });
  world.store.takeEvents();
  await world.controller.sync('desk');
  expect(world.store.takeEvents()).toEqual([]);
});

describe('adding and removing', () => {
  test('an added source is remembered, runs at once, and is there after a restart', async () => {
    const store = new FakeStore();
    const world = makeWorld({ store });
    world.controller.add(directoryNamed('extra', { origin: 'command' }));
    await settle();
    expect(world.applied).toHaveLength(1);
    await world.controller.stop();
    const after = makeWorld({ store });
    await settle();
    expect(after.applied).toHaveLength(1);
  });

  test('a second source of one name is refused', async () => {
    const world = makeWorld(DESK);
    expect(() => world.controller.add(directoryNamed('desk', { path: '/other' }))).toThrowError(
      expect.objectContaining({ code: 'source_exists' }),
    );
    expect(() =>
      makeWorld({ configured: [directoryNamed('a'), directoryNamed('a')] }),
    ).toThrowError(expect.objectContaining({ code: 'source_exists' }));
  });

  test('a removed source stops at once, whatever it was doing, and is forgotten', async () => {
    const world = makeWorld();
    world.controller.add(directoryNamed('extra', { origin: 'command' }));
    world.source('extra').answer = () => new Promise(() => {});
    world.source('extra').hint();
    await settle();
    const waiting = world.controller.sync('extra');
    const refused = expect(waiting).rejects.toMatchObject({ code: 'source_not_found' });
    await world.controller.remove('extra');
    await refused;
    expect(world.source('extra').isWatched).toBe(false);
    expect(world.store.rows.size).toBe(0);
    expect(world.controller.list()).toEqual([]);
  });

  test('one whose removal could not be recorded is followed as before', async () => {
    const world = makeWorld();
    world.controller.add(directoryNamed('extra', { origin: 'command' }));
    await settle();
    world.store.isBroken = true;
    const removals = [world.controller.remove('extra'), world.controller.remove('extra')];
    const outcomes = await Promise.allSettled(removals);
    expect(outcomes.map((outcome) => String('reason' in outcome && outcome.reason))).toEqual([
      expect.stringContaining('disk full'),
      expect.stringContaining('extra'),
    ]);
    world.store.isBroken = false;
    world.source('extra').holds('r2');
    await expect(world.controller.sync('extra')).resolves.toMatchObject({
      status: { appliedRevision: 'r2' },
    });
    await world.controller.remove('extra');
    expect(world.controller.list()).toEqual([]);
  });

  test('what is cached of a removed source goes with it, and nothing of the others', async () => {
    const world = makeWorld(DESK);
    world.controller.add(directoryNamed('extra', { origin: 'command' }));
    for (const name of ['desk', 'extra']) world.cached.add(name);
    await world.controller.remove('extra');
    expect([...world.cached]).toEqual(['desk']);
  });

  test('one that stands in the configuration file is not removed by command', async () => {
    const world = makeWorld(DESK);
    await expect(world.controller.remove('desk')).rejects.toThrow('stands in the configuration');
    expect(world.controller.list()).toHaveLength(1);
  });
});

describe('the configuration file', () => {
  test('that lost a source leaves nothing cached of it', async () => {
    const world = makeWorld({
      ...DESK,
      prepare: ({ cached }) => void cached.add('desk').add('old'),
    });
    await settle();
    expect([...world.cached]).toEqual(['desk']);
  });

  test('that lost a source forgets it at start and reports that its layouts keep running', async () => {
    const store = new FakeStore();
    const before = makeWorld({
      configured: [directoryNamed('desk'), directoryNamed('old')],
      store,
    });
    await settle();
    await before.controller.stop();
    const after = makeWorld({ ...DESK, store });
    expect([...store.rows.keys()]).toEqual(['desk']);
    expect(after.logged).toEqual(['source left the configuration file; its layouts keep running']);
    await settle();
    expect(after.applied.map(({ source }) => source)).toEqual(['desk']);
  });

  test('that changed an interval keeps the status, and that changed the place starts anew', async () => {
    const store = new FakeStore();
    const before = makeWorld({ ...DESK, store });
    await settle();
    await before.controller.stop();
    const hang = { answer: () => new Promise<SourceRead>(() => {}) };
    const slower = makeWorld({
      configured: [directoryNamed('desk', { intervalMs: 90_000 })],
      store,
      prepare: ({ source }) => void Object.assign(source('desk'), hang),
    });
    expect(slower.state('desk').status.appliedRevision).toBe('r1');
    await slower.controller.stop();
    const moved = makeWorld({
      configured: [directoryNamed('desk', { path: '/elsewhere' })],
      store,
      prepare: ({ source }) => void Object.assign(source('desk'), hang),
    });
    expect(moved.state('desk').status.appliedRevision).toBeUndefined();
  });

  test('that names a source added by command takes it over only at the same place', async () => {
    const store = new FakeStore();
    const world = makeWorld({ store });
    world.controller.add(directoryNamed('desk', { origin: 'command' }));
    await world.controller.stop();
    expect(() =>
      makeWorld({ configured: [directoryNamed('desk', { path: '/x' })], store }),
    ).toThrow('rename the one in the file');
    expect(makeWorld({ ...DESK, store }).state('desk').config.origin).toBe('config');
  });
});

describe('stopping', () => {
  test('ends reads that hang, and whoever waits learns why', async () => {
    const world = makeWorld(DESK);
    await settle();
    world.source('desk').answer = () => new Promise(() => {});
    world.source('desk').hint();
    await settle();
    const refused = expect(world.controller.sync('desk')).rejects.toMatchObject({
      code: 'shutting_down',
    });
    await world.controller.stop();
    await refused;
    expect(world.source('desk').isWatched).toBe(false);
    const { reads } = world.source('desk');
    await world.clock.advance(10 * MINUTE_MS);
    expect(world.source('desk').reads).toBe(reads);
    expect(world.logged).toEqual([]);
  });
});

test('one source failing stops no other', async () => {
  const world = makeWorld({
    configured: [directoryNamed('bad'), directoryNamed('good')],
    prepare: ({ source }) => {
      source('bad').answer = () => new Promise(() => {});
    },
  });
  await settle();
  expect(world.state('good').status.appliedRevision).toBe('r1');
  expect(world.controller.list().map(({ config }) => config.name)).toEqual(['bad', 'good']);
});
