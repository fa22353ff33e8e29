import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createLayout } from '../../../src/declare/managed/create.ts';
import type { Scope } from '../../../src/declare/managed/scope.ts';
import type { ContainerId } from '../../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Access } from '../../../src/surfaces/api/method.ts';
import { allMethods } from '../../../src/surfaces/api/methods/all-methods.ts';
import type { Services } from '../../../src/surfaces/api/methods/services.ts';
import { HOST, makeManaged, NOWHERE } from '../../declare/managed/fixture.ts';
import { until } from '../../support/until.ts';
import { dial, oneShot, serve } from './fixture.ts';

const [A, B] = ['bench-a', 'bench-b'] as ContainerId[] as [ContainerId, ContainerId];
const IN_A: Scope = { kind: 'container', container: A };
const DENIED = { ok: false, error: { code: 'host_only', details: {} } };

/** Refusals of the host's methods that have a code of their own. */
const SAID_OTHERWISE: Readonly<Record<string, object>> = Object.fromEntries(
  ['routing.enable', 'routing.disable'].map((method) => [
    method,
    { ok: false, error: { code: 'routing_toggle_host_only', details: {} } },
  ]),
);

/** What a caller in a container may call at all. Everything else is the host's. */
const OPEN: Readonly<Record<string, Access>> = {
  ping: 'any',
  status: 'any',
  'container.list': 'own-container',
  list_containers: 'own-container',
  scan_panes: 'own-container',
  list_panes: 'own-container',
  'layout.list': 'own-container',
  'layout.get': 'own-container',
  'layout.stop': 'own-container',
  'layout.start': 'own-container',
  'layout.restart': 'own-container',
  list_agents: 'own-container',
  register_agent: 'own-container',
  'agent.hook': 'own-container',
  'agent.describe': 'own-container',
  'events.list': 'own-container',
  'events.watch': 'own-container',
  'queue.send_input': 'own-container',
  'managed.layout.create': 'own-container',
  'managed.layout.list': 'own-container',
  'managed.layout.detail': 'own-container',
  'managed.layout.remove': 'own-container',
  'managed.pane.list': 'own-container',
  'managed.pane.detail': 'own-container',
  'managed.pane.remove': 'own-container',
  'managed.pane.recreate': 'own-container',
  'managed.pane.promote_from_adopted': 'own-container',
};
const METHODS = [...allMethods({} as Services)];
const HOST_METHODS = METHODS.filter(([, { access }]) => access === 'host').map(([name]) => name);

interface Listed {
  readonly items: readonly { readonly seq: number }[];
}

interface Answer {
  readonly ok: boolean;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly details: object };
}

const SOCKET = '/tmp/tmux-0/default';

