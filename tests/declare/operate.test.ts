import { describe, expect, test } from 'vitest';
import { deleteLayouts } from '../../src/declare/delete-layouts.ts';
import {
  restartSlots,
  resumeLayout,
  startSlots,
  stopSlots,
  suspendLayout,
} from '../../src/declare/operate.ts';
import type { AgentTowerError } from '../../src/domain/errors.ts';
import { toTimestamp } from '../../src/lib/clock.ts';
import { MINUTE } from '../support/builders.ts';
import {
  actions,
  BENCH,
  type Declared,
  DIRECTORY,
  manifest,
  openDeclared,
  refusal,
} from './fixture.ts';

const WEB = manifest('web', ['m1', 's1']);
const WHY = { by: 'ann', reason: 'runaway' };
const TIRED = { failures: 4, nextAttemptAt: 9, exits: [1], vanishings: [2] };
const FRESH = { failures: 0, exits: [], vanishings: [] };

function openWeb(): Declared {
  const declared = openDeclared();
  declared.apply(WEB);
  declared.run();
  declared.wakes();
  return declared;
}

function tire(declared: Declared): void {
  declared.store.transact((tx) => {
    for (const { id } of declared.layout().slots) tx.updateSlot(id, TIRED);
  });
}

function endPane(declared: Declared, key: string): void {
  const { pane } = declared.slot(key);
  if (pane === undefined) throw new Error(`${key} has no pane`);
  declared.store.transact((tx) => tx.updatePane(pane.id, { state: 'removed' }));
}

describe('stop', () => {
  test('holds one slot by its key or its label, and wakes the loop', () => {
    for (const slot of ['s1', 'web-s1']) {
      const declared = openWeb();
      expect(stopSlots({ name: 'web', slot }, WHY, declared.deps)).toEqual({
        layout: 'web',
        slots: ['s1'],
      });
      expect(declared.slot('s1').hold).toEqual({ ...WHY, since: declared.clock.now() });
      expect(declared.slot('m1').hold).toBeUndefined();
      expect(declared.wakes()).toEqual(['local']);
      expect(declared.events().at(-1)).toEqual({
        type: 'slot_held',
        payload: { label: 'web-s1', ...WHY, until: null },
      });
    }
  });

  test('holds every declared slot of a layout, and says until when', () => {
    const declared = openWeb();
    declared.apply(manifest('web', ['m1']));
    stopSlots({ name: 'web' }, { ...WHY, forMs: MINUTE }, declared.deps);
    const until = declared.clock.now() + MINUTE;
    expect(declared.slot('m1').hold).toMatchObject({ until });
    expect(declared.slot('s1').hold).toBeUndefined();
    expect(declared.events().at(-1)?.payload).toMatchObject({ until: toTimestamp(until) });
  });

  test('a hold survives an edit of what it holds, and ends with its declaration', () => {
    const declared = openWeb();
    stopSlots({ name: 'web', slot: 's1' }, WHY, declared.deps);
    declared.apply(WEB.replace('key: s1,', 'key: s1, env: {MODE: fast},'));
    expect(declared.slot('s1').hold).toBeDefined();
    declared.apply(manifest('web', ['m1']));
    expect(declared.slot('s1').hold).toBeUndefined();
    declared.apply(WEB);
    expect(declared.slot('s1').hold).toBeUndefined();
  });

  test('a hold ends with the declaration of its layout, too', () => {
    const declared = openDeclared();
    declared.load({ 'web.yaml': WEB, 'other.yaml': manifest('other', ['m1']) });
    stopSlots({ name: 'web', slot: 's1' }, WHY, declared.deps);
    declared.load({ 'other.yaml': manifest('other', ['m1']) });
    declared.load({ 'web.yaml': WEB, 'other.yaml': manifest('other', ['m1']) });
    expect(declared.slot('s1').hold).toBeUndefined();
  });

  test('a hold outlives a prune that was blocked', () => {
    const declared = openDeclared();
    declared.load({ 'web.yaml': WEB });
    stopSlots({ name: 'web', slot: 's1' }, WHY, declared.deps);
    declared.load({});
    declared.load({ 'web.yaml': WEB });
    expect(declared.slot('s1').hold).toBeDefined();
  });
});

