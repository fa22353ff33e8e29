import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, openClient } from './support/managed-client.ts';
import { writeCatalog } from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

/** Namespaces of their own, as a container has them; needs rights that not every machine gives. */
const UNSHARE = ['--pid', '--mount', '--fork'];

const ASK = `
  const socket = require('node:net').connect(process.argv[1]);
  socket.on('connect', () => socket.write(process.argv[2] + '\\n'));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    if (text.includes('\\n')) { process.stdout.write(text); process.exit(0); }
  });`;

describe.skipIf(!canUnshare())('a caller in a container that nobody knows', () => {
  let tower: Tower;
  let layoutId: string;
  let paneId: string;
  beforeAll(async () => {
    tower = await startTower();
    writeCatalog(tower.paths.configDir);
    const client = await openClient(tower.paths.socket, 'managed');
    const layout = await client.settled((await client.create('team', 'solo')).layout_id);
    layoutId = layout.layout_id;
    paneId = layout.panes[0]?.pane_id ?? '';
  });
  afterAll(() => tower.stop());

  const ask = (method: string, params: object = {}): Answer => {
    const request = JSON.stringify({ method, params });
    const argv = [...UNSHARE, process.execPath, '-e', ASK, tower.paths.socket, request];
    return JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8' })) as Answer;
  };
  const create = { container_id: 'local', template_name: 'solo', tmux_session_name: 'x' };

  test('is denied whatever belongs to another, and told nothing of it', () => {
    const denied = { ok: false, error: { code: 'host_only', details: {} } };
    expect(ask('managed.layout.create', create)).toMatchObject(denied);
    expect(ask('managed.layout.create', { ...create, container_id: 'x' })).toMatchObject(denied);
    expect(ask('managed.layout.list', { container_id: 'local' })).toMatchObject(denied);
    expect(ask('managed.pane.list', { container_id: 'local' })).toMatchObject(denied);
    expect(ask('managed.layout.detail', { layout_id: layoutId })).toMatchObject(denied);
    expect(ask('managed.layout.remove', { layout_id: layoutId })).toMatchObject(denied);
    expect(ask('managed.pane.detail', { pane_id: paneId })).toMatchObject(denied);
    expect(ask('managed.pane.remove', { pane_id: paneId })).toMatchObject(denied);
    const recreate = { predecessor_pane_id: paneId };
    expect(ask('managed.pane.recreate', recreate)).toMatchObject(denied);
  });

  test('sees nothing in lists, and what nobody has is not found', () => {
    const nothing = { ok: true, result: { items: [], next: null } };
    expect(ask('managed.layout.list')).toEqual(nothing);
    expect(ask('managed.pane.list')).toEqual(nothing);
    expect(ask('managed.pane.remove', { pane_id: 'x' }).error?.code).toBe('managed_pane_not_found');
    const promoted = ask('managed.pane.promote_from_adopted');
    expect(promoted.error?.code).toBe('not_implemented');
  });

  test('gets no app session, and no environment of anyone', () => {
    for (const method of ['app.hello', 'app.managed_layout_list']) {
      expect(ask(method)).toMatchObject({ ok: false, error: { code: 'host_only', details: {} } });
    }
    const exported = ask('layout.export', { name: 'team' });
    expect(exported).toMatchObject({ ok: false, error: { code: 'host_only' } });
  });
});

function canUnshare(): boolean {
  try {
    execFileSync('unshare', [...UNSHARE, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
