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

/** A message for the agent of a pane, in the state the gate gave it. */
function message(id: string, agent: string, state: 'queued' | 'blocked' = 'queued') {
  const target = opened.store.registry.agent(agent);
  if (target === undefined) throw new Error(`no agent ${agent}`);
  transact((tx) =>
    tx.insertMessage({
      id,
      state,
      ...(state === 'blocked' && { blockReason: 'operator_delayed' as const }),
      sender: { id: 'host-operator', label: 'host-operator', role: 'master' },
      target,
      body: `body of ${id}`,
      raw: true,
      sizeBytes: 9,
      excerpt: id,
    }),
  );
}

const remove = () => {
  transact((tx) => {
    tx.updatePane(paneId('one'), { state: 'degraded', failedStage: 'launch_command' });
    tx.updatePane(paneId('one'), { state: 'removed' });
  });
};

const queue = () =>
  opened.db
    .prepare<[], Record<string, unknown>>('SELECT id, state, body FROM message_queue ORDER BY id')
    .all();

test('what waits for a pane that is removed is canceled and forgotten, and what is under way is not', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one'));
    tx.registerAgent(paneId('one'));
  });
  message('a-waits', 'agt_one');
  message('b-is-held', 'agt_one', 'blocked');
  message('c-is-pasted', 'agt_one');
  transact((tx) => tx.updateMessage('c-is-pasted', { attemptStartedAt: 5 }));
  const before = opened.store.lastSeq();
  remove();
  expect(queue()).toEqual([
    { id: 'a-waits', state: 'canceled', body: null },
    { id: 'b-is-held', state: 'canceled', body: null },
    { id: 'c-is-pasted', state: 'queued', body: 'body of c-is-pasted' },
  ]);
  expect(opened.store.eventsAfter(before, 10)).toMatchObject([
    {
      type: 'queue_message_canceled',
      actor: 'daemon',
      payload: { message_id: 'a-waits', from_state: 'queued', reason: 'target_removed' },
    },
    {
      type: 'queue_message_canceled',
      payload: { message_id: 'b-is-held', from_state: 'blocked', operator: null },
    },
  ]);
});

test('what waits for a pane that failed stays until somebody decides', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one'));
    tx.registerAgent(paneId('one'));
  });
  message('waits', 'agt_one');
  transact((tx) => tx.updatePane(paneId('one'), { state: 'failed', failedStage: 'pane_create' }));
  expect(queue()).toMatchObject([{ id: 'waits', state: 'queued' }]);
});

test('the audit tells of a log that comes with its pane and goes stale with it', () => {
  transact((tx) => {
    tx.insertPane(newPane('web/m1', 'one', { logPath: '/logs/one' }));
    tx.registerAgent(paneId('one'));
  });
  remove();
  const told = opened.store
    .eventsAfter(0, 10)
    .filter(({ type }) => type === 'log_attachment_change')
    .map(({ payload }) => [payload['prior_status'], payload['new_status']]);
  expect(told).toEqual([
    [null, 'active'],
    ['active', 'stale'],
  ]);
});
