import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanResult } from '../../src/surfaces/api/protocol.ts';
import { agent, layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

const team = (...panes: ReturnType<typeof pane>[]): string =>
  writeIn(tower.directory, 'team.yaml', layoutText('team', panes));

/** What stands in each pane, by slot. */
async function pids(): Promise<Record<string, number | null>> {
  const { panes } = await tower.layout('team');
  return Object.fromEntries(panes.map(({ slot, pid }) => [slot, pid]));
}

const long = (end: string) => ['sh', '-c', `: ${'x'.repeat(2_000)}\nexec sleep 10000${end}`];

describe('plan --detailed-exitcode', () => {
  test('ends with 2 before the first apply and writes nothing', async () => {
    const file = team(pane('a'), pane('b'));
    const planned = await tower.cli(['plan', '-f', file, '--detailed-exitcode']);
    expect(planned).toMatchObject({ code: 2, stdout: expect.stringContaining('Plan: 2 create') });
    expect(await tower.layouts()).toEqual([]);
  });

  test('ends with 0 after the apply and with 2 after an edit, and names the field', async () => {
    const file = team(pane('a'), pane('b'));
    await tower.done('apply', '-f', file, '--wait');
    const same = await tower.cli(['plan', '-f', file, '--detailed-exitcode']);
    expect(same).toMatchObject({ code: 0, stdout: expect.stringContaining('2 unchanged') });

    team(pane('a'), pane('b', { workingDir: '/tmp' }));
    const edited = await tower.cli(['plan', '-f', file, '--detailed-exitcode']);
    expect(edited.code).toBe(2);
    expect(edited.stdout).toMatch(/team\/b\s+replace\s+SpecChanged \(workingDir\)/);
    expect(edited.stdout).toContain('workingDir: unset → "/tmp"');
    const diff = await tower.cli(['diff', '-f', file, '--detailed-exitcode']);
    expect(diff).toMatchObject({ code: 2, stdout: expect.stringContaining('b.workingDir') });
  });

  test('prints the same bytes twice, and JSON with a format version', async () => {
    const file = team(pane('a', { command: agent('other') }), pane('c'));
    expect(await tower.done('plan', '-f', file)).toBe(await tower.done('plan', '-f', file));
    const plan = JSON.parse(await tower.done('plan', '-f', file, '-o', 'json')) as PlanResult;
    expect(plan).toMatchObject({
      formatVersion: '1.0',
      counts: { create: 1, replace: 1, kill: 1, unchanged: 0, unknown: 0 },
    });
    expect(plan.actions.map(({ slot, action }) => `${slot} ${action}`)).toEqual([
      'team/a replace',
      'team/b kill',
      'team/c create',
    ]);
  });

  test('shows of a long value only what differs', async () => {
    const file = team(pane('a', { command: long('1') }), pane('b'));
    await tower.done('apply', '-f', file, '--wait');
    team(pane('a', { command: long('2') }), pane('b'));
    const planned = await tower.done('plan', '-f', file);
    expect(planned).toMatch(/command: ….*100001.* → ….*100002/);
    expect(planned.length).toBeLessThan(600);
  });
});

describe('an edit', () => {
  test('of a label changes the title and no process', async () => {
    const file = team(pane('a'), pane('b'));
    await tower.done('apply', '-f', file, '--wait');
    const before = await pids();
    team(pane('a', { label: 'chief' }), pane('b'));
    expect(await tower.done('plan', '-f', file)).toMatch(
      /team\/a\s+in place\s+SpecChanged \(label\)/,
    );
    await tower.done('apply', '-f', file, '--wait');
    expect(await pids()).toEqual(before);
    expect((await tower.panes()).map(({ title }) => title)).toContain('chief');
  });

  test('of one command replaces that pane alone', async () => {
    const file = team(pane('a'), pane('b', { command: agent('new') }));
    const before = await pids();
    await tower.done('apply', '-f', file, '--wait');
    const after = await pids();
    expect(after['a']).toBe(before['a']);
    expect(after['b']).not.toBe(before['b']);
    expect(readFileSync((await tower.slot('team/b')).log_path ?? '', 'utf8')).toContain('new');
  });

  test('that adds a slot and drops another leaves the third alone', async () => {
    const file = team(pane('a'), pane('c'));
    const before = await pids();
    await tower.done('apply', '-f', file, '--wait');
    expect(await pids()).toEqual({ a: before['a'], c: expect.any(Number) });
    expect((await tower.panes()).map(({ title }) => title).toSorted()).toEqual([
      'team-a',
      'team-c',
    ]);
  });
});

describe('a saved plan', () => {
  const saved = 'next.plan';

  test('is applied once', async () => {
    const file = team(pane('a', { env: { ROUND: '1' } }), pane('c'));
    await tower.done('plan', '-f', file, '--out', saved);
    expect(await tower.done('apply', saved, '--wait')).toContain('layout/team configured');
    const again = await tower.cli(['apply', saved]);
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('applied before') });
  });

  test('is refused when what it touches moved since', async () => {
    const file = team(pane('a', { env: { ROUND: '2' } }), pane('c'));
    await tower.done('plan', '-f', file, '--out', saved);
    team(pane('a', { env: { ROUND: '3' } }), pane('c'));
    await tower.done('apply', '-f', file, '--wait');
    const before = await pids();
    const stale = await tower.cli(['apply', saved]);
    expect(stale).toMatchObject({ code: 4, stderr: expect.stringContaining('local/team') });
    expect(await pids()).toEqual(before);
  });
});

test('apply --dry-run says what would become of each object and writes nothing', async () => {
  const file = writeIn(
    tower.directory,
    'dry.yaml',
    [
      layoutText('team', [pane('a', { env: { ROUND: '4' } }), pane('c')]),
      layoutText('other', [pane('a')]),
    ].join('\n---\n'),
  );
  const before = await tower.call('layout.list');
  const told = await tower.done('apply', '-f', file, '--dry-run');
  expect(told).toMatch(/layout\/team configured/);
  expect(told).toMatch(/layout\/other created/);
  expect(told).toContain('Plan: 1 create, 1 replace');
  expect(await tower.call('layout.list')).toEqual(before);
});
