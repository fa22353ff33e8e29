import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  askOnce,
  type ManagedClient,
  type ManagedMethod,
  METHODS,
  methodName,
  NAMESPACES,
  openClient,
} from './support/managed-client.ts';
import { writeCatalog } from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

/** What the cases refer to: one live layout, one removed pane, one adopted agent. */
interface Ground {
  readonly client: ManagedClient;
  readonly live: { readonly layoutId: string; readonly paneId: string; readonly agentId: string };
  readonly removedPaneId: string;
}

const ADOPTED = 'agt_00000000ad0b';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
  await tower.killDaemon('SIGTERM');
  addAdoptedAgent(tower.paths.database);
  await tower.startDaemon();
  await tower.tmux('new-session', '-d', '-s', 'taken');
});
afterAll(() => tower.stop());

/** There is no way yet to adopt an agent over the socket. */
function addAdoptedAgent(path: string): void {
  const database = new Database(path);
  database
    .prepare(
      `INSERT INTO agents (agent_id, container, label, role, capability, origin, active, created_at, updated_at)
       VALUES (?, 'local', 'person', 'slave', 'shell', 'adopted', 1, 0, 0)`,
    )
    .run(ADOPTED);
  database.close();
}

type ParamsOf = object | ((ground: Ground) => object);
type DetailsOf = object | ((ground: Ground) => object);
type Case = readonly [title: string, params: ParamsOf, code: string, details: DetailsOf];

const FRESH = { container_id: 'local', template_name: 'solo', tmux_session_name: 'fresh' };
const LONG = 'x'.repeat(65);

function invalid(field: string): readonly [code: string, details: object] {
  return ['validation_failed', { field, reason: expect.stringMatching(/./) }];
}

function required(field: string, others: object = {}): readonly Case[] {
  const bad: readonly [string, object][] = [
    ['is missing', {}],
    ['is null', { [field]: null }],
    ['is empty', { [field]: '' }],
    ['is a number', { [field]: 5 }],
    ['is an array', { [field]: ['local'] }],
  ];
  return bad.map(([how, params]): Case => {
    const rest = Object.fromEntries(Object.entries(others).filter(([key]) => key !== field));
    return [`${field} ${how}`, { ...rest, ...params }, ...invalid(field)];
  });
}

