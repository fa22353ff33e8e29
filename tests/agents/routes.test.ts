import { describe, expect, onTestFinished, test } from 'vitest';
import { addRoute, enableRoute, type RouteDraft } from '../../src/agents/routes/routes.ts';
import { takeTurn } from '../../src/agents/routes/take-turn.ts';
import { startRoutes } from '../../src/agents/routes/worker.ts';
import { switchRouting } from '../../src/agents/routing-switch.ts';
import type { AgentId } from '../../src/domain/ids.ts';
import type { MessageRecord } from '../../src/domain/messages.ts';
import {
  renderTemplate,
  TEMPLATE_FIELDS,
  type TemplateField,
} from '../../src/domain/route-template.ts';
import type { RouteRecord } from '../../src/domain/routes.ts';
import type { OpenStore } from '../../src/drivers/store/open-store.ts';
import { until } from '../support/until.ts';
import { insertAgent, openTestStore, queueDeps } from './fixture.ts';

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const DRAFT: RouteDraft = {
  eventType: 'error',
  scopeKind: 'any',
  targetRule: 'source',
  masterRule: 'auto',
  template: '{source_label} said: {event_excerpt}',
};

function fixture() {
  const store = openTestStore();
  const add = (changes: Partial<RouteDraft> = {}) =>
    addRoute({ ...DRAFT, ...changes }, { store, uuid: () => crypto.randomUUID() });
  const turn = () => {
    const { consumed, skipped } = takeTurn({ ...queueDeps(store), reach: () => {} });
    const taken = [...consumed.values()].reduce((sum, count) => sum + count, 0);
    return { taken, skips: skipped.map(({ reason }) => reason) };
  };
  return { store, add, turn };
}

function tell(store: OpenStore, agentId: AgentId, excerpt: string): void {
  const range = {
    byte_range_start: 0,
    byte_range_end: 1,
    line_offset_start: 0,
    line_offset_end: 1,
  };
  const about = { attachment_id: 'lat_1', log_path: '/x', rule_id: 'r', debounce: null };
  store.transact((tx) =>
    tx.emit({ type: 'error', actor: 'daemon', agentId, payload: { ...about, ...range, excerpt } }),
  );
}
const messages = (store: OpenStore) => store.messages.list({ limit: 100_000 });

