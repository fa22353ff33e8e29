import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DeleteAddress, deleteLayouts } from '../../src/declare/delete-layouts.ts';
import { computeDiff } from '../../src/declare/diff.ts';
import type { KnownContainer, SourceRecord } from '../../src/declare/ports.ts';
import { stampContainers } from '../../src/declare/stamp.ts';
import { computeWhatIf, refuseStale } from '../../src/declare/what-if.ts';
import type { ContainerId, Epoch } from '../../src/domain/ids.ts';
import type { Observation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { openStore } from '../../src/drivers/store/open-store.ts';
import { planFor } from '../../src/reconcile/pass.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { type Declared, DIRECTORY, manifest, openDeclared, refusal } from './fixture.ts';

const EVERY_BENCH = manifest('web', ['m1'], ['containerSelector: {nameGlob: "bench-*"}']);
const API_TEAM = manifest('web', ['m1'], ['containerSelector: {matchLabels: {team: api}}']);

/** What the fixture resolves `bench` to. */
const BENCH_KEY = 'bench-0123456789';

const container = (name: string, changes: Partial<KnownContainer> = {}): KnownContainer => ({
  key: name as ContainerId,
  name,
  labels: { team: 'api' },
  state: 'running',
  ...changes,
});

/** `container/layout`, with `-` in front of those that are being removed. */
const placed = ({ store }: Declared): readonly string[] =>
  store
    .layouts()
    .map(({ container, spec, deleting }) => `${deleting ? '-' : ''}${container}/${spec.name}`);

function openBenches(...names: readonly string[]): Declared {
  const declared = openDeclared();
  declared.containers = names.map((name) => container(name));
  return declared;
}

describe('one layout for every container that matches', () => {
  test('by name: each has its own, and wakes', () => {
    const declared = openBenches('bench-a', 'bench-b', 'other');
    expect(declared.apply(EVERY_BENCH)).toEqual([
      { kind: 'Layout', name: 'web', container: 'bench-a', action: 'created', generation: 1 },
      { kind: 'Layout', name: 'web', container: 'bench-b', action: 'created', generation: 1 },
    ]);
    expect(declared.wakes()).toEqual(['bench-a', 'bench-b']);
    expect(declared.layout().spec).toMatchObject({
      container: 'bench-a',
      selector: { nameGlob: 'bench-*' },
    });
  });

  test('by label, also where the container does not run; the host and those that are gone get none', () => {
    const declared = openDeclared();
    declared.containers = [
      container('a'),
      container('b', { labels: { team: 'web' } }),
      container('c', { state: 'exited' }),
      container('d', { state: 'missing' }),
    ];
    declared.apply(API_TEAM);
    expect(placed(declared)).toEqual(['a/web', 'c/web']);
  });

  test('applied again nothing is written and nobody is woken', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    declared.wakes();
    const before = declared.commits();
    expect(declared.apply(EVERY_BENCH)).toMatchObject([
      { container: 'bench-a', action: 'unchanged' },
      { container: 'bench-b', action: 'unchanged' },
    ]);
    expect(stampContainers(declared.deps)).toEqual([]);
    expect([declared.commits() - before, declared.wakes()]).toEqual([0, []]);
  });

  test('that none matches is told, and is no mistake', () => {
    const declared = openBenches('other');
    expect(declared.apply(EVERY_BENCH)).toEqual([
      {
        kind: 'Layout',
        name: 'web',
        action: 'configured',
        note: '0 containers match nameGlob bench-*',
      },
    ]);
    expect(declared.apply(EVERY_BENCH)).toMatchObject([{ action: 'unchanged' }]);
  });

  test('a container that is named in the same set has the layout that names it', () => {
    const declared = openDeclared();
    const named = manifest('web', ['m1', 's1'], ['container: bench']);
    const all = manifest('web', ['m1'], ['containerSelector: {nameGlob: "*"}']);
    declared.containers = [container('bench-a'), container(BENCH_KEY)];
    declared.apply(`${all}---\n${named}`);
    expect(declared.store.layouts().map(({ spec }) => spec.slots.length)).toEqual([2, 1]);
    expect(stampContainers(declared.deps)).toEqual([]);
    expect(declared.store.layouts().map(({ spec }) => spec.slots.length)).toEqual([2, 1]);
  });
});

