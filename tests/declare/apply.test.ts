import { describe, expect, test } from 'vitest';
import { actions, BENCH, manifest, openDeclared, refusal } from './fixture.ts';

const WEB = manifest('web', ['m1', 's1']);

test('what is applied first is created: rows for the loop, which is woken', () => {
  const declared = openDeclared();
  expect(declared.apply(WEB)).toEqual([
    { kind: 'Layout', name: 'web', container: 'local', action: 'created', generation: 1 },
  ]);
  expect(declared.layout()).toMatchObject({
    generation: 1,
    source: { kind: 'apply', name: 'apply', path: 'web.yaml:1' },
    slots: [{ key: 'm1' }, { key: 's1' }],
  });
  expect(declared.wakes()).toEqual(['local']);
  expect(declared.events()).toEqual([
    {
      type: 'managed_layout_created',
      payload: { template_name: '', container_id: 'local', intended_pane_count: 2 },
    },
  ]);
});

test('what is applied again is unchanged: nothing is written and nobody is woken', () => {
  const declared = openDeclared();
  declared.apply(WEB);
  declared.wakes();
  const before = declared.commits();
  expect(actions(declared.apply(WEB))).toEqual(['Layout/web unchanged']);
  expect([declared.commits() - before, declared.wakes()]).toEqual([0, []]);
});

test('an edit is a new generation', () => {
  const declared = openDeclared();
  declared.apply(WEB);
  const edited = manifest('web', ['m1', 's1'], ['layout: main-vertical']);
  expect(declared.apply(edited)).toMatchObject([{ action: 'configured', generation: 2 }]);
  expect(declared.layout().spec.arrangement).toBe('main-vertical');
  expect(declared.events().at(-1)).toEqual({
    type: 'layout_configured',
    payload: { name: 'web', generation: 2, source: 'apply (web.yaml:1)' },
  });
});

test.each([
  ['comments', { 'web.yaml': `# Our team.\n${WEB}` }],
  ['the order of keys', { 'web.yaml': WEB.replace('kind: Layout\n', '').concat('kind: Layout\n') }],
  ['the file it stands in', { 'teams/web.yaml': WEB }],
  ['a default written out', { 'web.yaml': manifest('web', ['m1', 's1'], ['layout: tiled']) }],
])('the generation does not grow with %s', (_what, files) => {
  const declared = openDeclared();
  declared.apply(WEB);
  expect(declared.apply(files)).toMatchObject([{ action: 'unchanged', generation: 1 }]);
  expect(declared.events().filter(({ type }) => type === 'layout_configured')).toEqual([]);
});

test('a layout in another file of the same source is a transfer, not a kill', () => {
  const declared = openDeclared();
  declared.apply(WEB);
  declared.run();
  const { id } = declared.layout();
  declared.apply({ 'teams/web.yaml': WEB }, { prune: true });
  expect(declared.layout()).toMatchObject({ id, source: { path: 'teams/web.yaml:1' } });
  expect(declared.layout().deleting).toBeUndefined();
});

test('slots are matched by key: kept, added, and dropped until they are gone', () => {
  const declared = openDeclared();
  declared.apply(WEB);
  declared.run();
  const kept = declared.slot('s1').id;
  declared.apply(manifest('web', ['s1', 's2']));
  expect(declared.layout().slots.map(({ key, declared: is }) => [key, is])).toEqual([
    ['s1', true],
    ['s2', true],
    ['m1', false],
  ]);
  expect(declared.slot('s1').id).toBe(kept);
});

test('a new command is a new start: its old failures are forgotten, those of others are not', () => {
  const declared = openDeclared();
  declared.apply(WEB);
  for (const key of ['m1', 's1']) {
    const patch = { failures: 4, nextAttemptAt: 9, exits: [1], vanishings: [2] };
    declared.store.transact((tx) => tx.updateSlot(declared.slot(key).id, patch));
  }
  declared.apply(WEB.replace('key: m1,', 'key: m1, env: {MODE: fast},'));
  expect(declared.slot('m1')).toMatchObject({ failures: 0, exits: [], vanishings: [] });
  expect(declared.slot('m1').nextAttemptAt).toBeUndefined();
  expect(declared.slot('s1')).toMatchObject({ failures: 4, exits: [1], vanishings: [2] });
});

test('nothing of a set is applied when one document is wrong, and every mistake is told', () => {
  const declared = openDeclared();
  const error = refusal(() =>
    declared.apply({ 'a.yaml': WEB, 'b.yaml': 'apiVersion: agenttower/v1\nkind: Layuot\n' }),
  );
  expect(error.code).toBe('manifest_invalid');
  expect(error.message).toContain('the manifests have a problem; nothing was applied\n');
  expect(error.message).toContain('b.yaml:2');
  const both = refusal(() => declared.apply({ 'a.yaml': 'kind: 1\n', 'b.yaml': 'kind: 2\n' }));
  expect(both.message).toMatch(/^the manifests have \d+ problems; nothing was applied\n/);
  expect([declared.names(), declared.wakes()]).toEqual([[], []]);
});