/** What the methods about agents call, on panes nobody looks at. */
function agentServices(
  { store, clock, deps }: ReturnType<typeof makeManaged>,
  {
    resolveContainer,
    heard,
  }: {
    readonly resolveContainer: (name: string) => ContainerId | undefined;
    readonly heard: string[];
  },
): Partial<Services> {
  const status = {
    running: true,
    lastCycleStartedAt: undefined,
    lastCycleMs: undefined,
    activeAttachments: 2,
    failing: new Map([['lat_000000000000', 'bench-b: unreadable']]),
    isStoreFailing: false,
  };
  return {
    agents: {
      store,
      panes: { find: async () => [], ownSocket: () => SOCKET, benchUser: () => 'dev' },
      newAgentId: () => deps.ids.agentId(),
      resolveContainer,
    },
    queue: {
      store,
      clock,
      uuid: () => deps.ids.uuid(),
      isContainerActive: () => true,
      clearLine: async () => true,
    },
    states: {
      reader: store.states,
      keeper: { hear: (agent: string) => void heard.push(agent) } as never,
    },
    logs: {
      store,
      events: store,
      readerStatus: () => status,
      exportStatus: () => ({ isFailing: false, lastFailure: undefined, pending: 0 }),
    } as never,
    routes: {
      status: () => ({ lastTurnAt: undefined, eventsConsumed: 0, skips: {}, isDegraded: false }),
    } as never,
    nextCommit: (signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  };
}

/** All methods on a real socket, with a layout in each of two containers. */
async function start(scope: Scope) {
  const world = makeManaged();
  const known = [A, B];
  const deps = {
    ...world.deps,
    resolveContainer: (name: string) =>
      known.find((container) => name === container || name === `docker:${container}`),
  };
  const create = (container: ContainerId, session: string) =>
    createLayout({ container, template: '1m+2s', session, overrides: {} }, HOST, deps);
  const [own, foreign] = [await create(A, 'own'), await create(B, 'foreign')];
  for (const { id } of [...own.panes, ...foreign.panes]) world.settle(id, 'ready');
  const heard: string[] = [];
  const services: Partial<Services> = {
    ...deps,
    policy: DEFAULT_POLICY,
    containers: () => known.map((id) => ({ id, name: id }) as never),
    knownContainers: () => known,
    unstamped: () =>
      known.map((container) => ({
        source: { kind: 'apply', name: 'apply' },
        layout: 'each',
        container,
        message: `no room in ${container}`,
      })),
    daemonStatus: () => ({ alive: true }) as never,
    attachArgv: () => [],
    lastObservation: () => undefined,
    lastFailure: () => undefined,
    ...agentServices(world, { resolveContainer: deps.resolveContainer, heard }),
  };
  const methods = Object.fromEntries(allMethods(services as Services));
  const { path } = await serve(methods, { identify: () => () => scope });
  const ask = async (method: string, params: unknown = {}): Promise<Answer> =>
    (await oneShot(path, `${JSON.stringify({ method, params })}\n`))[0] as Answer;
  return { world, own, foreign, ask, heard, path };
}

/** Agents of a layout, in the order of its slots. */
function agentsOf({ store }: ReturnType<typeof makeManaged>, layout: string) {
  const panes = store.layouts().find(({ id }) => id === layout)?.slots ?? [];
  return panes.flatMap(({ pane }) => {
    const agent = pane && store.registry.managedOf(pane.id);
    return agent === undefined ? [] : [agent];
  });
}

function callerAt(
  agent: ReturnType<typeof agentsOf>[number] | undefined,
  container?: ContainerId,
): { readonly pane_composite_key: object } {
  return {
    pane_composite_key: {
      tmux_socket_path: SOCKET,
      tmux_pane_id: agent?.tmuxPaneId,
      ...(container && { container_id: container }),
    },
  };
}

test('every method says who may call it, and what is not listed here is the host’s alone', () => {
  expect(METHODS.length).toBeGreaterThan(35);
  for (const [name, { access }] of METHODS) {
    expect([name, access]).toEqual([name, OPEN[name] ?? 'host']);
  }
  expect(Object.keys(OPEN).filter((name) => !METHODS.some(([known]) => known === name))).toEqual(
    [],
  );
});

test('the specification names what is open to containers', () => {
  const text = readFileSync('specs/api.md', 'utf8');
  const section = text.slice(text.indexOf('## Who may ask'), text.indexOf('## Limits'));
  for (const name of Object.keys(OPEN)) {
    const isNamed = section.includes(`\`${name}\``) || name.startsWith('managed.');
    expect([name, isNamed]).toEqual([name, true]);
  }
});

describe.each([
  ['a known container', IN_A],
  ['no known container', NOWHERE],
])('to a caller in %s', (_where, scope) => {
  test('methods of the host are refused before their params are looked at', async () => {
    const { ask } = await start(scope);
    for (const method of HOST_METHODS) {
      const [answer, ofNonsense] = [await ask(method), await ask(method, { name: 7, files: 7 })];
      const denied = method in SAID_OTHERWISE ? SAID_OTHERWISE[method] : DENIED;
      expect([method, answer]).toMatchObject([method, denied]);
      expect([method, ofNonsense]).toMatchObject([method, denied]);
    }
  });

  test('another container is refused, and so is one that nobody has: nothing tells them apart', async () => {
    const { ask, foreign, world } = await start(scope);
    const before = JSON.stringify(world.store.layouts());
    const [pane] = foreign.panes;
    for (const container of [B, 'nobodys', 'local']) {
      const create = { container_id: container, template_name: '1m+2s', tmux_session_name: 'x' };
      for (const [method, params] of [
        ['managed.layout.create', create],
        ['managed.layout.list', { container_id: container }],
        ['managed.pane.list', { container_id: container }],
        ['layout.list', { container }],
        ['scan_panes', { container }],
        ['list_panes', { container }],
        ['layout.get', { name: 'foreign', container }],
        ['layout.stop', { name: 'foreign', container }],
        ['layout.start', { name: 'foreign', container }],
        ['layout.restart', { name: 'foreign', container }],
        ['managed.layout.detail', { layout_id: foreign.layout }],
        ['managed.layout.remove', { layout_id: foreign.layout }],
        ['managed.pane.detail', { pane_id: pane?.id }],
        ['managed.pane.remove', { pane_id: pane?.id }],
        ['managed.pane.recreate', { predecessor_pane_id: pane?.id }],
      ] as const) {
        const answer = await ask(method, params);
        expect([method, answer]).toMatchObject([method, DENIED]);
        expect(JSON.stringify(answer)).not.toContain(container);
      }
    }
    expect(JSON.stringify(world.store.layouts())).toBe(before);
  });
});

test('a caller in no known container is shown nothing and may do nothing', async () => {
  const { ask } = await start(NOWHERE);
  for (const method of ['container.list', 'layout.list']) {
    expect(await ask(method)).toEqual({ ok: true, result: { items: [] } });
  }
  for (const verb of ['get', 'stop', 'start', 'restart']) {
    expect(await ask(`layout.${verb}`, { name: 'own' })).toMatchObject(DENIED);
  }
  expect((await ask('status')).result).toMatchObject({
    layouts: 0,
    panes: 0,
    caller: { kind: 'container', container: null },
  });
});

describe('a caller in a known container', () => {
  test('sees its own layouts and nothing of others', async () => {
    const { ask } = await start(IN_A);
    const answers = [
      await ask('layout.list'),
      await ask('layout.list', { container: A }),
      await ask('managed.layout.list'),
      await ask('managed.pane.list'),
      await ask('container.list'),
      await ask('status'),
      await ask('layout.get', { name: 'own' }),
    ];
    for (const answer of answers) {
      expect(answer.error).toBeUndefined();
      const text = JSON.stringify(answer);
      expect(text).toContain(A);
      expect(text).not.toMatch(/bench-b|foreign/);
    }
    expect((await ask('status')).result).toMatchObject({
      layouts: 1,
      panes: 3,
      left_out: [{ layout: 'each', container: A, message: `no room in ${A}` }],
    });
  });

  test('finds a name that only others have no more than one that nobody has', async () => {
    const { ask } = await start(IN_A);
    for (const name of ['foreign', 'nobodys']) {
      expect(await ask('layout.get', { name })).toMatchObject({
        error: { code: 'layout_not_found', details: { name, known: ['own'] } },
      });
    }
  });

  test('operates its own layouts, under its own name', async () => {
    const { ask, world } = await start(IN_A);
    const stopped = await ask('layout.stop', { name: 'own', slot: 's1', by: 'ada' });
    expect(stopped).toMatchObject({ ok: true, result: { layout: 'own' } });
    const held = world.store
      .layouts()
      .flatMap(({ slots }) => slots.flatMap(({ hold }) => hold ?? []));
    expect(held.map(({ by }) => by)).toEqual(['container bench-a']);
  });

  test('is shown its own agents, and is told of none elsewhere, whatever it names', async () => {
    const { ask, world, own, foreign } = await start(IN_A);
    const [mine, theirs] = [agentsOf(world, own.layout), agentsOf(world, foreign.layout)];
    const listed = await ask('list_agents');
    const { agents } = listed.result as { readonly agents: readonly { agent_id: string }[] };
    const ids = agents.map((one) => one.agent_id);
    expect(ids.toSorted()).toEqual(mine.map(({ agentId }) => agentId).toSorted());
    expect(JSON.stringify(listed)).not.toContain('bench-b');
    const caller = callerAt(mine[0]);
    const pane = { ...caller.pane_composite_key };
    const body = { body_bytes: 'aGk=', wait: false };
    for (const [method, params] of [
      ['list_agents', { container_id: B }],
      ['list_agents', { container_id: 'nobodys' }],
      ['register_agent', { container_id: B, pane_composite_key: pane }],
      ['register_agent', { pane_composite_key: { ...pane, container_id: B } }],
      ['register_agent', { pane_composite_key: pane, parent_agent_id: theirs[0]?.agentId }],
      ['queue.send_input', { ...body, target: theirs[1]?.agentId, caller_pane: caller }],
      ['queue.send_input', { ...body, target: 'agt_ffffffffffff', caller_pane: caller }],
      [
        'queue.send_input',
        { ...body, target: mine[1]?.agentId, caller_pane: callerAt(theirs[0], B) },
      ],
    ] as const) {
      expect([method, params, await ask(method, params)]).toMatchObject([method, params, DENIED]);
    }
    // Not even as the operator, who is at the host.
    const asOperator = { ...body, target: mine[1]?.agentId, as_operator: true };
    expect(await ask('queue.send_input', asOperator)).toMatchObject({
      error: { code: 'sender_not_in_pane' },
    });
  });

  test('prompts and hears its own agents alone', async () => {
    const { ask, world, own, foreign, heard } = await start(IN_A);
    const [mine, theirs] = [agentsOf(world, own.layout), agentsOf(world, foreign.layout)];
    const sent = await ask('queue.send_input', {
      body_bytes: 'aGk=',
      wait: false,
      target: 's1',
      caller_pane: callerAt(mine[0]),
    });
    // Both containers have a pane of that label: in here, there is one.
    expect(sent).toMatchObject({ ok: true, result: { target: { agent_id: mine[1]?.agentId } } });
    for (const agent of [mine[1], theirs[1]]) {
      const { pane_composite_key: key } = callerAt(agent);
      await ask('agent.hook', { pane_composite_key: key, event: 'Stop' });
    }
    // Whose pane a hook speaks of, the connection says.
    expect(heard).toEqual([mine[1]?.agentId]);
  });

  test('is told what happens to its own layouts, panes and agents, and of nothing else', async () => {
    const { ask, world, own, foreign, path } = await start(IN_A);
    const [theirs] = agentsOf(world, foreign.layout);
    world.store.transact((tx) => {
      tx.emit({
        type: 'source_recovered',
        actor: 'daemon',
        payload: { source: 'secret-repository' },
      });
      tx.emit({
        type: 'routing_toggled',
        actor: 'operator',
        payload: { previous_value: 'enabled', current_value: 'disabled', operator: 'ada' },
      });
    });
    const all = world.store.eventsAfter(0, 1_000);
    const ownIds = [own.layout, ...own.panes.map(({ id }) => id)];
    const expected = all.filter(({ layoutId, paneId }) =>
      ownIds.some((id) => id === layoutId || id === paneId),
    );
    expect(expected.length).toBeGreaterThan(6);
    const { items } = (await ask('events.list', { since_seq: 0 })).result as unknown as Listed;
    expect(items.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));

    const client = dial(path);
    client.write(`${JSON.stringify({ method: 'events.watch', params: { since_seq: 0 } })}\n`);
    await until(() => client.lines.length >= expected.length);
    const streamed = client.lines as readonly { readonly event: { readonly seq: number } }[];
    expect(streamed.map(({ event }) => event.seq)).toEqual(expected.map(({ seq }) => seq));

    const asked = [
      ...[{ layout: 'foreign' }, { layout: 'nobodys' }].map((params) => [
        params,
        'layout_not_found',
      ]),
      [{ layout: 'foreign', container: B }, 'host_only'],
      [{ layout: 'own', container: 'nobodys' }, 'host_only'],
      [{ container: B }, 'host_only'],
      [{ container: 'nobodys' }, 'host_only'],
      [{ target: theirs?.agentId }, 'host_only'],
      [{ target: `${A}/${theirs?.agentId}` }, 'agent_not_found'],
      [{ target: 'foreign/m1' }, 'layout_not_found'],
      [{ target: `${B}/foreign/m1` }, 'host_only'],
    ] as const;
    for (const method of ['events.list', 'events.watch']) {
      for (const [params, code] of asked) {
        expect([params, await ask(method, params)]).toMatchObject([params, { error: { code } }]);
      }
    }
  });

  test('describes its own agents alone, by whatever name', async () => {
    const { ask, world, own, foreign } = await start(IN_A);
    const [mine, theirs] = [agentsOf(world, own.layout), agentsOf(world, foreign.layout)];
    for (const target of [mine[0]?.agentId, 'm1', 'own/m1', `${A}/m1`, `${A}/own/m1`]) {
      expect([target, await ask('agent.describe', { target })]).toMatchObject([
        target,
        { result: { agent_id: mine[0]?.agentId } },
      ]);
    }
    for (const [target, code] of [
      [theirs[0]?.agentId, 'host_only'],
      ['agt_ffffffffffff', 'host_only'],
      [`${A}/${theirs[0]?.agentId}`, 'agent_not_found'],
      ['foreign/m1', 'layout_not_found'],
      [`${B}/m1`, 'layout_not_found'],
      [`${B}/foreign/m1`, 'host_only'],
      ['nobodys/m1', 'layout_not_found'],
      ['own/nobody', 'slot_not_found'],
    ] as const) {
      expect([target, await ask('agent.describe', { target })]).toMatchObject([
        target,
        { error: { code } },
      ]);
    }
  });

  test('makes, removes and recreates what is its own', async () => {
    const { ask, own } = await start(IN_A);
    const made = { container_id: A, template_name: '1m+2s', tmux_session_name: 'more' };
    // Labels are unique in a container, and the template’s are taken.
    expect(await ask('managed.layout.create', made)).toMatchObject({
      error: { code: 'managed_pane_label_conflict' },
    });
    const [pane] = own.panes;
    expect(await ask('managed.pane.remove', { pane_id: pane?.id })).toMatchObject({ ok: true });
    const again = await ask('managed.pane.recreate', { predecessor_pane_id: pane?.id });
    expect(again).toMatchObject({ ok: true, result: { predecessor_id: pane?.id } });
    const removed = await ask('managed.layout.remove', { layout_id: own.layout });
    expect(removed).toMatchObject({ ok: true });
  });
});