describe('containers that come and go later', () => {
  test('one that comes later gets its layout, whatever brought the declaration', () => {
    for (const declare of [
      (declared: Declared) => void declared.apply(EVERY_BENCH),
      (declared: Declared) => void declared.load(EVERY_BENCH),
      (declared: Declared) => void declared.load(EVERY_BENCH, DIRECTORY),
    ]) {
      const declared = openBenches('bench-a');
      declared.store.transact((tx) => {
        for (const name of ['fleet', 'agents']) tx.putSource(aSource(name));
      });
      declare(declared);
      declared.wakes();
      declared.containers = [container('bench-a'), container('bench-b')];
      expect(stampContainers(declared.deps)).toEqual([]);
      expect(placed(declared)).toEqual(['bench-a/web', 'bench-b/web']);
      expect(declared.wakes()).toEqual(['bench-b']);
    }
  });

  test('the layout of one that is gone waits, and so does that of one nobody remembers', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    declared.containers = [container('bench-a', { state: 'missing' })];
    stampContainers(declared.deps);
    declared.apply(EVERY_BENCH);
    expect(placed(declared)).toEqual(['bench-a/web', 'bench-b/web']);
  });

  test('one whose labels do not match any more loses it, and gets it back with them', () => {
    const declared = openBenches('a', 'b');
    declared.apply(API_TEAM);
    declared.containers = [container('a'), container('b', { labels: {} })];
    stampContainers(declared.deps);
    expect(placed(declared)).toEqual(['a/web', '-b/web']);
    declared.containers = [container('a'), container('b')];
    stampContainers(declared.deps);
    expect(placed(declared)).toEqual(['a/web', 'b/web']);
  });

  test('more than half of the live panes are not taken at once: the gate of every prune', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const declared = openBenches(...names);
    declared.apply(API_TEAM);
    declared.runAll();
    declared.containers = names.map((name) => container(name, { labels: {} }));
    stampContainers(declared.deps);
    const blocked = declared.store.layouts().map(({ pruneBlocked }) => pruneBlocked);
    expect(blocked.every((message) => message?.includes('would remove 5 live panes'))).toBe(true);
    const before = declared.commits();
    stampContainers(declared.deps);
    expect(declared.commits()).toBe(before);
    expect(refusal(() => declared.apply(API_TEAM)).code).toBe('prune_blocked');
    declared.apply(API_TEAM, { confirmPrune: 5 });
    expect(placed(declared)).toEqual(names.map((name) => `-${name}/web`));
  });

  test('a source that may not prune takes nothing away', () => {
    const declared = openBenches('a');
    declared.store.transact((tx) => tx.putSource(aSource('fleet', false)));
    declared.load(API_TEAM, { prune: false });
    declared.containers = [container('a', { labels: {} })];
    stampContainers(declared.deps);
    declared.load(API_TEAM, { prune: false });
    expect(placed(declared)).toEqual(['a/web']);
  });

  test('what a source that was removed declared keeps running and is put nowhere else', () => {
    const declared = openBenches('bench-a');
    declared.load(EVERY_BENCH);
    declared.containers = [container('bench-a'), container('bench-b')];
    stampContainers(declared.deps);
    expect(placed(declared)).toEqual(['bench-a/web']);
  });
});

