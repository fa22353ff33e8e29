import { describe, expect, test } from 'vitest';
import type { ApplyOptions } from '../../src/declare/declarations.ts';
import { computeDiff } from '../../src/declare/diff.ts';
import { stopSlots } from '../../src/declare/operate.ts';
import { computeWhatIf, refuseStale, type WhatIfDeps } from '../../src/declare/what-if.ts';
import type { Observation } from '../../src/domain/observed.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { planFor } from '../../src/reconcile/pass.ts';
import { aSeenPane, EPOCH, LOCAL, OTHER_SERVER, seen, UNKNOWN } from '../support/builders.ts';
import { type Declared, manifest, openDeclared, refusal } from './fixture.ts';

const WEB = manifest('web', ['m1', 's1']);

function whatIf(
  declared: Declared,
  text: string | undefined,
  look: Observation,
  more?: Partial<ApplyOptions>,
) {
  const deps: WhatIfDeps = {
    ...declared.deps,
    observe: async (container) => ({ ...look, container }),
    planFor: (observation, layouts) =>
      planFor(observation, layouts, { ...declared.deps, policy: DEFAULT_POLICY }),
  };
  return computeWhatIf(options(text, more), deps);
}

function options(text: string | undefined, more?: Partial<ApplyOptions>): ApplyOptions {
  const files = text === undefined ? [] : [{ path: 'web.yaml', text }];
  return { files, prune: false, takeOwnership: false, ...more };
}

/** What tmux shows when every recorded pane runs, but for some. */
function running(declared: Declared, ...missing: readonly string[]): Observation {
  const panes = declared.store.layouts().flatMap(({ slots }) =>
    slots.flatMap(({ key, spec, pane }) => {
      if (pane === undefined || missing.includes(key)) return [];
      const { id } = aSeenPane(spec.label);
      declared.store.transact((tx) =>
        tx.updatePane(pane.id, { epoch: EPOCH, tmuxPaneId: id, pid: 4_000 }),
      );
      return [aSeenPane(spec.label, { paneId: pane.id })];
    }),
  );
  return seen(panes, {
    sessions: [{ id: '$web' as never, name: 'web', layoutId: declared.layout().id }],
  });
}

function openWeb(): Declared {
  const declared = openDeclared();
  declared.apply(WEB);
  declared.run();
  return declared;
}

describe('plan', () => {
  test('of something new says what would be created, and writes nothing', async () => {
    const declared = openDeclared();
    const plan = await whatIf(declared, WEB, seen());
    expect(plan.text).toBe(`\
  + web/m1                   create   Missing
  + web/s1                   create   Missing

Plan: 2 create, 0 replace, 0 in place, 0 kill, 0 unchanged, 0 unknown`);
    expect(plan.touched).toEqual([{ layout: 'local/web', generation: 0, epoch: EPOCH }]);
    expect([declared.commits(), declared.wakes(), declared.names()]).toEqual([0, [], []]);
  });

  test('of what is applied and runs says nothing', async () => {
    const declared = openWeb();
    const plan = await whatIf(declared, WEB, running(declared));
    expect(plan.counts).toMatchObject({
      create: 0,
      replace: 0,
      in_place: 0,
      kill: 0,
      unchanged: 2,
    });
    expect(plan.actions).toEqual([]);
  });

  test('names the changed field, and keeps drift apart from it', async () => {
    const declared = openWeb();
    const edited = WEB.replace('key: m1,', 'key: m1, env: {MODE: fast},');
    const plan = await whatIf(declared, edited, running(declared, 's1'));
    expect(plan.text).toContain('-/+ web/m1                   replace  SpecChanged (env.MODE)');
    expect(plan.text).toContain('env.MODE: unset → "fast"');
    expect(plan.text).toContain('Drift, repaired without any new manifest:\n  + web/s1');
    expect(declared.layout().generation).toBe(1);
  });

  test('with no files says what the loop is about to do anyway', async () => {
    const declared = openWeb();
    const plan = await whatIf(declared, undefined, seen());
    expect(plan.actions.map(({ slot, drift }) => [slot, drift])).toEqual([
      ['web/m1', true],
      ['web/s1', true],
    ]);
  });

  test('of dropped and added slots keeps the order of the file', async () => {
    const declared = openWeb();
    const plan = await whatIf(declared, manifest('web', ['a1', 's1']), running(declared));
    expect(plan.actions.map(({ slot, action }) => `${slot} ${action}`)).toEqual([
      'web/a1 create',
      'web/m1 kill',
    ]);
  });

  test('of a prune says what would be killed, or what blocks it', async () => {
    const declared = openWeb();
    const other = manifest('other', ['m1']);
    const plan = await whatIf(declared, other, running(declared), { prune: true });
    expect(plan.text).toContain('  - web/m1                   kill     NoLongerDeclared');

    const big = openDeclared();
    big.apply(manifest('web', ['m1', 's1', 's2', 's3']));
    big.run();
    const blocked = await whatIf(big, other, running(big), { prune: true });
    expect(blocked.blocked).toMatchObject([{ slot: 'web', reason: 'PruneBlocked' }]);
    expect(blocked.text).toMatch(
      /^ {4}web {2}PruneBlocked: source apply would remove 4 live panes/,
    );
    expect(blocked.counts.kill).toBe(0);
  });

  test('of a container that cannot be seen says so', async () => {
    const declared = openDeclared();
    const plan = await whatIf(declared, WEB, UNKNOWN);
    expect(plan.unknown).toMatchObject([{ container: LOCAL, slots: ['web/m1', 'web/s1'] }]);
    expect(plan.touched).toEqual([{ layout: 'local/web', generation: 0, epoch: null }]);
  });

  test('shows a hold that stays in the way', async () => {
    const declared = openWeb();
    stopSlots({ name: 'web', slot: 'm1' }, { by: 'ann', reason: '' }, declared.deps);
    const plan = await whatIf(declared, WEB, running(declared));
    expect(plan.blocked).toMatchObject([{ slot: 'web/m1', reason: 'Held' }]);
  });

  test('of what another source owns is refused like the apply', async () => {
    const declared = openDeclared();
    declared.load(WEB);
    await expect(whatIf(declared, WEB, seen())).rejects.toMatchObject({
      code: 'ownership_conflict',
    });
  });

  test('of a layout that is being removed shows that it stays', async () => {
    const declared = openDeclared();
    declared.load({ 'web.yaml': WEB, 'o.yaml': manifest('other', ['m1']) });
    declared.run();
    declared.load({ 'o.yaml': manifest('other', ['m1']) });
    const plan = await whatIf(declared, WEB, running(declared));
    expect(plan.actions.filter(({ slot }) => slot.startsWith('web/'))).toEqual([]);
  });
});

