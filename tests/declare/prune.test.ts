import { describe, expect, test } from 'vitest';
import { actions, type Declared, manifest, openDeclared, refusal } from './fixture.ts';

const A = manifest('a', ['m1']);
const B = manifest('b', ['m1', 's1']);
const BIG = manifest('big', ['m1', 's1', 's2', 's3']);

describe('a layout that its source no longer holds', () => {
  test('is marked for removal, and the loop is woken', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'b.yaml': B });
    declared.run('b');
    declared.wakes();
    expect(declared.load({ 'a.yaml': A })).toMatchObject({ removed: 1 });
    expect(declared.layout('b').deleting).toEqual({
      reason: 'NoLongerDeclared',
      at: declared.clock.now(),
    });
    expect(declared.wakes()).toEqual(['local']);
    expect(declared.load({ 'a.yaml': A })).toMatchObject({ removed: 0 });
  });

  test('comes back as it was when it is declared again before it is gone', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'b.yaml': B });
    declared.load({ 'a.yaml': A });
    declared.load({ 'a.yaml': A, 'b.yaml': B });
    expect(declared.layout('b').deleting).toBeUndefined();
    expect(declared.layout('b').generation).toBe(1);
  });

  test('stays when the source may not prune', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'b.yaml': B });
    expect(declared.load({ 'a.yaml': A }, { prune: false })).toMatchObject({ removed: 0 });
    expect(declared.layout('b').deleting).toBeUndefined();
  });

  test('stays when another source goes empty', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A });
    declared.load({}, { name: 'other' });
    expect(declared.layout('a').deleting).toBeUndefined();
  });
});

describe('a prune is blocked', () => {
  test('before every source has loaded once', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'b.yaml': B });
    declared.allLoaded = false;
    const message =
      'nothing is removed before every source has loaded once since the daemon started';
    expect(declared.load({ 'a.yaml': A })).toEqual({
      ok: true,
      configured: 0,
      removed: 0,
      pruneBlocked: message,
    });
    expect(declared.layout('b')).toMatchObject({ pruneBlocked: message });
    expect(declared.layout('b').deleting).toBeUndefined();
    // Not even with the right count: another source may still declare it.
    expect(declared.load({ 'a.yaml': A }, {}, 0)).toMatchObject({ removed: 0 });
  });

  test('when the source turned up empty', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A });
    declared.run('a');
    const { pruneBlocked } = declared.load({});
    expect(pruneBlocked).toBe(
      'source fleet declares nothing any more and its 1 live panes are kept; set allow_empty, or confirm with --confirm-prune 1',
    );
    expect(declared.load({}, { allowEmpty: true })).toMatchObject({ removed: 1 });
  });

  test('when more than half of its live panes would go', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'big.yaml': BIG });
    declared.run('a');
    declared.run('big');
    const { pruneBlocked } = declared.load({ 'a.yaml': A });
    expect(pruneBlocked).toBe(
      'source fleet would remove 4 live panes, more than 3 (half of what it has); confirm with --confirm-prune 4',
    );
  });

  test('counting the panes that edits of other layouts would drop with it', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'big.yaml': BIG });
    declared.run('a');
    declared.run('big');
    const smaller = manifest('big', ['m1']);
    expect(declared.load({ 'big.yaml': smaller })).toMatchObject({
      pruneBlocked: expect.stringContaining('would remove 4 live panes'),
    });
  });

  test('but not when few panes are concerned, or none', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A, 'b.yaml': B, 'big.yaml': BIG });
    declared.run('b');
    expect(declared.load({ 'a.yaml': A })).toMatchObject({ removed: 2 });
  });

  test('once, and not written again at every load', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': A });
    declared.load({});
    const before = declared.commits();
    declared.load({});
    expect(declared.commits()).toBe(before);
  });
});

describe('a blocked prune', () => {
  test('goes on when it is confirmed with the count', () => {
    const declared = openBlocked();
    expect(declared.load({ 'a.yaml': A }, {}, 4)).toMatchObject({ removed: 1 });
    expect(declared.layout('big').deleting).toBeDefined();
    expect(declared.layout('big').pruneBlocked).toBeUndefined();
  });

  test('stays when it is confirmed with another count', () => {
    const declared = openBlocked();
    expect(declared.load({ 'a.yaml': A }, {}, 3)).toMatchObject({
      pruneBlocked:
        '3 panes were confirmed, but 4 would be removed; confirm with --confirm-prune 4',
    });
    expect(declared.layout('big').deleting).toBeUndefined();
  });

  test('is over when the layout is declared again', () => {
    const declared = openBlocked();
    declared.load({ 'a.yaml': A, 'big.yaml': BIG });
    expect(declared.layout('big').pruneBlocked).toBeUndefined();
  });

  test('is over when the source may not prune any more', () => {
    const declared = openBlocked();
    declared.load({ 'a.yaml': A }, { prune: false });
    expect(declared.layout('big').pruneBlocked).toBeUndefined();
    expect(declared.layout('big').deleting).toBeUndefined();
  });
});

describe('apply --prune', () => {
  test('removes what the same file declared before, and nothing of other files', () => {
    const declared = openDeclared();
    declared.apply({ 'team.yaml': `${A}---\n${B}`, 'big.yaml': BIG });
    expect(actions(declared.apply({ 'team.yaml': A }, { prune: true }))).toEqual([
      'Layout/a unchanged',
      'Layout/b pruned',
    ]);
    expect(declared.layout('big').deleting).toBeUndefined();
  });

  test('removes what stood in the directory that was applied', () => {
    const declared = openDeclared();
    declared.apply({ 'agents/a.yaml': A, 'agents/b.yaml': B, 'agents-2/big.yaml': BIG });
    const scoped = { prune: true, scope: ['agents'] };
    expect(actions(declared.apply({ 'agents/a.yaml': A }, scoped))).toEqual([
      'Layout/a unchanged',
      'Layout/b pruned',
    ]);
    expect(declared.layout('big').deleting).toBeUndefined();
  });

  test('a directory may be given with its slash', () => {
    const declared = openDeclared();
    declared.apply({ 'agents/a.yaml': A, 'agents/b.yaml': B });
    declared.apply({ 'agents/a.yaml': A }, { prune: true, scope: ['agents/'] });
    expect(declared.layout('b').deleting).toBeDefined();
  });

  test('is refused as a whole when too much would go, until it is confirmed', () => {
    const declared = openDeclared();
    declared.apply({ 'team.yaml': `${A}---\n${BIG}` });
    declared.run('big');
    const edited = manifest('a', ['m1', 's1']);
    const error = refusal(() => declared.apply({ 'team.yaml': edited }, { prune: true }));
    expect(error).toMatchObject({
      code: 'prune_blocked',
      details: { source: 'apply', would_kill: 4, allowed: 3 },
    });
    expect(declared.layout('a').generation).toBe(1);
    expect(declared.layout('big').pruneBlocked).toBeUndefined();

    declared.apply({ 'team.yaml': edited }, { prune: true, confirmPrune: 4 });
    expect(declared.layout('big').deleting).toBeDefined();
  });

  test('without it nothing that was applied goes away', () => {
    const declared = openDeclared();
    declared.apply({ 'team.yaml': `${A}---\n${B}` });
    declared.apply({ 'team.yaml': A });
    expect(declared.layout('b').deleting).toBeUndefined();
  });
});

function openBlocked(): Declared {
  const declared = openDeclared();
  declared.load({ 'a.yaml': A, 'big.yaml': BIG });
  declared.run('a');
  declared.run('big');
  declared.load({ 'a.yaml': A });
  return declared;
}