describe('edits', () => {
  test('of the selector: containers it does not choose any more lose the layout without being asked', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    declared.apply(EVERY_BENCH.replace('bench-*', 'bench-a*'));
    expect(placed(declared)).toEqual(['bench-a/web', '-bench-b/web']);
  });

  test('of the panes: every container has them', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    declared.apply(manifest('web', ['m1', 's1'], ['containerSelector: {nameGlob: "bench-*"}']));
    expect(declared.store.layouts().map(({ spec }) => spec.slots.length)).toEqual([2, 2]);
    declared.containers = [...declared.containers, container('bench-c')];
    stampContainers(declared.deps);
    expect(declared.layout().spec.slots).toHaveLength(2);
  });

  test('that name one container instead leave the layout there alone', () => {
    const declared = openDeclared();
    declared.containers = [container(BENCH_KEY), container('bench-b')];
    declared.apply(EVERY_BENCH);
    declared.apply(manifest('web', ['m1'], ['container: bench']));
    expect(placed(declared)).toEqual([`${BENCH_KEY}/web`, '-bench-b/web']);
    stampContainers(declared.deps);
    expect(placed(declared)).toEqual([`${BENCH_KEY}/web`, '-bench-b/web']);
  });

  test('another file says nothing of it', () => {
    const declared = openBenches('bench-a');
    declared.apply(EVERY_BENCH);
    declared.apply({ 'other.yaml': manifest('api', ['m1']) }, { prune: true });
    expect(placed(declared)).toEqual(['bench-a/web', 'local/api']);
    expect(declared.store.selectors()).toHaveLength(1);
  });

  test('a source that declares it no longer has it removed everywhere', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.load(`${EVERY_BENCH}---\n${manifest('api', ['m1'])}`);
    declared.load(manifest('api', ['m1']));
    expect(placed(declared)).toEqual(['-bench-a/web', '-bench-b/web', 'local/api']);
    expect(declared.store.selectors()).toEqual([]);
  });
});

describe('clashes', () => {
  const rival = manifest('rival', ['x'], ['container: bench', 'session: web']);

  test('applied by a person they refuse everything', () => {
    const declared = openDeclared();
    declared.containers = [container(BENCH_KEY), container('bench-b')];
    declared.apply({ 'rival.yaml': rival });
    expect(refusal(() => declared.apply(EVERY_BENCH)).code).toBe('session_name_taken');
    expect(declared.names()).toEqual(['rival']);
  });

  test('from a source, and later, they hold up their own container alone and are told', () => {
    const declared = openDeclared();
    declared.store.transact((tx) => tx.putSource(aSource('fleet')));
    declared.containers = [container(BENCH_KEY), container('bench-b')];
    declared.apply({ 'rival.yaml': rival });
    declared.load(EVERY_BENCH);
    expect(placed(declared)).toEqual([`${BENCH_KEY}/rival`, 'bench-b/web']);
    expect(stampContainers(declared.deps)).toEqual([
      {
        layout: 'web',
        container: BENCH_KEY,
        message: expect.stringContaining('the tmux session web belongs to layout rival') as string,
        source: expect.objectContaining({ kind: 'git', name: 'fleet' }) as object,
      },
    ]);
  });

  test('between two layouts of one set are seen although the manifests do not show them', () => {
    const declared = openDeclared();
    declared.containers = [container(BENCH_KEY)];
    expect(refusal(() => declared.apply(`${EVERY_BENCH}---\n${rival}`)).code).toBe(
      'session_name_taken',
    );
  });
});

function anEmptyLook(key: ContainerId): Observation {
  return { kind: 'seen', container: key, epoch: `${key}#1:1` as Epoch, sessions: [], panes: [] };
}

const remove = ({ deps }: Declared, address: DeleteAddress) => deleteLayouts([address], deps);

const whatIf = (declared: Declared, files: string) =>
  computeWhatIf(
    { files: [{ path: 'web.yaml', text: files }], prune: false, takeOwnership: false },
    {
      ...declared.deps,
      observe: async (key) => anEmptyLook(key),
      planFor: (observation, layouts) => {
        const { store, clock } = declared;
        return planFor(observation, layouts, { store, clock, policy: DEFAULT_POLICY });
      },
    },
  );

/** A source the daemon has: what one that is gone declared counts no more. */
function aSource(name: string, prune = true): SourceRecord {
  const config = { kind: 'git', name, url: '/srv/fleet.git', branch: 'main', path: '' } as const;
  const rest = { prune, allowEmpty: false, intervalMs: 60_000, origin: 'config' } as const;
  return { config: { ...config, ...rest }, status: { problems: [], consecutiveFailures: 0 } };
}