describe('a plan of an edit for which nothing is done now', () => {
  const EDITED = WEB.replace('key: m1,', 'key: m1, env: {MODE: fast},');
  const ON_DELETE = ['updateStrategy: {type: OnDelete}'];

  test('names the fields that are only written down, and counts them as a change', async () => {
    const declared = openWeb();
    const plan = await whatIf(
      declared,
      manifest('web', ['m1', 's1'], ON_DELETE),
      running(declared),
    );
    expect(plan.text).toBe(`\
  ~ web                      in place SpecChanged (updateStrategy)
      updateStrategy: {"type":"RollingUpdate","maxUnavailable":1} → {"type":"OnDelete","maxUnavailable":1}

Plan: 0 create, 0 replace, 1 in place, 0 kill, 2 unchanged, 0 unknown`);
    expect(plan.layouts).toEqual([{ name: 'web', container: 'local', action: 'configured' }]);
  });

  test('tells of another order of the same panes', async () => {
    const declared = openWeb();
    const plan = await whatIf(declared, manifest('web', ['s1', 'm1']), running(declared));
    expect(plan.actions).toMatchObject([
      { slot: 'web', changes: [{ field: 'panes', old: ['m1', 's1'], new: ['s1', 'm1'] }] },
    ]);
  });

  test('names what waits for a person, and knows that the layout is recorded anew', async () => {
    const declared = openDeclared();
    const asIs = manifest('web', ['m1', 's1'], ON_DELETE);
    declared.apply(asIs);
    declared.run();
    const edited = asIs.replace('key: m1,', 'key: m1, env: {A: b},');
    const plan = await whatIf(declared, edited, running(declared));
    expect(plan.actions).toEqual([]);
    expect(plan.blocked).toMatchObject([{ slot: 'web/m1', reason: 'OnDelete' }]);
    expect(plan.layouts).toEqual([{ name: 'web', container: 'local', action: 'configured' }]);
    expect((await whatIf(declared, asIs, running(declared))).layouts).toEqual([]);
  });

  test('says that a layout is suspended', async () => {
    const declared = openWeb();
    const edited = EDITED.replace('spec:', 'spec:\n  suspend: true');
    const plan = await whatIf(declared, edited, running(declared));
    expect(plan.blocked).toEqual([
      {
        slot: 'web',
        reason: 'Suspended',
        message: 'suspended by its manifest (spec.suspend); nothing is changed meanwhile',
      },
    ]);
  });
});