const CREATE: readonly Case[] = [
  ...required('container_id', FRESH),
  ...required('template_name', FRESH),
  ...required('tmux_session_name', FRESH),
  ['nothing is given', {}, ...invalid('container_id')],
  ...['x', 1, true, ['a:b']].map(
    (value): Case => [
      `overrides are ${JSON.stringify(value)}`,
      { ...FRESH, launch_command_overrides: value },
      ...invalid('launch_command_overrides'),
    ],
  ),
  ...[5, {}, [], true].map(
    (value): Case => [
      `the key is ${JSON.stringify(value)}`,
      { ...FRESH, idempotency_key: value },
      ...invalid('idempotency_key'),
    ],
  ),
  [
    'overrides come before the key',
    { ...FRESH, launch_command_overrides: 'x', idempotency_key: 5 },
    ...invalid('launch_command_overrides'),
  ],
  [
    'shapes come before the container',
    { ...FRESH, container_id: 'nope', idempotency_key: 5 },
    ...invalid('idempotency_key'),
  ],
  [
    'the container is unknown',
    { ...FRESH, container_id: 'nope' },
    'container_not_found',
    { container_id: 'nope' },
  ],
  [
    'the container comes before identifiers',
    { ...FRESH, container_id: 'nope', tmux_session_name: 'a b' },
    'container_not_found',
    { container_id: 'nope' },
  ],
  ...['a b', 'a:b', 'a/b', 'é', '\u0007', 'a\u007f', LONG, '#{pid}', '=x'].map(
    (value): Case => [
      `the session is ${JSON.stringify(value).slice(0, 20)}`,
      { ...FRESH, tmux_session_name: value },
      ...invalid('tmux_session_name'),
    ],
  ),
  ...['', 'a b', LONG, 'k\n'].map(
    (value): Case => [
      `the key is ${JSON.stringify(value).slice(0, 20)}`,
      { ...FRESH, idempotency_key: value },
      ...invalid('idempotency_key'),
    ],
  ),
  [
    'the session comes before the key',
    { ...FRESH, tmux_session_name: 'a b', idempotency_key: 'a b' },
    ...invalid('tmux_session_name'),
  ],
  [
    'the key comes before override keys',
    { ...FRESH, idempotency_key: 'a b', launch_command_overrides: { nocolon: 'quick' } },
    ...invalid('idempotency_key'),
  ],
  ...Object.entries({
    nocolon: 'launch_command_overrides',
    ':fresh-a': 'launch_command_overrides.role',
    'a b:fresh-a': 'launch_command_overrides.role',
    'slave:': 'launch_command_overrides.label',
    'slave:a:b': 'launch_command_overrides.label',
    [`slave:${LONG}`]: 'launch_command_overrides.label',
  }).map(
    ([key, field]): Case => [
      `an override is for ${key.slice(0, 20)}`,
      { ...FRESH, launch_command_overrides: { [key]: 'quick' } },
      ...invalid(field),
    ],
  ),
  ...[5, null, {}, ['quick']].map(
    (value): Case => [
      `an override names ${JSON.stringify(value)}`,
      { ...FRESH, launch_command_overrides: { 'slave:fresh-a': value } },
      ...invalid('launch_command_overrides'),
    ],
  ),
  [
    'override keys come before the template',
    { ...FRESH, template_name: 'nope', launch_command_overrides: { nocolon: 'quick' } },
    ...invalid('launch_command_overrides'),
  ],
  [
    'the template is unknown',
    { ...FRESH, template_name: 'nope' },
    'managed_template_not_found',
    {
      template_name: 'nope',
      known_templates: expect.arrayContaining(['1m+2s', '2m+2s', 'solo']),
    },
  ],
  [
    'the template comes before profiles',
    { ...FRESH, template_name: 'nope', launch_command_overrides: { 'slave:x': 'nope' } },
    'managed_template_not_found',
    expect.objectContaining({ template_name: 'nope' }),
  ],
  [
    'a profile is unknown',
    { ...FRESH, launch_command_overrides: { 'slave:fresh-a': 'nope' } },
    'managed_launch_command_not_found',
    { profile_name: 'nope', known_profiles: ['dies', 'other', 'quick', 'secret', 'slow'] },
  ],
  [
    'a profile for no pane is unknown',
    { ...FRESH, launch_command_overrides: { 'master:nobody': 'nope' } },
    'managed_launch_command_not_found',
    expect.objectContaining({ profile_name: 'nope' }),
  ],
  [
    'the profile of the template is unknown',
    { ...FRESH, template_name: 'orphan' },
    'managed_launch_command_not_found',
    expect.objectContaining({ profile_name: 'nowhere' }),
  ],
  [
    'profiles come before the session',
    {
      ...FRESH,
      tmux_session_name: 'taken',
      launch_command_overrides: { 'slave:taken-a': 'nope' },
    },
    'managed_launch_command_not_found',
    expect.objectContaining({ profile_name: 'nope' }),
  ],
  [
    'a person has the session',
    { ...FRESH, tmux_session_name: 'taken' },
    'managed_session_name_conflict',
    { container_id: 'local', tmux_session_name: 'taken' },
  ],
  [
    'a layout has the session',
    ({ client }) => ({ ...FRESH, tmux_session_name: liveSession(client) }),
    'managed_session_name_conflict',
    ({ client }) => ({ container_id: 'local', tmux_session_name: liveSession(client) }),
  ],
  [
    'another layout has the label',
    { ...FRESH, template_name: 'fixed' },
    'managed_pane_label_conflict',
    { container_id: 'local', label: 'fix1' },
  ],
  [
    'another layout has the label of a later pane',
    { ...FRESH, template_name: 'fixed-later' },
    'managed_pane_label_conflict',
    { container_id: 'local', label: 'fix1' },
  ],
  [
    'the template has a label twice',
    { ...FRESH, template_name: 'twins' },
    'managed_pane_label_conflict',
    { container_id: 'local', label: 'twin' },
  ],
  [
    'the label would be no identifier',
    { ...FRESH, template_name: 'spaced' },
    ...invalid('label_pattern result'),
  ],
  [
    'the label would be too long',
    { ...FRESH, tmux_session_name: 'x'.repeat(64) },
    ...invalid('label_pattern result'),
  ],
];

function liveSession({ namespace }: ManagedClient): string {
  return namespace === 'managed' ? 'live-l' : 'live-p';
}

