import { expect, test } from 'vitest';
import type { Scope } from '../../../src/declare/managed/scope.ts';
import type { ContainerId } from '../../../src/domain/ids.ts';
import { openAppSessions } from '../../../src/surfaces/api/app-sessions.ts';
import { managedMethods } from '../../../src/surfaces/api/methods/managed.ts';
import type { Services } from '../../../src/surfaces/api/methods/services.ts';
import { type Managed, makeManaged } from '../../declare/managed/fixture.ts';
import { oneShot, serve } from './fixture.ts';

interface Answer {
  readonly ok: boolean;
  readonly app_contract_version?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

interface Caller {
  readonly world: Managed;
  readonly ask: (method: string, params?: unknown) => Promise<Answer>;
  /** As an app client with a session. */
  readonly app: (method: string, params?: object) => Promise<Answer>;
}

/** The methods on a real socket, over a world that consists of session names. */
async function start(
  scope: Scope = { kind: 'host' },
  more: Partial<Services> = {},
): Promise<Caller> {
  const world = makeManaged();
  const services: Partial<Services> = {
    ...world.deps,
    containers: () => [],
    daemonStatus: () => ({ daemon_version: '1', schema_version: 2 }) as never,
    ...more,
  };
  const methods = Object.fromEntries(managedMethods(services as Services));
  const { path } = await serve(methods, { identify: () => () => scope });
  const ask: Caller['ask'] = async (method, params) => {
    const [answer] = await oneShot(path, `${JSON.stringify({ method, params })}\n`);
    return answer as Answer;
  };
  let token: unknown;
  return {
    world,
    ask,
    app: async (method, params = {}) => {
      token ??= (await ask('app.hello')).result?.['app_session_token'];
      return await ask(method, { ...params, app_session_token: token });
    },
  };
}

/** A caller in a container that nobody knows. */
const NOWHERE: Scope = { kind: 'container', container: undefined };

const CREATE = { container_id: 'local', template_name: '1m+2s', tmux_session_name: 'pay' };

const WORDS = [
  'layout.create',
  'layout.list',
  'layout.detail',
  'layout.remove',
  'pane.list',
  'pane.detail',
  'pane.remove',
  'pane.recreate',
  'pane.promote_from_adopted',
];

const refused = (code: string) => ({
  ok: false,
  app_contract_version: '1.1',
  error: { code, message: expect.stringMatching(/./), details: {} },
});

test.each(WORDS)('app.managed %s asks for a session before it looks at anything', async (word) => {
  const { ask, app } = await start();
  const method = `app.managed_${word.replaceAll('.', '_')}`;
  for (const token of [undefined, null, 7, '']) {
    const answer = await ask(method, { app_session_token: token });
    expect(answer).toEqual(refused('app_session_required'));
  }
  expect(await ask(method, null)).toEqual(refused('app_session_required'));
  expect(await ask(method, { app_session_token: 'x' })).toEqual(refused('app_session_expired'));
  const answer = await app(method);
  expect(answer.app_contract_version).toBe('1.1');
  expect(answer.error?.code ?? 'done').not.toMatch(/^app_session/);
});

test.each(WORDS)('app.managed %s is for processes of the host', async (word) => {
  const { ask } = await start(NOWHERE);
  const answer = await ask(`app.managed_${word.replaceAll('.', '_')}`, {});
  expect(answer).toMatchObject({ ok: false, error: { code: 'host_only', details: {} } });
});

test('a container that was started a moment ago can be named at once', async () => {
  const known = new Map<string, ContainerId>();
  const { ask } = await start(
    { kind: 'host' },
    {
      resolveContainer: (name) => known.get(name),
      registry: {
        refresh: async () => void known.set('bench-new', 'bench-new' as ContainerId),
      } as unknown as Services['registry'],
    },
  );
  const answer = await ask('managed.layout.create', { ...CREATE, container_id: 'bench-new' });
  expect(answer).toMatchObject({ ok: true });
});

test('a caller whose container cannot be told sees nothing and may nothing', async () => {
  const { ask, world } = await start(NOWHERE);
  const { layout, panes } = await world.create();
  const pane = panes[0]?.id;
  expect(await ask('managed.layout.list')).toEqual({ ok: true, result: { items: [], next: null } });
  expect(await ask('managed.pane.list')).toEqual({ ok: true, result: { items: [], next: null } });
  for (const [word, params] of [
    ['layout.create', CREATE],
    ['layout.list', { container_id: 'local' }],
    ['pane.list', { container_id: 'local' }],
    ['layout.detail', { layout_id: layout }],
    ['layout.remove', { layout_id: layout }],
    ['pane.detail', { pane_id: pane }],
    ['pane.remove', { pane_id: pane }],
    ['pane.recreate', { predecessor_pane_id: pane }],
  ] as const) {
    const answer = await ask(`managed.${word}`, params);
    expect([word, answer.error?.code, answer.error?.details]).toEqual([word, 'host_only', {}]);
  }
});

/** method, params, the field that is told. */
const SHAPES = [
  ['layout.create', {}, 'container_id'],
  ['layout.create', { ...CREATE, container_id: 7, template_name: 7 }, 'container_id'],
  ['layout.create', { ...CREATE, template_name: '', tmux_session_name: 7 }, 'template_name'],
  ['layout.create', { ...CREATE, tmux_session_name: null }, 'tmux_session_name'],
  [
    'layout.create',
    { ...CREATE, launch_command_overrides: 'x', idempotency_key: 7 },
    'launch_command_overrides',
  ],
  ['layout.create', { ...CREATE, launch_command_overrides: [1] }, 'launch_command_overrides'],
  ['layout.create', { ...CREATE, idempotency_key: 7 }, 'idempotency_key'],
  ['layout.create', { ...CREATE, idempotency_key: '' }, 'idempotency_key'],
  ['layout.list', { state: 'x', after: 7 }, 'state'],
  ['layout.list', { after: 7 }, 'after'],
  ['layout.list', { container_id: 7, after: 7 }, 'container_id'],
  ['layout.detail', {}, 'layout_id'],
  ['layout.remove', { layout_id: 7 }, 'layout_id'],
  ['pane.list', { layout_id: 7, state: 'x' }, 'layout_id'],
  ['pane.list', { state: ['ready', 'x'] }, 'state'],
  ['pane.list', { after: [] }, 'after'],
  ['pane.detail', { pane_id: '' }, 'pane_id'],
  ['pane.remove', {}, 'pane_id'],
  ['pane.recreate', { launch_command_override: 7 }, 'predecessor_pane_id'],
  [
    'pane.recreate',
    { predecessor_pane_id: 'x', launch_command_override: 7, idempotency_key: 7 },
    'launch_command_override',
  ],
  ['pane.recreate', { predecessor_pane_id: 'x', idempotency_key: 7 }, 'idempotency_key'],
] as const;

test.each(SHAPES)(
  '%s with %j names the field %s, in both namespaces',
  async (word, params, field) => {
    const { ask, app } = await start();
    const error = {
      code: 'validation_failed',
      message: expect.stringMatching(/./),
      details: { field, reason: expect.stringMatching(/./) },
    };
    expect(await ask(`managed.${word}`, params)).toEqual({ ok: false, error });
    const answer = await app(`app.managed_${word.replaceAll('.', '_')}`, params);
    expect(answer).toEqual({ ok: false, app_contract_version: '1.1', error });
  },
);

test.each([null, [], '', 0, false])('overrides of %j are no overrides', async (overrides) => {
  const { ask } = await start();
  const params = { ...CREATE, launch_command_overrides: overrides };
  expect(await ask('managed.layout.create', params)).toMatchObject({ ok: true });
});

test('every answer has exactly the keys of the contract', async () => {
  const { ask, world } = await start();
  const created = await ask('managed.layout.create', CREATE);
  expect(keysOf(created.result)).toEqual('intended_pane_count layout_id panes replay state');
  const { layout_id, panes } = created.result as {
    layout_id: string;
    panes: { pane_id: string }[];
  };
  expect(keysOf(panes[0])).toEqual('label pane_id role state');
  const pane = panes[0]?.pane_id ?? '';

  const item = (await ask('managed.layout.list')).result?.['items'] as object[];
  expect(keysOf(item[0])).toEqual(
    'container_id created_at intended_pane_count layout_id origin ready_pane_count state template_name',
  );
  const detail = (await ask('managed.layout.detail', { layout_id })).result;
  expect(keysOf(detail)).toEqual(
    'container_id created_at failed_stage intended_pane_count layout_id origin panes state template_name updated_at',
  );
  expect(detail?.['created_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const keys =
    'agent_id capability chain_depth container_id label layout_id log_attached origin pane_id predecessor_id role state tmux_pane_index tmux_session_name';
  const shown = (await ask('managed.pane.detail', { pane_id: pane })).result;
  expect([keysOf(shown), shown?.['agent_id']]).toEqual([keys, null]);
  world.settle(pane, 'failed', 'registration');
  const failed = (await ask('managed.pane.detail', { pane_id: pane, include_predecessor_chain: 1 }))
    .result;
  expect(keysOf(failed)).toEqual(`${keys} failed_stage`.split(' ').toSorted().join(' '));
  expect(failed?.['agent_id']).toMatch(/^agt_[0-9a-f]{12}$/);

  const made = (await ask('managed.pane.recreate', { predecessor_pane_id: pane })).result;
  expect(keysOf(made)).toEqual('chain_depth pane_id predecessor_id replay state');
  const again = (
    await ask('managed.pane.detail', {
      pane_id: made?.['pane_id'],
      include_predecessor_chain: true,
    })
  ).result;
  expect(again?.['predecessor_chain']).toEqual([
    { pane_id: pane, state: 'failed', chain_depth: 0, predecessor_id: null },
  ]);
  const gone = await ask('managed.pane.remove', { pane_id: pane });
  expect(gone).toEqual({ ok: true, result: { pane_id: pane, state: 'removed' } });
});

test('lists are clamped, filtered and paged without losing or repeating anything', async () => {
  const { ask, world } = await start();
  const shapes = ['a', 'b', 'c', 'd', 'e'];
  for (const name of shapes) {
    world.clock.advance(1_000);
    world.catalog = {
      templates: [{ name, panes: [{ role: 'shell', capability: 'shell', labelPattern: name }] }],
      profiles: [],
    };
    const { panes } = await world.create({ template: name, session: name });
    if (name === 'c') world.settle(panes[0]?.id ?? '', 'failed', 'pane_create');
  }
  const names: unknown[] = [];
  let after: unknown;
  do {
    const page = await ask('managed.layout.list', { limit: 2, after });
    names.push(...rows(page).map((row) => row['template_name']));
    after = page.result?.['next'];
  } while (after !== null);
  expect(names).toEqual(['e', 'd', 'c', 'b', 'a']);
  const count = async (method: string, params: object) => rows(await ask(method, params)).length;
  for (const [limit, expected] of [
    [0, 1],
    [-3, 1],
    [true, 1],
    ['2', 5],
    [2.5, 5],
    [3, 3],
    [null, 5],
    [999, 5],
  ]) {
    expect(await count('managed.pane.list', { limit })).toBe(expected);
  }
  expect(await count('managed.pane.list', { state: 'failed' })).toBe(1);
  expect(await count('managed.pane.list', { state: ['failed', 'creating'] })).toBe(5);
  expect(await count('managed.layout.list', { container_id: 'nowhere' })).toBe(0);
  expect(await count('managed.layout.list', { after: 'nobody' })).toBe(0);
  expect(await count('managed.pane.list', { layout_id: 'nobody' })).toBe(0);
});

test('panes are listed by state first, then by layout and slot', async () => {
  const { ask, world } = await start();
  const { panes } = await world.create();
  const states = ['failed', 'ready', 'degraded'] as const;
  panes.forEach(({ id }, index) => world.settle(id, states[index] ?? 'ready'));
  expect(rows(await ask('managed.pane.list')).map((row) => row['state'])).toEqual([
    'degraded',
    'ready',
    'failed',
  ]);
});

test('details hide what was removed unless they are asked for it', async () => {
  const { ask, world } = await start();
  const { layout, panes } = await world.create();
  for (const { id } of panes) world.settle(id, 'failed', 'pane_create');
  await ask('managed.pane.remove', { pane_id: panes[0]?.id });
  const count = async (include_terminal_panes: unknown) =>
    rows(await ask('managed.layout.detail', { layout_id: layout, include_terminal_panes }), 'panes')
      .length;
  expect([await count(undefined), await count(0), await count('yes'), await count(true)]).toEqual([
    2, 2, 3, 3,
  ]);
});

test('promotion is reserved, whatever is asked', async () => {
  const { ask, app } = await start();
  const error = { code: 'not_implemented', details: { reserved_since: 'FEAT-013' } };
  expect(await ask('managed.pane.promote_from_adopted', [1])).toMatchObject({ ok: false, error });
  const answer = await app('app.managed_pane_promote_from_adopted', { agent_id: {} });
  expect(answer).toMatchObject({ ok: false, error });
});

test('a bug is an internal error, with details for app clients alone', async () => {
  const { ask, app, world } = await start();
  world.store.transact = () => {
    throw new Error('a bug');
  };
  const plain = await ask('managed.layout.create', CREATE);
  expect(Object.keys(plain.error ?? {})).toEqual(['code', 'message']);
  const wrapped = await app('app.managed_layout_create', CREATE);
  expect(wrapped.error).toMatchObject({ code: 'internal_error', details: {} });
});

test('a ninth session takes the place of the first, and one not used for a day is over', () => {
  const { deps, clock } = makeManaged();
  const sessions = openAppSessions(deps);
  const tokens = Array.from({ length: 9 }, () => sessions.open().token);
  expect(() => sessions.require(tokens[0])).toThrow(/not known/);
  clock.advance(23 * 3_600_000);
  sessions.require(tokens[1]);
  clock.advance(2 * 3_600_000);
  sessions.require(tokens[1]);
  expect(() => sessions.require(tokens[2])).toThrow(/not been used for a day/);
});

function rows(answer: Answer, field = 'items'): readonly Readonly<Record<string, unknown>>[] {
  return (answer.result?.[field] ?? []) as readonly Readonly<Record<string, unknown>>[];
}

function keysOf(value: unknown): string {
  return Object.keys(value as object)
    .toSorted()
    .join(' ');
}