describe('deleting', () => {
  test('by name or by file takes the declaration and the layout of every container', () => {
    for (const address of [{ name: 'web' }, { name: 'web', isSelecting: true }]) {
      const declared = openBenches('bench-a', 'bench-b');
      declared.apply(EVERY_BENCH);
      expect(remove(declared, address)).toEqual([
        { kind: 'Layout', name: 'web', container: 'bench-a', action: 'deleted' },
        { kind: 'Layout', name: 'web', container: 'bench-b', action: 'deleted' },
      ]);
      declared.containers = [...declared.containers, container('bench-c')];
      stampContainers(declared.deps);
      expect(placed(declared)).toEqual(['-bench-a/web', '-bench-b/web']);
    }
  });

  test('takes a declaration that nothing matches', () => {
    const declared = openBenches();
    declared.apply(EVERY_BENCH);
    expect(remove(declared, { name: 'web' })).toMatchObject([{ action: 'deleted' }]);
    expect(remove(declared, { name: 'web' })).toMatchObject([{ action: 'not found' }]);
    expect(declared.store.selectors()).toEqual([]);
  });

  test('from one container alone is refused: it would come back', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    const refused = refusal(() => remove(declared, { name: 'web', container: 'bench-a' }));
    expect(refused.code).toBe('owned_by_source');
    expect(refused.message).toContain('is declared for nameGlob bench-* and would come back');
    expect(placed(declared)).toEqual(['bench-a/web', 'bench-b/web']);
  });

  test('leaves a layout of that name that was declared by itself', () => {
    const declared = openBenches('bench-a');
    declared.apply({ 'local.yaml': manifest('web', ['m1']) });
    declared.apply({ 'all.yaml': EVERY_BENCH });
    remove(declared, { name: 'web', isSelecting: true });
    expect(placed(declared)).toEqual(['-bench-a/web', 'local/web']);
  });
});

describe('before anything is written', () => {
  test('the plan shows every container, and names it', async () => {
    const declared = openBenches('bench-a', 'bench-b');
    const { text, counts } = await whatIf(declared, EVERY_BENCH);
    expect(counts.create).toBe(2);
    expect(text).toMatch(/\+ bench-a\/web\/m1 .*\n +\+ bench-b\/web\/m1 /);
    expect(placed(declared)).toEqual([]);
  });

  test('the plan tells that nothing matches', async () => {
    const { text } = await whatIf(openBenches('other'), EVERY_BENCH);
    expect(text).toContain('web  NoContainerMatches: 0 containers match nameGlob bench-*');
  });

  test('a plan is stale once another container matches', async () => {
    const declared = openBenches('bench-a');
    const saved = await whatIf(declared, EVERY_BENCH);
    expect(() => refuseStale(saved, saved)).not.toThrow();
    declared.containers = [...declared.containers, container('bench-b')];
    const now = await whatIf(declared, EVERY_BENCH);
    expect(refusal(() => refuseStale(saved, now)).message).toContain(
      'the containers of web (nameGlob bench-*) changed',
    );
  });

  test('the difference names the container', () => {
    const declared = openBenches('bench-a', 'bench-b');
    declared.apply(EVERY_BENCH);
    const files = [{ path: 'web.yaml', text: EVERY_BENCH.replace('bench-*', '*') }];
    const diff = computeDiff({ files, prune: false, takeOwnership: false }, declared.deps);
    expect(diff.map(({ container, changes }) => [container, changes[0]?.field])).toEqual([
      ['bench-a', 'containerSelector'],
      ['bench-b', 'containerSelector'],
    ]);
  });
});

test('declarations are there again after a restart', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'agenttower-store-')), 'db.sqlite3');
  onTestFinished(() => rmSync(dirname(file), { recursive: true }));
  const clock = virtualClock();
  const open = () => openStore({ path: file, clock, uuid: () => crypto.randomUUID() });
  const declared = openBenches();
  declared.apply(EVERY_BENCH);
  const selectors = declared.store.selectors();
  const before = open();
  before.transact((tx) => selectors.forEach((selector) => tx.putSelector(selector)));
  before.close();
  const after = open();
  onTestFinished(() => after.close());
  expect(after.selectors()).toEqual(selectors);
});
