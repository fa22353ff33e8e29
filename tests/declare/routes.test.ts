import { describe, expect, test } from 'vitest';
import { computeDiff } from '../../src/declare/diff.ts';
import type { RouteRecord } from '../../src/domain/routes.ts';
import { actions, type Declared, DIRECTORY, manifest, openDeclared, refusal } from './fixture.ts';

const route = (name: string, ...lines: readonly string[]): string =>
  [
    'apiVersion: agenttower/v1',
    'kind: Route',
    `metadata: {name: ${name}}`,
    'spec:',
    '  eventType: test_failed',
    '  target: {agent: reviewer}',
    ...lines.map((line) => `  ${line}`),
    "  template: '{source_label}: {event_excerpt}'",
    '',
  ].join('\n');

const REVIEW = route('review');
const STRICT = route('review', 'master: m1');

const APPLY = { prune: false, takeOwnership: false };
const find = ({ store }: Declared, name = 'review'): RouteRecord | undefined =>
  store.routes.route(name);

/** Lets time go on, as events do. */
function pass({ store }: Declared): number {
  store.transact((tx) =>
    tx.emit({ type: 'source_recovered', actor: 'daemon', payload: { source: 'x' } }),
  );
  return store.lastSeq();
}

describe('an applied route', () => {
  test('works from now on, and is written once', () => {
    const declared = openDeclared();
    const seq = pass(declared);
    expect(actions(declared.apply(REVIEW))).toEqual(['Route/review created']);
    expect(find(declared)).toMatchObject({
      name: 'review',
      eventType: 'test_failed',
      scope: { kind: 'any' },
      target: { rule: 'explicit', value: 'reviewer' },
      master: { rule: 'auto' },
      enabled: true,
      cursor: seq,
    });
    const before = declared.commits();
    expect(actions(declared.apply(REVIEW))).toEqual(['Route/review unchanged']);
    expect(declared.commits()).toBe(before);
  });

  test('changes in place: its id and how far it got stay', () => {
    const declared = openDeclared();
    declared.apply(REVIEW);
    const before = find(declared);
    pass(declared);
    expect(actions(declared.apply(STRICT))).toEqual(['Route/review configured']);
    expect(find(declared)).toMatchObject({
      id: before?.id,
      cursor: before?.cursor,
      master: { rule: 'explicit', value: 'm1' },
    });
    expect(declared.events().map(({ type }) => type)).toEqual([
      'route_created',
      'source_recovered',
      'route_updated',
    ]);
  });

  test('takes no old events of a type it did not wait for', () => {
    const declared = openDeclared();
    declared.apply(REVIEW);
    const seq = pass(declared);
    declared.apply(REVIEW.replace('test_failed', 'error'));
    expect(find(declared)).toMatchObject({ eventType: 'error', cursor: seq });
  });

  test('stays switched off by a person until its declaration changes', () => {
    const declared = openDeclared();
    declared.apply(REVIEW);
    const id = find(declared)?.id ?? '';
    declared.store.transact((tx) => tx.updateRoute(id, { enabled: false }));
    declared.apply(REVIEW);
    expect(find(declared)?.enabled).toBe(false);
    declared.apply(STRICT);
    expect(find(declared)?.enabled).toBe(true);
  });

  test('that a person removed is made anew when it is applied again', () => {
    const declared = openDeclared();
    declared.apply(REVIEW);
    const id = find(declared)?.id ?? '';
    declared.store.transact((tx) => tx.deleteRoute(id));
    expect(declared.store.objects()).toEqual([]);
    expect(actions(declared.apply(REVIEW))).toEqual(['Route/review created']);
    expect(find(declared)?.id).not.toBe(id);
  });

  test('is pruned with its file, and only by a prune of that file', () => {
    const declared = openDeclared();
    declared.apply({ 'a.yaml': REVIEW, 'b.yaml': route('other') });
    declared.apply({ 'b.yaml': route('other') }, { prune: true });
    expect(find(declared)).toBeDefined();
    expect(
      actions(declared.apply({ 'b.yaml': manifest('web', ['m1']) }, { prune: true })),
    ).toContain('Route/other pruned');
    expect(find(declared, 'other')).toBeUndefined();
    expect(find(declared)).toBeDefined();
  });
});

test('an empty file prunes no route before that is confirmed', () => {
  const declared = openDeclared();
  declared.apply(REVIEW);
  const empty = { 'web.yaml': '# nothing\n' };
  expect(refusal(() => declared.apply(empty, { prune: true })).code).toBe('prune_blocked');
  expect(find(declared)).toBeDefined();
  declared.apply(empty, { prune: true, confirmPrune: 0 });
  expect(find(declared)).toBeUndefined();
});

describe('a route of a source', () => {
  test('goes when its source no longer holds it', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': REVIEW, 'b.yaml': route('other') });
    expect(declared.load({ 'b.yaml': route('other') })).toMatchObject({ removed: 1 });
    expect(find(declared)).toBeUndefined();
    expect(find(declared, 'other')).toBeDefined();
  });

  test('stays when the source may not prune, has not loaded, or turned up empty', () => {
    const declared = openDeclared();
    declared.load({ 'a.yaml': REVIEW, 'b.yaml': route('other') });
    declared.load({ 'b.yaml': route('other') }, { prune: false });
    expect(find(declared)).toBeDefined();
    declared.allLoaded = false;
    expect(declared.load({ 'b.yaml': route('other') }).pruneBlocked).toContain('loaded once');
    expect(find(declared)).toBeDefined();
    declared.allLoaded = true;
    expect(declared.load({}).pruneBlocked).toContain('2 routes are kept');
    expect(find(declared)).toBeDefined();
    declared.load({}, { allowEmpty: true });
    expect(find(declared)).toBeUndefined();
  });

  test('belongs to the source that declared it first', () => {
    const declared = openDeclared();
    declared.load(REVIEW);
    expect(refusal(() => declared.apply(STRICT))).toMatchObject({
      code: 'ownership_conflict',
      details: { layout: 'review', owner: 'fleet (web.yaml:1)', claimant: 'apply (web.yaml:1)' },
    });
    declared.load(STRICT, DIRECTORY);
    expect(find(declared)?.master).toEqual({ rule: 'auto' });
    expect(actions(declared.apply(STRICT, { takeOwnership: true }))).toEqual([
      'Route/review transferred',
    ]);
    expect(find(declared)?.master).toEqual({ rule: 'explicit', value: 'm1' });
  });
});

test('a diff of routes names every field', () => {
  const declared = openDeclared();
  const diff = (text: string) =>
    computeDiff({ ...APPLY, files: [{ path: 'a.yaml', text }] }, declared.deps);
  expect(diff(REVIEW)).toMatchObject([
    { kind: 'Route', name: 'review', changes: [{ new: 'created' }] },
  ]);
  declared.apply({ 'a.yaml': REVIEW });
  expect(diff(REVIEW)).toEqual([]);
  expect(diff(STRICT)).toEqual([
    {
      kind: 'Route',
      name: 'review',
      changes: [{ field: 'master', old: { rule: 'auto' }, new: { rule: 'explicit', value: 'm1' } }],
    },
  ]);
});