describe('a saved plan', () => {
  const EDITED = WEB.replace('key: m1,', 'key: m1, env: {MODE: fast},');

  test('is good while nothing it relies on has moved', async () => {
    const declared = openWeb();
    const look = running(declared);
    const saved = await whatIf(declared, EDITED, look);
    const now = await whatIf(declared, EDITED, look);
    expect(() => refuseStale(saved, now)).not.toThrow();
  });

  test('is stale once a layout it touches was edited', async () => {
    const declared = openWeb();
    const look = running(declared);
    const saved = await whatIf(declared, EDITED, look);
    declared.apply(manifest('web', ['m1', 's1'], ['layout: main-vertical']));
    const now = await whatIf(declared, EDITED, look);
    expect(refusal(() => refuseStale(saved, now))).toMatchObject({
      code: 'plan_stale',
      details: { moved: ['local/web'] },
    });
  });

  test('is stale once a layout it would leave alone was edited, which it would undo', async () => {
    const declared = openWeb();
    const both = `${EDITED}---\n${manifest('api', ['m1'])}`;
    declared.apply({ 'web.yaml': `${WEB}---\n${manifest('api', ['m1'])}` });
    declared.run('api');
    const saved = await whatIf(declared, both, running(declared));
    declared.apply({ 'web.yaml': `${WEB}---\n${manifest('api', ['m1', 's1'])}` });
    const now = await whatIf(declared, both, running(declared));
    expect(refusal(() => refuseStale(saved, now)).details).toEqual({
      moved: ['local/api'],
    });
  });

  test('is stale once the server it was made for is another one', async () => {
    const declared = openWeb();
    const saved = await whatIf(declared, EDITED, running(declared));
    const now = await whatIf(declared, EDITED, seen([], { epoch: OTHER_SERVER }));
    expect(refusal(() => refuseStale(saved, now)).code).toBe('plan_stale');
  });

  test('is stale once a slot it would replace is held, though no declaration moved', async () => {
    const declared = openWeb();
    const saved = await whatIf(declared, EDITED, running(declared));
    stopSlots({ name: 'web', slot: 'm1' }, { by: 'ana', reason: '' }, declared.deps);
    const now = await whatIf(declared, EDITED, running(declared));
    expect(refusal(() => refuseStale(saved, now))).toMatchObject({
      code: 'plan_stale',
      message: expect.stringContaining('something else would be done to local/web/m1 by now'),
    });
  });

  test('counts another edit of what is still being rolled out as a change, not as drift', async () => {
    const declared = openWeb();
    declared.apply(EDITED);
    const plan = await whatIf(declared, EDITED.replace('fast', 'slow'), running(declared));
    expect(plan.actions).toMatchObject([{ slot: 'web/m1', action: 'replace', drift: false }]);
  });

  test('does not care for what the loop repairs by itself meanwhile', async () => {
    const declared = openWeb();
    const saved = await whatIf(declared, EDITED, running(declared, 's1'));
    expect(saved.actions.map(({ slot, drift }) => `${slot} ${drift}`)).toContain('web/s1 true');
    const look = running(declared);
    const now = await whatIf(declared, EDITED, look);
    expect(now.actions.map(({ slot }) => slot)).toEqual(['web/m1']);
    expect(() => refuseStale(saved, now)).not.toThrow();
  });

  test('is stale once there is nothing of it left to do', async () => {
    const declared = openWeb();
    const saved = await whatIf(declared, EDITED, running(declared));
    expect(refusal(() => refuseStale(saved, { actions: [], touched: [] })).code).toBe('plan_stale');
  });
});

describe('diff', () => {
  test('tells field by field how files differ from what is recorded', () => {
    const declared = openWeb();
    const edited = manifest('web', ['m1', 's2'], ['layout: main-vertical']).replace(
      'key: m1,',
      'key: m1, env: {API_KEY: hunter2}, role: master,',
    );
    const [diff] = computeDiff(options(edited), declared.deps);
    expect(diff).toEqual({
      kind: 'Layout',
      name: 'web',
      container: 'local',
      changes: [
        { field: 'layout', old: 'tiled', new: 'main-vertical' },
        { field: 'm1.env.API_KEY', old: undefined, new: '<redacted>' },
        { field: 'm1.role', old: 'unknown', new: 'master' },
        { field: 's2', old: undefined, new: 'added' },
        { field: 's1', old: 'declared', new: undefined },
      ],
    });
  });

  test('of something new is one line, of the same nothing', () => {
    const declared = openWeb();
    expect(computeDiff(options(WEB), declared.deps)).toEqual([]);
    const renamed = options(`${WEB}---\n${manifest('api', ['m1'])}`);
    expect(computeDiff(renamed, declared.deps)).toEqual([
      {
        kind: 'Layout',
        name: 'api',
        container: 'local',
        changes: [{ field: 'layout', old: undefined, new: 'created' }],
      },
    ]);
  });

  test('does not tell again what was dropped before', () => {
    const declared = openWeb();
    declared.apply(manifest('web', ['m1']));
    const [diff] = computeDiff(options(manifest('web', ['m1'], ['suspend: true'])), declared.deps);
    expect(diff?.changes).toEqual([{ field: 'suspend', old: false, new: true }]);
  });
});