describe('start', () => {
  test('ends the hold and the back-off, and starts what is not running', () => {
    const declared = openWeb();
    tire(declared);
    stopSlots({ name: 'web', slot: 's1' }, WHY, declared.deps);
    endPane(declared, 's1');
    startSlots({ name: 'web' }, 'ann', declared.deps);
    expect(declared.slot('s1')).toMatchObject({ ...FRESH, restartRequested: true });
    expect(declared.slot('s1').hold).toBeUndefined();
    expect(declared.slot('s1').nextAttemptAt).toBeUndefined();
    const ended = declared.events().filter(({ type }) => type === 'slot_hold_ended');
    expect(ended.map(({ payload }) => payload)).toEqual([{ label: 'web-s1', by: 'ann' }]);
  });

  test('leaves alone what runs', () => {
    const declared = openWeb();
    startSlots({ name: 'web' }, 'ann', declared.deps);
    expect(declared.slot('m1').restartRequested).toBe(false);
  });

  test('leaves alone what runs without its log', () => {
    const declared = openWeb();
    const { pane } = declared.slot('m1');
    declared.store.transact((tx) => {
      if (pane) tx.updatePane(pane.id, { state: 'degraded', failedStage: 'log_attach' });
    });
    startSlots({ name: 'web' }, 'ann', declared.deps);
    expect(declared.slot('m1').restartRequested).toBe(false);
  });

  test('starts what has exited', () => {
    const declared = openWeb();
    const { pane } = declared.slot('m1');
    declared.store.transact((tx) => {
      if (pane) tx.updatePane(pane.id, { state: 'degraded', failedStage: 'launch_command' });
    });
    startSlots({ name: 'web' }, 'ann', declared.deps);
    expect(declared.slot('m1').restartRequested).toBe(true);
  });

  test('does not take back a restart that was promised', () => {
    const declared = openWeb();
    restartSlots({ name: 'web' }, 'ann', declared.deps);
    startSlots({ name: 'web' }, 'ann', declared.deps);
    expect(declared.slot('m1').restartRequested).toBe(true);
  });
});

describe('restart', () => {
  test('asks for a replacement now and ends holds and back-offs', () => {
    const declared = openWeb();
    tire(declared);
    stopSlots({ name: 'web', slot: 's1' }, WHY, declared.deps);
    restartSlots({ name: 'web' }, 'ann', declared.deps);
    for (const key of ['m1', 's1']) {
      expect(declared.slot(key)).toMatchObject({ ...FRESH, restartRequested: true });
      expect(declared.slot(key).hold).toBeUndefined();
    }
    expect(declared.events().at(-1)?.type).toBe('slot_hold_ended');
  });

  test('of what was never made is nothing but its first start', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    restartSlots({ name: 'web', slot: 'm1' }, 'ann', declared.deps);
    expect(declared.slot('m1').restartRequested).toBe(false);
  });
});

describe('suspend and resume', () => {
  test('say who and why, and wake the loop', () => {
    const declared = openWeb();
    suspendLayout({ name: 'web' }, WHY, declared.deps);
    expect(declared.layout().suspended).toEqual({ ...WHY, at: declared.clock.now() });
    expect(resumeLayout({ name: 'web' }, 'bob', declared.deps).slots).toEqual(['m1', 's1']);
    expect(declared.layout().suspended).toBeUndefined();
    expect(declared.wakes()).toEqual(['local', 'local']);
    expect(declared.events().slice(-2)).toEqual([
      { type: 'layout_suspended', payload: { name: 'web', ...WHY } },
      { type: 'layout_resumed', payload: { name: 'web', by: 'bob' } },
    ]);
  });

  test('a layout that runs is resumed without an event', () => {
    const declared = openWeb();
    resumeLayout({ name: 'web' }, 'bob', declared.deps);
    expect(declared.events().at(-1)?.type).toBe('managed_layout_created');
  });

  test('what its manifest suspends stays suspended, and the manifest is named', () => {
    const declared = openDeclared();
    declared.apply(manifest('web', ['m1'], ['suspend: true']));
    suspendLayout({ name: 'web' }, WHY, declared.deps);
    const error = refusal(() => resumeLayout({ name: 'web' }, 'bob', declared.deps));
    expect(error).toMatchObject({
      code: 'suspended',
      details: { layout: 'web', by: 'apply (web.yaml:1)' },
    });
    expect(declared.layout().suspended).toBeUndefined();
  });
});

