import { describe, expect, onTestFinished, test } from 'vitest';
import { consume } from '../../src/agents/routes/consume.ts';
import { addRoute, enableRoute, type RouteDraft } from '../../src/agents/routes/routes.ts';
import { startRoutes } from '../../src/agents/routes/worker.ts';
import { switchRouting } from '../../src/agents/routing-switch.ts';
import type { AgentId } from '../../src/domain/ids.ts';
import {
  renderTemplate,
  TEMPLATE_FIELDS,
  type TemplateField,
} from '../../src/domain/route-template.ts';
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
  const turn = (id: string) => {
    const route = store.routes.route(id);
    if (route === undefined) throw new Error('no route');
    return consume(route, { ...queueDeps(store), events: store });
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
    expect(turn(id)).toEqual({ taken: 1 });
    expect(turn(id)).toEqual({ taken: 0 });
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
    const { store, add } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, {});
    const route = add();
    tell(store, slave.agentId, 'boom');
    const deps = { ...queueDeps(store), events: store };
    consume(route, deps);
    expect(() => consume(route, deps)).toThrow(/UNIQUE/);
    expect(messages(store)).toHaveLength(1);
  });

  test('is held back by the gate like anyone', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const slave = insertAgent(store, {});
    const { id } = add();
    switchRouting('disabled', 'me', store);
    tell(store, slave.agentId, 'boom');
    turn(id);
    expect(messages(store)).toMatchObject([{ state: 'blocked', blockReason: 'kill_switch_off' }]);
  });

  test('passes events of others by, without a word', () => {
    const { store, add, turn } = fixture();
    insertAgent(store, { role: 'master' });
    const codex = insertAgent(store, { capability: 'codex' });
    const claude = insertAgent(store, { capability: 'claude' });
    const { id } = add({ scopeKind: 'role', scopeValue: 'role:slave,capability:codex' });
    tell(store, claude.agentId, 'no');
    tell(store, codex.agentId, 'yes');
    expect(turn(id).taken).toBe(2);
    expect(messages(store).map(({ body }) => body)).toEqual([expect.stringContaining('yes')]);
  });

  test.each([
    ['no_eligible_master', {}, []],
    ['master_not_found', { masterRule: 'explicit', masterValue: 'agt_none' }, []],
    ['master_inactive', { masterRule: 'explicit', masterValue: 'agt_gone' }, []],
    ['target_not_found', { targetRule: 'explicit', targetValue: 'nobody' }, ['master']],
    ['target_not_active', { targetRule: 'explicit', targetValue: 'agt_gone' }, ['master']],
    ['no_eligible_target', { targetRule: 'role', targetValue: 'role:swarm' }, ['master']],
  ] as const)('skips with %s and goes on', (reason, changes, roles) => {
    const { store, add, turn } = fixture();
    const gone = insertAgent(store, { id: 'agt_gone', role: 'master' });
    store.transact((tx) => tx.updateAgent(gone.agentId, { active: false }));
    for (const role of roles) insertAgent(store, { role });
    const slave = insertAgent(store, {});
    const { id } = add(changes);
    tell(store, slave.agentId, 'boom');
    expect(turn(id)).toEqual({ taken: 1, lastSkip: reason });
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
    store,
    events: store,
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
  for (const { id } of routes) {
    for (const { agentId } of slaves) {
      const ids = rows
        .filter(({ route, target }) => route?.id === id && target.id === agentId)
        .map(({ route }) => route?.eventId ?? 0);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
  }
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
  expect(turn(id).taken).toBe(1);
});
