import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  await apply();
});
afterAll(() => tower.stop());

async function apply(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const text = layoutText('team', [pane('a'), pane('b', { env })]);
  await tower.done('apply', '-f', writeIn(tower.directory, 'team.yaml', text), '--wait');
}

const titles = async () => (await tower.panes()).map(({ title }) => title).toSorted();
const pidOf = async (slot: string) => (await tower.slot(`team/${slot}`)).pid;

describe('stop', () => {
  test('ends one pane, holds its slot and says who, why and since when', async () => {
    const sibling = await pidOf('a');
    await tower.done('stop', 'layout/team/b', '--reason', 'rate limit');
    await until(async () => (await titles()).join() === 'team-a');
    const slot = await tower.slot('team/b');
    expect(slot).toMatchObject({
      status: 'Held',
      pid: null,
      held: { reason: 'rate limit', until: null },
    });
    expect(await tower.layout('team')).toMatchObject({
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Held', status: 'True' }),
      ]),
    });
    expect(await tower.done('describe', 'layout/team')).toContain('rate limit');
    expect(await tower.done('status')).toContain('team/b');
    expect(await pidOf('a')).toBe(sibling);
  });

  test('holds through an edit of the spec and a restart of the daemon', async () => {
    await apply({ EDITED: '1' });
    await tower.restartDaemon();
    await apply({ EDITED: '2' });
    await until(async () => (await tower.layout('team')).observed_generation === 3);
    expect(await tower.slot('team/b')).toMatchObject({ status: 'Held' });
    expect(await titles()).toEqual(['team-a']);
    expect(await tower.done('plan')).toMatch(/team\/b\s+Held/);
  });

  test('--for ends by itself', async () => {
    await tower.done('stop', 'layout/team/b', '--for', '1s');
    expect((await tower.slot('team/b')).held?.until).toEqual(expect.any(String));
    await until(async () => (await tower.slot('team/b')).status === 'Ready', { timeoutMs: 15_000 });
    expect(await titles()).toEqual(['team-a', 'team-b']);
    expect((await tower.events('slot_hold_ended')).at(-1)).toMatchObject({ actor: 'daemon' });
  });
});

test('start ends a hold and brings the pane back with the spec of now', async () => {
  await tower.done('stop', 'layout/team');
  await until(async () => (await titles()).length === 0);
  await apply({ EDITED: '3' });
  await tower.done('start', 'layout/team');
  await tower.done('wait', 'layout/team');
  expect(await titles()).toEqual(['team-a', 'team-b']);
  const environ = await tower.tmux('list-panes', '-a', '-F', '#{pane_title} #{pane_start_command}');
  expect(environ).toContain('team-b');
});

test('restart replaces the panes at once and ends a hold', async () => {
  const before = [await pidOf('a'), await pidOf('b')];
  await tower.done('restart', 'layout/team/b');
  await until(
    async () => (await tower.slot('team/b')).status === 'Ready' && (await pidOf('b')) !== before[1],
  );
  expect(await pidOf('a')).toBe(before[0]);
  await tower.done('stop', 'layout/team/b');
  await until(async () => (await titles()).length === 1);
  await tower.done('restart', 'layout/team/b');
  await until(async () => (await tower.slot('team/b')).status === 'Ready');
  expect((await tower.slot('team/b')).held).toBeNull();
});

describe('a suspended layout', () => {
  test('is looked at and left alone, whatever happens to it', async () => {
    await tower.done('suspend', 'layout/team', '--reason', 'debugging');
    const { tmux_pane_id } = await tower.slot('team/b');
    await tower.tmux('kill-pane', '-t', tmux_pane_id ?? '');
    await until(
      async () => (await tower.slot('team/b')).status !== 'Ready' && (await titles()).length === 1,
    );
    await tower.restartDaemon();
    await tower.done(
      'apply',
      '-f',
      writeIn(tower.directory, 'other.yaml', layoutText('other', [pane('a')])),
      '--wait',
    );
    expect(await titles()).toEqual(['other-a', 'team-a']);
    expect(await tower.layout('team')).toMatchObject({ health: 'Suspended' });
    expect(await tower.done('describe', 'layout/team')).toContain('debugging');
  });

  test('refuses a restart and says what to do first', async () => {
    const refused = await tower.cli(['restart', 'layout/team/a']);
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('agenttower resume layout/team'),
    });
  });

  test('is repaired once it is resumed', async () => {
    const sibling = await pidOf('a');
    await tower.done('resume', 'layout/team');
    await tower.done('wait', 'layout/team');
    expect(await titles()).toEqual(['other-a', 'team-a', 'team-b']);
    expect(await pidOf('a')).toBe(sibling);
  });
});