describe('delete', () => {
  test('marks layouts for removal, and says which were not there', () => {
    const declared = openWeb();
    const deleted = deleteLayouts([{ name: 'web' }, { name: 'none' }], declared.deps);
    expect(actions(deleted)).toEqual(['Layout/web deleted', 'Layout/none not found']);
    // Another container may have one of that name, which is not waited for.
    expect(deleted.map(({ container }) => container)).toEqual(['local', undefined]);
    expect(declared.layout().deleting).toEqual({
      reason: 'DeleteRequested',
      at: declared.clock.now(),
    });
    expect(declared.wakes()).toEqual(['local']);
  });

  test('of nothing writes nothing', () => {
    const declared = openDeclared();
    expect(actions(deleteLayouts([{ name: 'none' }], declared.deps))).toEqual([
      'Layout/none not found',
    ]);
    expect([declared.commits(), declared.wakes()]).toEqual([0, []]);
  });

  test('is taken back by applying the same again, which says that it changed something', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    deleteLayouts([{ name: 'web' }], declared.deps);
    expect(actions(declared.apply(WEB))).toEqual(['Layout/web configured']);
    expect(declared.layout()).toMatchObject({ generation: 1 });
    expect(declared.layout().deleting).toBeUndefined();
    expect(actions(declared.apply(WEB))).toEqual(['Layout/web unchanged']);
  });

  test('is refused for what a source declares, with the ways out, before anything is deleted', () => {
    const declared = openDeclared();
    declared.follow();
    declared.apply(manifest('mine', ['m1']));
    declared.load(WEB);
    const error = refusal(() => deleteLayouts([{ name: 'mine' }, { name: 'web' }], declared.deps));
    expect(error).toMatchObject({
      code: 'owned_by_source',
      details: {
        layout: 'web',
        source: 'fleet',
        path: 'web.yaml:1',
        alternatives: [
          'remove it from git:fleet (web.yaml:1)',
          'agenttower stop layout/web',
          'agenttower suspend layout/web',
        ],
      },
    });
    expect(declared.layout('mine').deleting).toBeUndefined();
  });

  test('of what a source left behind that is followed no more is done', () => {
    const declared = openDeclared();
    declared.follow({ ...DIRECTORY, name: 'fleet' });
    declared.load(WEB);
    expect(actions(deleteLayouts([{ name: 'web' }], declared.deps))).toEqual([
      'Layout/web deleted',
    ]);
    expect(declared.layout().deleting).toMatchObject({ reason: 'DeleteRequested' });
  });
});

describe('which layout is meant', () => {
  test('a name nobody has is answered with those there are', () => {
    const declared = openWeb();
    const none = openDeclared();
    expect(stopNobody(declared)).toMatchObject({
      code: 'layout_not_found',
      message: 'no layout wbe; there are web',
    });
    expect(stopNobody(none).message).toBe('no layout wbe; there are none');
  });

  test('a slot nobody has is answered with those there are', () => {
    const declared = openWeb();
    const error = refusal(() => stopSlots({ name: 'web', slot: 'm9' }, WHY, declared.deps));
    expect(error).toMatchObject({
      code: 'slot_not_found',
      message: 'layout web has no slot m9; it has m1, s1',
    });
  });

  test('a name in two containers needs the container, by id or as declared', () => {
    const declared = openWeb();
    declared.apply(manifest('web', ['m1', 's1'], ['container: bench']));
    const { deps } = declared;
    expect(refusal(() => suspendLayout({ name: 'web' }, WHY, deps))).toMatchObject({
      code: 'layout_ambiguous',
      details: { name: 'web', containers: [BENCH, 'local'] },
    });
    for (const container of [BENCH, 'bench']) {
      suspendLayout({ name: 'web', container }, WHY, deps);
    }
    expect(declared.store.layouts().map(({ suspended }) => suspended !== undefined)).toEqual([
      true,
      false,
    ]);
    expect(
      refusal(() => suspendLayout({ name: 'web', container: 'x' }, WHY, deps)).details,
    ).toMatchObject({ container: 'x' });
  });
});

function stopNobody({ deps }: Declared): AgentTowerError {
  return refusal(() => stopSlots({ name: 'wbe' }, WHY, deps));
}