describe('a route', () => {
  test('turns an event into a prompt from the first master, once', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { id: 'agt_m2', role: 'master' });
    insertAgent(store, { id: 'agt_m1', role: 'master' });
    const slave = insertAgent(store, { label: 'worker' });
    tell(store, slave.agentId, 'before');
    const { id } = add();
    tell(store, slave.agentId, 'boom');
    expect(turn()).toEqual({ taken: 1, skips: [] });
    expect(turn()).toEqual({ taken: 0, skips: [] });
    expect(store.routes.route(id)?.cursor).toBeGreaterThan(0);
    expect(messages(store)).toMatchObject([
      {
        body: 'worker said: boom',
        sender: { id: 'agt_m1' },
        target: { id: slave.agentId },
        state: 'queued',
      },
    ]);
  });

  test('never makes a second prompt of one event, whatever its cursor says', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, {});
    const { id } = add();
    tell(store, slave.agentId, 'boom');
    turn();
    const [made] = messages(store) as [MessageRecord];
    // As of an older copy of the database.
    const stale = { ...store.routes.route(id), cursor: 0 } as RouteRecord;
    const routes = { ...store.routes, list: () => [stale] };
    const again = takeTurn({ ...queueDeps({ ...store, routes }), reach: () => {} });
    expect(again.consumed).toEqual(new Map([[id, 1]]));
    expect(messages(store)).toEqual([made]);
    const { sender, body, raw, sizeBytes, excerpt, route } = made;
    const message = { id: 'x', state: 'queued', sender, target: slave, body, raw } as const;
    const twin = { ...message, sizeBytes, excerpt, ...(route && { route }) };
    expect(() => store.transact((tx) => tx.insertMessage(twin))).toThrow(/UNIQUE/);
  });

  test('is held back by the gate like anyone', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, {});
    const { id } = add();
    switchRouting('disabled', 'me', store);
    tell(store, slave.agentId, 'boom');
    turn();
    expect(messages(store)).toMatchObject([
      { state: 'blocked', blockReason: 'kill_switch_off', route: { id } },
    ]);
  });

  test('leaves a blocked prompt for an agent that is named by its id and is gone', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, {});
    const gone = insertAgent(store, {});
    store.transact((tx) => tx.updateAgent(gone.agentId, { active: false }));
    add({ targetRule: 'explicit', targetValue: gone.agentId });
    tell(store, slave.agentId, 'boom');
    turn();
    expect(messages(store)).toMatchObject([{ state: 'blocked', blockReason: 'target_not_active' }]);
  });

  test('leaves a blocked prompt for a master: only slave and swarm receive', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master', label: 'boss' });
    const slave = insertAgent(store, {});
    add({ targetRule: 'explicit', targetValue: 'boss' });
    tell(store, slave.agentId, 'boom');
    turn();
    expect(messages(store)).toMatchObject([
      { state: 'blocked', blockReason: 'target_role_not_permitted' },
    ]);
  });

  test('knows agents by their labels, as manifests do', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master', id: 'agt_a' });
    insertAgent(store, { role: 'master', id: 'agt_b', label: 'planner' });
    const one = insertAgent(store, { label: 's1' });
    const two = insertAgent(store, { label: 's2' });
    add({
      scopeKind: 'agent_id',
      scopeValue: 's1',
      targetRule: 'explicit',
      targetValue: 's2',
      masterRule: 'explicit',
      masterValue: 'planner',
    });
    tell(store, two.agentId, 'not of s1');
    tell(store, one.agentId, 'boom');
    turn();
    expect(messages(store)).toMatchObject([
      { sender: { id: 'agt_b' }, target: { id: two.agentId }, body: 's1 said: boom' },
    ]);
  });

  test('that several agents of one label could be meant by is skipped', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, { label: 'twin' });
    insertAgent(store, { label: 'twin' });
    add({ targetRule: 'explicit', targetValue: 'twin' });
    tell(store, slave.agentId, 'boom');
    expect(turn().skips).toEqual(['target_not_found']);
  });

  test('passes events of others by, without a word', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const codex = insertAgent(store, { capability: 'codex' });
    const claude = insertAgent(store, { capability: 'claude' });
    const { id } = add({ scopeKind: 'role', scopeValue: 'role:slave,capability:codex' });
    tell(store, claude.agentId, 'no');
    tell(store, codex.agentId, 'yes');
    expect(turn().taken).toBe(2);
    const told = store.queryEvents({ types: ['error'], limit: 9 });
    expect(store.routes.route(id)?.cursor).toBe(told.at(-1)?.seq);
    expect(messages(store).map(({ body }) => body)).toEqual([expect.stringContaining('yes')]);
  });

  test.each([
    ['no_eligible_master', {}, []],
    ['master_not_found', { masterRule: 'explicit', masterValue: 'agt_none' }, []],
    ['master_inactive', { masterRule: 'explicit', masterValue: 'agt_gone' }, []],
    ['target_not_found', { targetRule: 'explicit', targetValue: 'nobody' }, ['master']],
    ['target_not_active', {}, ['master', 'gone']],
    ['no_eligible_target', { targetRule: 'role', targetValue: 'role:swarm' }, ['master']],
  ] as const)('skips with %s and goes on', (reason, changes, roles) => {
    const { store, add, turn } = fixture();
    const gone = insertAgent(store, { id: 'agt_gone', role: 'master' });
    store.transact((tx) => tx.updateAgent(gone.agentId, { active: false }));
    const slave = insertAgent(store, {});
    for (const role of roles) {
      if (role === 'master') insertAgent(store, { role });
      else store.transact((tx) => tx.updateAgent(slave.agentId, { active: false }));
    }
    const { id } = add(changes);
    tell(store, slave.agentId, 'boom');
    expect(turn()).toEqual({ taken: 1, skips: [reason] });
    expect(messages(store)).toEqual([]);
    expect(store.queryEvents({ types: ['route_skipped'], limit: 9 })).toMatchObject([
      { payload: { route_id: id, reason } },
    ]);
  });

  test.each([
    ['route_event_type_invalid', { eventType: 'queue_message_enqueued' }],
    ['route_master_rule_invalid', { masterRule: 'explicit' }],
    ['route_master_rule_invalid', { masterValue: 'agt_x' }],
    ['route_target_rule_invalid', { targetRule: 'explicit' }],
    ['route_target_rule_invalid', { targetRule: 'role', targetValue: 'role:master' }],
    ['route_source_scope_invalid', { scopeKind: 'role', scopeValue: 'slave' }],
    ['route_template_invalid', { template: '{nothing}' }],
    ['route_template_invalid', { template: 'a { brace' }],
    ['route_template_invalid', { template: ' ' }],
  ])('is refused with %s', (code, changes) => {
    const { store, add } = fixture();
    expect(() => add(changes)).toThrow(refused(code));
    expect(store.routes.list()).toEqual([]);
  });
});