const LAYOUT_LIST: readonly Case[] = [
  ...['gone', 'Ready', 5, true, {}, ['ready']].map(
    (state): Case => [`state is ${JSON.stringify(state)}`, { state }, ...invalid('state')],
  ),
  ['container_id is a number', { container_id: 5 }, ...invalid('container_id')],
  ['after is a number', { after: 5 }, ...invalid('after')],
  ['state comes before after', { state: 'gone', after: 5 }, ...invalid('state')],
];

const PANE_LIST: readonly Case[] = [
  ...['gone', 5, {}].map(
    (state): Case => [`state is ${JSON.stringify(state)}`, { state }, ...invalid('state')],
  ),
  ['container_id is a number', { container_id: 5 }, ...invalid('container_id')],
  ['layout_id is an array', { layout_id: ['x'] }, ...invalid('layout_id')],
  ['after is an object', { after: {} }, ...invalid('after')],
  ['layout_id comes before state', { layout_id: 5, state: 'gone' }, ...invalid('layout_id')],
  ['state comes before after', { state: 'gone', after: 5 }, ...invalid('state')],
];

const unknownLayout: Case = [
  'no layout has the id',
  { layout_id: NOBODY },
  'managed_layout_not_found',
  { layout_id: NOBODY },
];

const REMOVE: readonly Case[] = [
  ...required('pane_id'),
  ['nobody has the id', { pane_id: NOBODY }, 'managed_pane_not_found', { pane_id: NOBODY }],
  [
    'the id is that of an adopted agent',
    { pane_id: ADOPTED },
    'managed_pane_protected_adopted',
    { agent_id: ADOPTED, is_adopted: true },
  ],
  [
    'the id is that of a managed agent',
    ({ live }) => ({ pane_id: live.agentId }),
    'managed_pane_not_found',
    ({ live }) => ({ pane_id: live.agentId }),
  ],
];

const RECREATE: readonly Case[] = [
  ...required('predecessor_pane_id'),
  ...[5, {}, []].map(
    (value): Case => [
      `the override is ${JSON.stringify(value)}`,
      { predecessor_pane_id: NOBODY, launch_command_override: value },
      ...invalid('launch_command_override'),
    ],
  ),
  ...[5, {}, '', 'a b', LONG].map(
    (value): Case => [
      `the key is ${JSON.stringify(value).slice(0, 20)}`,
      { predecessor_pane_id: NOBODY, idempotency_key: value },
      ...invalid('idempotency_key'),
    ],
  ),
  [
    'the override comes before the key',
    { predecessor_pane_id: NOBODY, launch_command_override: 5, idempotency_key: 5 },
    ...invalid('launch_command_override'),
  ],
  [
    'nobody has the id',
    { predecessor_pane_id: NOBODY },
    'managed_pane_not_found',
    { pane_id: NOBODY },
  ],
  [
    'the id is that of an adopted agent',
    { predecessor_pane_id: ADOPTED },
    'managed_pane_protected_adopted',
    { agent_id: ADOPTED, is_adopted: true },
  ],
  [
    'the id is that of a managed agent',
    ({ live }) => ({ predecessor_pane_id: live.agentId }),
    'managed_pane_not_found',
    ({ live }) => ({ pane_id: live.agentId }),
  ],
  [
    'the pane is ready',
    ({ live }) => ({ predecessor_pane_id: live.paneId }),
    'managed_pane_illegal_recreate_source',
    ({ live }) => ({ predecessor_pane_id: live.paneId, current_state: 'ready' }),
  ],
  [
    'the state comes before the profile',
    ({ live }) => ({ predecessor_pane_id: live.paneId, launch_command_override: 'nope' }),
    'managed_pane_illegal_recreate_source',
    ({ live }) => ({ predecessor_pane_id: live.paneId, current_state: 'ready' }),
  ],
  [
    'the profile is unknown',
    ({ removedPaneId }) => ({
      predecessor_pane_id: removedPaneId,
      launch_command_override: 'nope',
    }),
    'managed_launch_command_not_found',
    expect.objectContaining({ profile_name: 'nope' }),
  ],
];

const PROMOTE: readonly Case[] = [{}, { agent_id: 5 }, { agent_id: ADOPTED }, { agent_id: [] }].map(
  (params): Case => [
    `params are ${JSON.stringify(params)}`,
    params,
    'not_implemented',
    { reserved_since: 'FEAT-013' },
  ],
);