test('on the host an agent is named by its place where its label is not unique', async () => {
  const { ask, world, own, foreign } = await start(HOST);
  const [[mine], [theirs]] = [agentsOf(world, own.layout), agentsOf(world, foreign.layout)];
  expect(await ask('agent.describe', { target: 'm1' })).toMatchObject({
    error: { code: 'target_label_ambiguous' },
  });
  for (const [target, agent] of [
    ['own/m1', mine],
    [`${A}/m1`, mine],
    [`${A}/own/m1`, mine],
    [`${B}/m1`, theirs],
    [`${B}/foreign/m1`, theirs],
  ] as const) {
    expect([target, await ask('agent.describe', { target })]).toMatchObject([
      target,
      { result: { agent_id: agent?.agentId } },
    ]);
  }
});

test('the host is limited by none of this', async () => {
  const { ask } = await start(HOST);
  const text = JSON.stringify([await ask('layout.list'), await ask('container.list')]);
  expect(text).toMatch(/bench-a.*bench-b/);
  expect((await ask('status')).result).toMatchObject({
    layouts: 2,
    left_out: [{ container: A }, { container: B }],
    caller: { kind: 'host', container: null },
  });
});

describe('to a caller on the host a container has every name the engines give it', () => {
  test('when it asks for events: of one container, of layouts there and their panes', async () => {
    const { ask, world, own } = await start(HOST);
    const agents = agentsOf(world, own.layout).map(({ agentId }) => agentId);
    const of = new Set<string>([own.layout, ...own.panes.map(({ id }) => id), ...agents]);
    const expected = world.store
      .eventsAfter(0, 1_000)
      .filter(({ layoutId, paneId, agentId }) =>
        [layoutId, paneId, agentId].some((id) => id !== undefined && of.has(id)),
      );
    for (const container of [A, `docker:${A}`]) {
      const { items } = (await ask('events.list', { container })).result as unknown as Listed;
      expect(items.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));
    }
    expect(await ask('events.list', { container: 'nobodys' })).toMatchObject({
      error: { code: 'container_not_found' },
    });
  });

  test('when it asks for agents: of that container, not of those whose names begin alike', async () => {
    const { ask, world, own } = await start(HOST);
    const ids = agentsOf(world, own.layout).map(({ agentId }) => agentId);
    for (const [container, expected] of [
      [A, ids],
      [`docker:${A}`, ids],
    ] as const) {
      const { agents } = (await ask('list_agents', { container_id: container })).result as {
        readonly agents: readonly { readonly agent_id: string }[];
      };
      expect(agents.map((one) => one.agent_id).toSorted()).toEqual(expected.toSorted());
    }
  });

  test('when it deletes a layout there', async () => {
    const { ask, world } = await start(HOST);
    const layouts = [{ name: 'own', container: `docker:${A}` }];
    expect(await ask('manifest.delete', { layouts })).toMatchObject({
      result: { objects: [{ name: 'own', action: 'deleted' }] },
    });
    const going = world.store.layouts().filter(({ deleting }) => deleting !== undefined);
    expect(going.map(({ spec }) => spec.name)).toEqual(['own']);
  });
});
