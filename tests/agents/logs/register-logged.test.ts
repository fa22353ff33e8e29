import { expect, test } from 'vitest';
import type { PanePipes } from '../../../src/agents/logs/ports.ts';
import { registerLogged } from '../../../src/agents/logs/register-logged.ts';
import type { InputOutcome } from '../../../src/agents/ports.ts';
import { register } from '../../../src/agents/registry.ts';
import { type AgentId, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import { fakePanes, foundPane, insertAgent, openTestStore, SOCKET } from '../fixture.ts';

const TWO = 'agt_000000000002' as AgentId;
const AT = { container: 'local', socket: SOCKET, pane: '%1' };

/** `answer` is what tmux says when the pane is to be copied, `meanwhile` what others do before it does. */
function fixture(
  answer: () => InputOutcome = () => ({ kind: 'done' }),
  meanwhile: () => Promise<void> = async () => {},
) {
  const store = openTestStore();
  const piped: unknown[] = [];
  const pipes: PanePipes = {
    pipe: async ({ pane, proof }, to) => {
      piped.push({ pane, proof, ...to });
      await meanwhile();
      return answer();
    },
  };
  const registry = {
    store,
    panes: fakePanes(foundPane('%1')),
    newAgentId: () => 'agt_000000000001' as AgentId,
    resolveContainer: () => LOCAL_CONTAINER,
  };
  const logs = {
    store,
    pipes,
    paths: {
      standard: (_: unknown, agent: string) => ({ path: `/logs/${agent}`, inside: `/in/${agent}` }),
      chosen: (_: unknown, path: string) => ({ path, inside: path }),
    },
  };
  const add = (said: { role?: string; logPath?: string } = {}) =>
    registerLogged(
      AT,
      { uid: 1_000, ...said },
      { registry, logs, transact: (write) => store.transact(write) },
    );
  const types = () => store.eventsAfter(0, 100).map(({ type }) => type);
  return { store, piped, registry, add, types };
}

test('a pane is registered and copied, and the audit tells the role before the log', async () => {
  const { add, piped, store, types } = fixture();
  const { agent, outcome, attached } = await add({ role: 'slave' });
  expect({ outcome, role: agent.role }).toEqual({ outcome: 'created', role: 'slave' });
  expect(attached).toMatchObject({
    isNew: true,
    attachment: { path: '/logs/agt_000000000001', state: 'active', source: 'register_self' },
  });
  expect(piped).toEqual([
    { pane: '%1', proof: { pid: 101 }, path: '/in/agt_000000000001', mode: 'refuse' },
  ]);
  expect(types()).toEqual(['agent_registered', 'agent_role_change', 'log_attachment_change']);
  expect(store.eventsAfter(1, 1)[0]?.payload).toMatchObject({
    prior_role: null,
    new_role: 'slave',
    socket_peer_uid: 1_000,
  });
});

test('a pane that cannot be copied is not registered either', async () => {
  const { add, store, types } = fixture(() => ({ kind: 'refused', message: 'copied already' }));
  await expect(add()).rejects.toMatchObject({ code: 'pipe_pane_failed' });
  expect(store.registry.agents()).toEqual([]);
  expect(types()).toEqual([]);
});

test('an agent whose pane cannot be copied stays as it was', async () => {
  const { add, store, registry } = fixture(() => ({ kind: 'error', message: 'no space' }));
  await register(AT, { role: 'slave', uid: 0 }, registry);
  await expect(add({ role: 'shell' })).rejects.toMatchObject({ code: 'pipe_pane_failed' });
  expect(store.registry.agents()).toMatchObject([{ role: 'slave' }]);
  expect(store.logs.readable()).toEqual([]);
});

test('a log of somebody else refuses the registration before tmux is asked', async () => {
  const { add, piped, store } = fixture();
  const nine = insertAgent(store, { label: 'nine' });
  store.transact((tx) => tx.attachLog(nine.agentId, '/logs/taken', 'explicit'));
  await expect(add({ logPath: '/logs/taken' })).rejects.toMatchObject({ code: 'log_path_in_use' });
  expect(piped).toEqual([]);
  expect(store.registry.agents()).toHaveLength(1);
});

test('a pane that somebody else registers meanwhile is theirs, and copied for nobody', async () => {
  let other: Promise<unknown> | undefined;
  const rig: ReturnType<typeof fixture> = fixture(
    () => ({ kind: 'done' }),
    async () => {
      other ??= register(AT, { uid: 0 }, { ...rig.registry, newAgentId: () => TWO });
      await other;
    },
  );
  await expect(rig.add()).rejects.toMatchObject({ code: 'pipe_pane_failed' });
  const ids = rig.store.registry.agents().map(({ agentId }) => agentId);
  expect(ids).toEqual(['agt_000000000002']);
  expect(rig.piped.at(-1)).toEqual({ pane: '%1', proof: { pid: 101 }, mode: 'replace' });
});
