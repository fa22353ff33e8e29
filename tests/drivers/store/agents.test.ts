import { beforeEach, expect, test } from 'vitest';
import {
  newLayout,
  newPane,
  newSlot,
  paneId,
  slotSpec,
  type TestStore,
  testStore,
} from './rows.ts';

let opened: TestStore;
const agents = () =>
  opened.db
    .prepare(`
      SELECT agent_id, managed_pane_id, container, label, role, capability, origin, active, created_at, updated_at
      FROM agents`)
    .all();
const attachments = () =>
  opened.db.prepare<[], Record<string, unknown>>('SELECT * FROM log_attachments').all();
const transact: TestStore['store']['transact'] = (write) => opened.store.transact(write);

beforeEach(() => {
  opened = testStore();
  transact((tx) => {
    tx.insertLayout(newLayout('web'));
    tx.insertSlot(newSlot('web', 'm1'));
  });
});

test('a registered pane is an active managed agent, its log attached', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one', { logPath: '/logs/one' }));
    tx.registerAgent(paneId('one'));
  });
  expect(agents()).toEqual([
    {
      agent_id: 'agt_one',
      managed_pane_id: 'pane-one',
      container: 'local',
      label: 'web-m1',
      role: 'slave',
      capability: 'unknown',
      origin: 'managed',
      active: 1,
      created_at: 1_000,
      updated_at: 1_000,
    },
  ]);
  expect(attachments()).toMatchObject([
    { agent_id: 'agt_one', path: '/logs/one', state: 'active' },
  ]);
});

test('registering again changes nothing', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one', { logPath: '/logs/one' }));
    tx.registerAgent(paneId('one'));
  });
  const before = [agents(), attachments()];
  opened.clock.set(2_000);
  transact((tx) => tx.registerAgent(paneId('one')));
  expect([agents(), attachments()]).toEqual(before);
});

test('a pane without a log has no attachment', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one'));
    tx.registerAgent(paneId('one'));
  });
  expect(attachments()).toEqual([]);
});

test.each(['removed', 'failed'] as const)('the agent of a %s pane is inactive', (end) => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one', { logPath: '/logs/one' }));
    tx.registerAgent(paneId('one'));
    tx.updatePane(paneId('one'), { state: 'degraded' });
  });
  expect(agents()).toMatchObject([{ active: 1 }]);
  transact((tx) => tx.updatePane(paneId('one'), { state: end }));
  expect(agents()).toMatchObject([{ active: 0 }]);
  expect(attachments()).toMatchObject([{ state: 'stale' }]);
});

test('a pane registered after its end is an inactive agent', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one', { logPath: '/logs/one' }));
    tx.updatePane(paneId('one'), { state: 'failed' });
    tx.registerAgent(paneId('one'));
  });
  expect(agents()).toMatchObject([{ active: 0 }]);
  expect(attachments()).toMatchObject([{ state: 'stale' }]);
});

test('an agent follows its pane: label, role, capability, and the log on and off', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one'));
    tx.registerAgent(paneId('one'));
    const spec = slotSpec('m1', { label: 'chief', role: 'master', capability: 'codex' });
    tx.updatePane(paneId('one'), { spec, logPath: '/logs/one' });
  });
  expect(agents()).toMatchObject([{ label: 'chief', role: 'master', capability: 'codex' }]);
  expect(attachments()).toMatchObject([{ path: '/logs/one', state: 'active' }]);
  transact((tx) => tx.updatePane(paneId('one'), { logPath: undefined }));
  expect(attachments()).toMatchObject([{ path: '/logs/one', state: 'detached' }]);
  transact((tx) => tx.updatePane(paneId('one'), { logPath: '/logs/two' }));
  const states = attachments()
    .map((row) => `${String(row['path'])} ${String(row['state'])}`)
    .toSorted((a, b) => a.localeCompare(b));
  expect(states).toEqual(['/logs/one superseded', '/logs/two active']);
});
