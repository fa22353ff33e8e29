import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

const DECLARED = ['one one-a', 'one one-b', 'two two-a', 'two two-b'];

/** What a person sees, not what the daemon says. */
async function listed(): Promise<readonly string[]> {
  const format = '#{session_name} #{pane_title}';
  const text = await tower.tmux('list-panes', '-a', '-F', format);
  return text.split('\n').toSorted();
}

async function areHealthy(): Promise<boolean> {
  const layouts = await tower.layouts();
  return layouts.every(({ sync, health }) => sync === 'Synced' && health === 'Healthy');
}

/** The panes of a layout were all made anew, and the rest is as declared. */
async function isRebuilt(session: string, before: readonly { readonly tag: string }[]) {
  const panes = (await tower.panes()).filter((one) => one.session === session);
  const isNew =
    panes.length === 2 && panes.every(({ tag }) => before.every((old) => old.tag !== tag));
  return isNew && (await areHealthy()) && panes;
}

test('once layouts are applied tmux lists the declared panes under their labels, and nothing else', async () => {
  for (const name of ['one', 'two']) {
    const file = writeIn(tower.directory, `${name}.yaml`, layoutText(name, [pane('a'), pane('b')]));
    await tower.done('apply', '-f', file, '--wait');
    expect(await listed()).toEqual(
      DECLARED.filter((line) => name === 'two' || !line.startsWith('two')),
    );
  }
  expect(await tower.tmux('list-sessions', '-F', '#{session_name}')).toBe('one\ntwo');
});

test('each session killed by hand is rebuilt once, and the other one keeps its processes', async () => {
  for (const [killed, other] of [
    ['one', 'two'],
    ['two', 'one'],
    ['one', 'two'],
  ] as const) {
    const before = await tower.panes();
    const events = (await tower.events('pane_replaced')).length;
    await tower.tmux('kill-session', '-t', `=${killed}`);
    await until(() => isRebuilt(killed, before), { timeoutMs: 30_000 });
    const isOther = ({ session }: { readonly session: string }) => session === other;
    expect((await tower.panes()).filter(isOther)).toEqual(before.filter(isOther));
    expect(await listed()).toEqual(DECLARED);
    expect(await tower.events('pane_replaced')).toHaveLength(events + 2);
  }
});

test('a daemon killed and started again adds nothing', async () => {
  const before = await tower.panes();
  await tower.restartDaemon('SIGKILL');
  await until(areHealthy, { timeoutMs: 30_000 });
  expect(await listed()).toEqual(DECLARED);
  expect(await tower.panes()).toEqual(before);
});

test('when the tmux server is killed the declared panes come back, and nothing else', async () => {
  const before = await tower.panes();
  await tower.tmux('kill-server');
  for (const session of ['one', 'two']) {
    await until(() => isRebuilt(session, before), { timeoutMs: 30_000 });
  }
  expect(await listed()).toEqual(DECLARED);
});

test('a layout that is deleted leaves exactly the others, and the last one no pane that is an agent’s', async () => {
  const [, , ...kept] = await tower.panes();
  await tower.done('delete', 'layout/one', '--wait');
  expect(await listed()).toEqual(DECLARED.slice(2));
  expect(await tower.panes()).toEqual(kept);
  const pid = await tower.tmuxPid();
  await tower.done('delete', 'layout/two', '--wait');
  expect(await tower.panes()).toEqual([]);
  expect(await tower.tmux('list-sessions', '-F', '#{session_name}')).toBe('_agenttower');
  expect(await tower.tmuxPid()).toBe(pid);
});
