import { describe, expect, test } from 'vitest';
import { describeSource } from '../../src/declare/changes.ts';
import { recordSourceEnd } from '../../src/declare/source-end.ts';
import { actions, type Declared, DIRECTORY, manifest, openDeclared, refusal } from './fixture.ts';

const WEB = manifest('web', ['m1']);
const EDITED = manifest('web', ['m1', 's1']);

test.each([
  [{ kind: 'apply', name: 'apply', path: 'a.yaml:1' }, 'apply (a.yaml:1)'],
  [{ kind: 'imperative', name: 'imperative', path: '' }, 'imperative'],
  [{ kind: 'git', name: 'fleet', path: 'a.yaml:1' }, 'git:fleet (a.yaml:1)'],
  [{ kind: 'directory', name: 'agents', path: '' }, 'directory:agents'],
] as const)('a source is named to a person: %j', (source, text) => {
  expect(describeSource(source)).toBe(text);
});

function openFollowed(): Declared {
  const declared = openDeclared();
  declared.follow();
  declared.follow(DIRECTORY);
  return declared;
}

describe('a second declaration', () => {
  test('is refused with both places named, and nothing of its set is applied', () => {
    const declared = openFollowed();
    declared.load(WEB);
    const both = { 'mine.yaml': EDITED, 'other.yaml': manifest('other', ['m1']) };
    const error = refusal(() => declared.apply(both));
    expect(error).toMatchObject({
      code: 'ownership_conflict',
      details: {
        layout: 'web',
        owner: 'git:fleet (web.yaml:1)',
        claimant: 'apply (mine.yaml:1)',
      },
    });
    expect(error.message).toContain('--take-ownership');
    expect(declared.names()).toEqual(['web']);
    expect(declared.layout().generation).toBe(1);
  });

  test('takes the layout over with --take-ownership', () => {
    const declared = openFollowed();
    declared.load(WEB);
    const { id } = declared.layout();
    expect(actions(declared.apply(WEB, { takeOwnership: true }))).toEqual([
      'Layout/web transferred',
    ]);
    expect(declared.layout()).toMatchObject({ id, generation: 1, source: { kind: 'apply' } });
  });

  test('of a source of another kind is another source, whatever its name', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.load(EDITED, { ...DIRECTORY, name: 'fleet' });
    expect(declared.layout()).toMatchObject({ generation: 1, source: { kind: 'git' } });
  });

  test('of another source leaves the layout to its owner and says so on it', () => {
    const declared = openFollowed();
    declared.load(WEB);
    const applied = declared.load(EDITED, DIRECTORY);
    expect(applied).toEqual({ ok: true, configured: 0, removed: 0 });
    expect(declared.layout()).toMatchObject({
      generation: 1,
      source: { name: 'fleet' },
      ownershipConflict:
        'directory:agents (web.yaml:1) declares it too; git:fleet (web.yaml:1) owns it and keeps it',
    });
  });

  test('that was noted is not written again at every load', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.load(EDITED, DIRECTORY);
    const before = declared.commits();
    declared.load(EDITED, DIRECTORY);
    expect(declared.commits()).toBe(before);
  });

  test('that goes away takes its note with it', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.load(EDITED, DIRECTORY);
    declared.load(manifest('mine', ['m1']), DIRECTORY);
    expect(declared.layout().ownershipConflict).toBeUndefined();
  });

  test('keeps the note while only another source reloads', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.load(EDITED, DIRECTORY);
    declared.load(manifest('third', ['m1']), { ...DIRECTORY, name: 'agents2' });
    expect(declared.layout().ownershipConflict).toBeDefined();
  });

  test('may have what its owner has given up, even before the panes are gone', () => {
    const declared = openFollowed();
    declared.load({ 'a.yaml': WEB, 'b.yaml': manifest('other', ['m1']) });
    declared.load(manifest('other', ['m1']));
    expect(declared.layout().deleting?.reason).toBe('NoLongerDeclared');
    declared.load(EDITED, DIRECTORY);
    expect(declared.layout()).toMatchObject({ source: { name: 'agents' }, generation: 2 });
    expect(declared.layout().deleting).toBeUndefined();
  });
});

describe('a source', () => {
  test('carries its newest revision on what it owns, without a new generation', () => {
    const declared = openDeclared();
    declared.load(WEB);
    expect(declared.load(WEB)).toEqual({ ok: true, configured: 0, removed: 0 });
    expect(declared.layout()).toMatchObject({
      generation: 1,
      source: { revision: 'main@sha1:2' },
    });
  });

  test('tells how much it has changed', () => {
    const declared = openDeclared();
    expect(declared.load({ 'a.yaml': WEB, 'b.yaml': manifest('b', ['m1']) })).toEqual({
      ok: true,
      configured: 2,
      removed: 0,
    });
    expect(declared.load(EDITED)).toEqual({ ok: true, configured: 1, removed: 1 });
  });
});

describe('a source that is followed no more', () => {
  test('takes its claims on the layouts of others with it, and only its own', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.load(WEB, DIRECTORY);
    const { store } = declared;
    const end = (name: string): void =>
      store.transact((tx) => recordSourceEnd(tx, { kind: 'directory', name }, store.layouts()));
    end('agent');
    expect(declared.layout().ownershipConflict).toContain('directory:agents');
    end('agents');
    expect(declared.layout().ownershipConflict).toBeUndefined();
    expect(declared.layout().deleting).toBeUndefined();
  });

  test('hands its layouts to whoever declares them, and their panes run on', () => {
    const declared = openFollowed();
    declared.load(WEB);
    declared.run();
    const { store } = declared;
    const before = declared.layout();
    declared.load(WEB, DIRECTORY);
    store.transact((tx) => recordSourceEnd(tx, { kind: 'git', name: 'fleet' }, store.layouts()));
    declared.load(WEB, DIRECTORY);
    const after = declared.layout();
    expect(after).toMatchObject({ id: before.id, generation: 1, source: { name: 'agents' } });
    expect(after.ownershipConflict).toBeUndefined();
    expect(after.slots.map(({ pane }) => pane?.id)).toEqual(
      before.slots.map(({ pane }) => pane?.id),
    );
  });

  test('leaves its layouts running, and says no more that it is to remove them', () => {
    const declared = openDeclared();
    declared.follow();
    declared.load(WEB);
    declared.run();
    declared.load({});
    expect(declared.layout().pruneBlocked).toContain('declares nothing any more');
    const { store } = declared;
    store.transact((tx) => recordSourceEnd(tx, { kind: 'git', name: 'fleet' }, store.layouts()));
    expect(declared.layout().pruneBlocked).toBeUndefined();
    expect(declared.layout().deleting).toBeUndefined();
    expect(store.sources()).toEqual([]);
  });
});