test('a value of a template is never read as a template', () => {
  const values = Object.fromEntries(TEMPLATE_FIELDS.map((field) => [field, `<${field}>`]));
  const filled = { ...values, event_excerpt: '{source_label} }} {{' } as Record<
    TemplateField,
    string
  >;
  expect(renderTemplate('{{{event_excerpt}}} {event_id}', filled)).toEqual({
    ok: true,
    value: '{{source_label} }} {{} <event_id>',
  });
});

test('fifty routes take every event of a flood once, in order for each target', async () => {
  const { store, add } = fixture();
  insertAgent(store, { role: 'master' });
  const slaves = Array.from({ length: 5 }, () => insertAgent(store, {}));
  const routes = Array.from({ length: 50 }, () => add());
  const worker = startRoutes({
    ...queueDeps(store),
    reach: () => {},
    onProblem: (error) => {
      throw error;
    },
  });
  onTestFinished(() => worker.stop());
  const EVENTS = 200;
  for (let index = 0; index < EVENTS; index += 1) {
    const slave = slaves[index % slaves.length];
    if (slave !== undefined) tell(store, slave.agentId, String(index));
    if (index % 20 === 0) await new Promise(setImmediate);
  }
  await until(() => messages(store).length === EVENTS * routes.length, { timeoutMs: 25_000 });
  const rows = messages(store);
  const keys = new Set(rows.map(({ route }) => `${route?.id} ${route?.eventId}`));
  expect(keys.size).toBe(rows.length);
  for (const { agentId } of slaves) {
    const ids = rows
      .filter(({ target }) => target.id === agentId)
      .map(({ route }) => route?.eventId ?? 0);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  }
  expect(worker.status()).toMatchObject({ eventsConsumed: rows.length, isDegraded: false });
});

test('a disabled route keeps its place and goes on from there', () => {
  const { store, add, turn } = fixture();
  insertAgent(store, { role: 'master' });
  const slave = insertAgent(store, {});
  const { id } = add();
  const deps = { store, uuid: () => '' };
  expect(enableRoute(id, false, deps).enabled).toBe(false);
  tell(store, slave.agentId, 'meanwhile');
  enableRoute(id, true, deps);
  expect(turn().taken).toBe(1);
});

test('a turn that the database refuses is taken again, whole', async () => {
  const { store, add } = fixture();
  insertAgent(store, { role: 'master' });
  const slave = insertAgent(store, {});
  const { id } = add();
  const problems: unknown[] = [];
  let failures = 2;
  const failing: OpenStore = {
    ...store,
    transact: (write) =>
      store.transact((tx) => {
        const result = write(tx);
        // All is written, and nothing is committed.
        if (failures > 0) throw new Error(`disk full ${(failures -= 1)}`);
        return result;
      }),
  };
  const worker = startRoutes({
    ...queueDeps(failing),
    reach: () => {},
    onProblem: (error) => problems.push(error),
  });
  onTestFinished(() => worker.stop());
  for (const excerpt of ['one', 'two', 'three']) tell(store, slave.agentId, excerpt);
  await until(() => worker.status().isDegraded);
  expect(messages(store)).toEqual([]);
  await until(() => messages(store).length === 3, { timeoutMs: 20_000 });
  expect(problems).toHaveLength(2);
  expect(messages(store).map(({ body }) => body.split(': ')[1])).toEqual(['one', 'two', 'three']);
  expect(worker.status()).toMatchObject({ isDegraded: false, eventsConsumed: 3 });
  expect(worker.runtime(id)).toEqual({ eventsConsumed: 3 });
});