describe('containers', () => {
  test('a layout is declared for a container by any of its names', () => {
    const declared = openDeclared();
    declared.apply(manifest('web', ['m1'], ['container: bench']));
    expect(declared.layout().container).toBe(BENCH);
    expect(declared.wakes()).toEqual([BENCH]);
  });

  test('one that is not known is refused with those that are', () => {
    const declared = openDeclared();
    const error = refusal(() => declared.apply(manifest('web', ['m1'], ['container: bnech'])));
    expect(error).toMatchObject({
      code: 'container_not_found',
      message: 'no container bnech is known here; known: local, bench',
    });
  });

  test('two names of one container cannot declare one layout twice', () => {
    const declared = openDeclared();
    const error = refusal(() =>
      declared.apply({
        'a.yaml': manifest('web', ['m1'], ['container: bench']),
        'b.yaml': manifest('web', ['m1'], [`container: ${BENCH}`]),
      }),
    );
    expect(error).toMatchObject({
      code: 'manifest_invalid',
      message: 'layout web is declared twice for one container: a.yaml:1 and b.yaml:1',
    });
  });

  test('containers do not share names, sessions or labels', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    const there = manifest('web', ['m1', 's1'], ['container: bench']);
    expect(actions(declared.apply(there))).toEqual(['Layout/web created']);
    expect(declared.store.layouts()).toHaveLength(2);
  });
});

describe('names that only one layout of a container may have', () => {
  test('a session', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    const error = refusal(() => declared.apply(manifest('api', ['m1'], ['session: web'])));
    expect(error).toMatchObject({
      code: 'session_name_taken',
      details: { container: 'local', session: 'web', owner: 'web' },
    });
  });

  test('a session that tmux gives the same name', () => {
    const declared = openDeclared();
    declared.apply(manifest('a', ['m1'], ['session: team.a']));
    const error = refusal(() => declared.apply(manifest('b', ['m1'], ['session: team_a'])));
    expect(error.code).toBe('session_name_taken');
  });

  test('a label of another layout', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    const error = refusal(() => declared.apply(manifest('api', ['x']).replace('api-x', 'web-m1')));
    expect(error).toMatchObject({
      code: 'label_taken',
      details: { container: 'local', label: 'web-m1', owner: 'web/m1' },
    });
    expect(declared.names()).toEqual(['web']);
  });

  test('labels that two slots would swap, which takes two steps', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    const swapped = WEB.replace('web-m1', 'other').replace('web-s1', 'web-m1');
    expect(refusal(() => declared.apply(swapped))).toMatchObject({
      code: 'label_taken',
      details: { owner: 'web/m1' },
    });
    declared.apply(WEB.replace('web-m1', 'other'));
    expect(actions(declared.apply(swapped))).toEqual(['Layout/web configured']);
  });

  test('a label is free again when its slot is not declared any more', () => {
    const declared = openDeclared();
    declared.apply(WEB);
    declared.apply(manifest('web', ['s1']));
    expect(actions(declared.apply(manifest('api', ['x']).replace('api-x', 'web-m1')))).toEqual([
      'Layout/api created',
    ]);
  });
});

describe('templates and profiles', () => {
  const PROFILE =
    'apiVersion: agenttower/v1\nkind: LaunchProfile\nmetadata: {name: claude}\nspec: {command: [claude]}\n';

  test('are kept, so that later manifests can name them', () => {
    const declared = openDeclared();
    expect(actions(declared.apply(PROFILE))).toEqual(['LaunchProfile/claude created']);
    expect(actions(declared.apply(PROFILE))).toEqual(['LaunchProfile/claude unchanged']);
    const edited = PROFILE.replace('[claude]', '[claude, -r]');
    expect(actions(declared.apply(edited))).toEqual(['LaunchProfile/claude configured']);
    expect(declared.store.objects()).toMatchObject([
      { kind: 'LaunchProfile', name: 'claude', source: 'apply', path: 'web.yaml:1' },
    ]);
  });

  test('of a source go when it no longer holds them; applied ones stay', () => {
    const declared = openDeclared();
    declared.apply({ 'mine.yaml': PROFILE.replace('claude}', 'mine}') });
    declared.load(PROFILE);
    declared.load(WEB);
    declared.apply(manifest('api', ['m1']));
    expect(declared.store.objects().map(({ name }) => name)).toEqual(['mine']);
  });
});