const CASES: Readonly<Record<ManagedMethod, readonly Case[]>> = {
  'layout.create': CREATE,
  'layout.list': LAYOUT_LIST,
  'layout.detail': [...required('layout_id'), unknownLayout],
  'layout.remove': [...required('layout_id'), unknownLayout],
  'pane.list': PANE_LIST,
  'pane.detail': [
    ...required('pane_id'),
    ['nobody has the id', { pane_id: NOBODY }, 'managed_pane_not_found', { pane_id: NOBODY }],
  ],
  'pane.remove': REMOVE,
  'pane.recreate': RECREATE,
  'pane.promote_from_adopted': PROMOTE,
};

describe.each(NAMESPACES)('%s refuses', (namespace) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await layGround(await openClient(tower.paths.socket, namespace));
  });

  describe.each(METHODS)('%s when', (method) => {
    test.each(CASES[method])('%s', async (_title, params, code, details) => {
      const answer = await ground.client.ask(method, resolve(params, ground));
      expect(answer).toMatchObject({ ok: false, error: { code } });
      expect(answer.error?.details).toEqual(resolve(details, ground));
    });
  });

  test('without making anything', async () => {
    const { items } = await ground.client.get<{ items: readonly unknown[] }>('layout.list', {
      limit: 200,
    });
    const [mine, shared] = [2, 1];
    expect(items).toHaveLength((NAMESPACES.indexOf(namespace) + 1) * mine + shared);
    expect(await tower.tmux('list-sessions', '-F', '#{session_name}')).not.toMatch(/^fresh$/m);
  });
});

function resolve(value: ParamsOf, ground: Ground): object {
  return typeof value === 'function' ? value(ground) : value;
}

async function layGround(client: ManagedClient): Promise<Ground> {
  if (client.namespace === 'managed') {
    await client.settled((await client.create('fx', 'fixed')).layout_id);
  }
  const live = await client.settled((await client.create(liveSession(client), 'solo')).layout_id);
  const gone = await client.settled(
    (await client.create(`gone-${client.namespace}`, 'solo')).layout_id,
  );
  const removedPaneId = gone.panes[0]?.pane_id ?? '';
  await client.get('pane.remove', { pane_id: removedPaneId });
  const [pane] = live.panes;
  return {
    client,
    live: {
      layoutId: live.layout_id,
      paneId: pane?.pane_id ?? '',
      agentId: pane?.agent_id ?? '',
    },
    removedPaneId,
  };
}

function askApp(method: ManagedMethod, params: object): Promise<Answer> {
  return askOnce(tower.paths.socket, { method: methodName('app.managed', method), params });
}

describe('the app namespace, before it looks at anything else', () => {
  describe.each(METHODS)('of %s', (method) => {
    test.each([
      ['without a token', {}, 'app_session_required'],
      ['with a null token', { app_session_token: null }, 'app_session_required'],
      ['with an empty token', { app_session_token: '' }, 'app_session_required'],
      ['with a number for a token', { app_session_token: 5 }, 'app_session_required'],
      ['with a token of nobody', { app_session_token: NOBODY }, 'app_session_expired'],
    ])('%s, refuses', async (_title, params, code) => {
      expect(await askApp(method, params)).toEqual({
        ok: false,
        app_contract_version: expect.stringMatching(/^1\.\d+$/),
        error: { code, message: expect.stringMatching(/\w+ \w+/), details: {} },
      });
    });
  });

  test('takes params that are missing for none', async () => {
    const answer = await askOnce(tower.paths.socket, { method: 'app.managed_layout_list' });
    expect(answer.error?.code).toBe('app_session_required');
  });

  test('knows eight sessions, and forgets the oldest first', async () => {
    const first = await openClient(tower.paths.socket, 'app.managed');
    const later: ManagedClient[] = [];
    for (let at = 0; at < 8; at += 1) {
      later.push(await openClient(tower.paths.socket, 'app.managed'));
    }
    expect((await first.ask('layout.list')).error?.code).toBe('app_session_expired');
    for (const client of later) expect((await client.ask('layout.list')).ok).toBe(true);
  });
});

test('app.hello and app.preflight say what is there', async () => {
  const { socket } = tower.paths;
  const preflight = await askOnce(socket, { method: 'app.preflight' });
  expect(preflight.result).toEqual({
    socket_reachable: true,
    daemon_reachable: true,
    code: 'ok',
  });
  const hello = await askOnce(socket, { method: 'app.hello', params: {} });
  expect(Object.keys(hello.result as object).toSorted()).toEqual([
    'app_contract_version',
    'app_session_id',
    'app_session_token',
    'capability_flags',
    'daemon_version',
    'host_user_id',
    'schema_version',
    'state',
    'supported_minor_range',
  ]);
});
