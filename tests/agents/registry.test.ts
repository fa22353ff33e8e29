import { describe, expect, test } from 'vitest';
import { setLabel, setRole } from '../../src/agents/change-agent.ts';
import { type Registration, register } from '../../src/agents/registry.ts';
import { observeAdopted } from '../../src/agents/watch-adopted.ts';
import { type AgentId, LOCAL_CONTAINER, makeEpoch } from '../../src/domain/ids.ts';
import {
  type FakePanes,
  fakePanes,
  foundPane,
  insertAgent,
  openTestStore,
  SOCKET,
} from './fixture.ts';

function fixture(panes: FakePanes = fakePanes(foundPane('%1'), foundPane('%2'))) {
  const store = openTestStore();
  let ids = 0;
  const deps = {
    store,
    panes,
    newAgentId: () => `agt_${(ids += 1)}` as AgentId,
    resolveContainer: (name: string) => (name === 'local' ? LOCAL_CONTAINER : undefined),
  };
  const add = (pane: string, said: Registration = {}) =>
    register({ container: 'local', socket: SOCKET, pane }, { ...said, uid: 1000 }, deps);
  return { store, panes, deps, add };
}
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('registering', () => {
  test('makes an agent of a pane, and keeps what is not said again', async () => {
    const { add } = fixture();
    const first = await add('%1', { role: 'slave', label: 'one', projectPath: '/srv/a' });
    expect(first).toMatchObject({
      outcome: 'created',
      agent: {
        origin: 'adopted',
        role: 'slave',
        label: 'one',
        capability: 'unknown',
        active: true,
      },
    });
    const second = await add('%1', { capability: 'codex' });
    expect(second).toMatchObject({
      outcome: 'updated',
      agent: {
        agentId: first.agent.agentId,
        label: 'one',
        capability: 'codex',
        projectPath: '/srv/a',
      },
    });
  });

  test('finds a pane by where it stands', async () => {
    const { deps } = fixture();
    const address = { container: 'local', session: 'work', windowIndex: 0, paneIndex: 2 };
    expect((await register(address, { uid: 1000 }, deps)).agent.tmuxPaneId).toBe('%2');
  });

  test.each([
    ['value_out_of_set', { role: 'boss' }],
    ['value_out_of_set', { capability: 'gpt' }],
    ['master_via_register_self_rejected', { role: 'master' }],
    ['field_too_long', { label: 'x'.repeat(65) }],
    ['project_path_invalid', { projectPath: 'relative' }],
    ['project_path_invalid', { projectPath: '/a/../b' }],
    ['swarm_parent_required', { role: 'swarm' }],
    ['parent_role_mismatch', { role: 'slave', parent: 'agt_x' }],
    ['parent_not_found', { role: 'swarm', parent: 'agt_x' }],
  ])('is refused with %s', async (code, said) => {
    const { add, store } = fixture();
    await expect(add('%1', said)).rejects.toThrow(refused(code));
    expect(store.registry.agents()).toEqual([]);
  });

  test('a swarm has an active slave as its parent, for good', async () => {
    const { add, store } = fixture();
    const slave = insertAgent(store, { role: 'slave' });
    const master = insertAgent(store, { role: 'master' });
    const swarm = { role: 'swarm' };
    await expect(add('%1', { ...swarm, parent: master.agentId })).rejects.toThrow(
      refused('parent_role_invalid'),
    );
    const { agent } = await add('%1', { ...swarm, parent: slave.agentId });
    expect(agent.parent).toBe(slave.agentId);
    await expect(add('%1', { parent: master.agentId })).rejects.toThrow(
      refused('parent_immutable'),
    );
  });

  test('a pane that is not there, or is dead, is no agent', async () => {
    const { add } = fixture(fakePanes(foundPane('%1', { dead: true })));
    await expect(add('%1')).rejects.toThrow(refused('pane_unknown_to_daemon'));
    await expect(add('%9')).rejects.toThrow(refused('pane_unknown_to_daemon'));
  });

  test('a pane that stands on two servers must be told apart', async () => {
    const { deps, panes } = fixture();
    const other = { ...foundPane('%1'), socket: '/tmp/other' };
    panes.servers = [...panes.servers, { kind: 'seen', socket: '/tmp/other', panes: [other] }];
    const address = { container: 'local', pane: '%1' };
    await expect(register(address, { uid: 1000 }, deps)).rejects.toThrow(refused('pane_ambiguous'));
  });
});

describe('identity', () => {
  test('survives renumbering, a renamed session and a broken-out window', async () => {
    const { add, panes, store } = fixture();
    const { agent } = await add('%1', { role: 'slave' });
    const moved = foundPane('%1', { session: 'other', windowIndex: 4, paneIndex: 7 });
    panes.servers = [{ kind: 'seen', socket: SOCKET, panes: [moved] }];
    await observeAdopted({ store, panes });
    expect(store.registry.agent(agent.agentId)).toMatchObject({
      active: true,
      session: 'other',
      windowIndex: 4,
      paneIndex: 7,
    });
    expect((await add('%1')).agent.agentId).toBe(agent.agentId);
  });

  test('is never inherited by the pane of a server that started anew', async () => {
    const { add, panes, store } = fixture();
    const { agent } = await add('%1', { role: 'slave', label: 'old' });
    const anew = foundPane('%1', { epoch: makeEpoch('local', '2:2') });
    panes.servers = [{ kind: 'seen', socket: SOCKET, panes: [anew] }];
    await observeAdopted({ store, panes });
    expect(store.registry.agent(agent.agentId)?.active).toBe(false);
    const next = await add('%1');
    expect(next).toMatchObject({ outcome: 'created', agent: { role: 'unknown', label: '' } });
    expect(next.agent.agentId).not.toBe(agent.agentId);
  });

  test('ends with its program, though the person who made the pane keeps that to look at', async () => {
    const { add, panes, store } = fixture();
    const { agent } = await add('%1');
    const ended = foundPane('%1', { dead: true });
    panes.servers = [{ kind: 'seen', socket: SOCKET, panes: [ended] }];
    await observeAdopted({ store, panes });
    expect(store.registry.agent(agent.agentId)?.active).toBe(false);
  });

  test('nothing is concluded from a look that failed', async () => {
    const { add, panes, store } = fixture();
    const { agent } = await add('%1');
    panes.servers = [
      { kind: 'unknown', socket: SOCKET, reason: 'TmuxTimeout', message: 'it hangs' },
    ];
    await observeAdopted({ store, panes });
    expect(store.registry.agent(agent.agentId)?.active).toBe(true);
  });

  test('a pane that is registered again after it was thought gone keeps its agent and role', async () => {
    const { add, panes, store } = fixture();
    const { agent } = await add('%1', { role: 'slave' });
    const before = panes.servers;
    panes.servers = [{ kind: 'seen', socket: SOCKET, panes: [] }];
    await observeAdopted({ store, panes });
    panes.servers = before;
    expect(await add('%1')).toMatchObject({
      outcome: 'reactivated',
      agent: { agentId: agent.agentId, role: 'slave', active: true },
    });
  });

  test('a look that finds everything as it was writes nothing', async () => {
    const { add, panes, store } = fixture();
    await add('%1');
    let commits = 0;
    store.watchCommits(() => {
      commits += 1;
    });
    await observeAdopted({ store, panes });
    expect(commits).toBe(0);
  });
});

describe('changing an agent', () => {
  const request = { confirm: false, peerUid: 7 };

  test('a master is made only when somebody means it, and the audit tells', () => {
    const store = openTestStore();
    const { agentId } = insertAgent(store, { role: 'slave' });
    const asked = { ...request, agentId, role: 'master' };
    expect(() => setRole(asked, store)).toThrow(refused('master_confirm_required'));
    expect(setRole({ ...asked, confirm: true }, store)).toMatchObject({
      priorValue: 'slave',
      newValue: 'master',
      audited: true,
      permissions: { canSendTo: ['slave', 'swarm'] },
    });
    expect(store.eventsAfter(0, 9).map(({ type, payload }) => [type, payload])).toEqual([
      [
        'agent_role_change',
        {
          agent_id: agentId,
          prior_role: 'slave',
          new_role: 'master',
          confirm_provided: true,
          socket_peer_uid: 7,
        },
      ],
    ]);
    expect(setRole({ ...asked, confirm: true }, store).audited).toBe(false);
  });

  test('nobody becomes a swarm member by a change of role, and nobody gone is changed', () => {
    const store = openTestStore();
    const { agentId } = insertAgent(store, {});
    const swarm = { ...request, agentId, role: 'swarm' };
    expect(() => setRole(swarm, store)).toThrow(refused('swarm_role_via_set_role_rejected'));
    store.transact((tx) => tx.updateAgent(agentId, { active: false }));
    expect(() => setLabel(agentId, 'x', store)).toThrow(refused('agent_inactive'));
    expect(() => setLabel('agt_none', 'x', store)).toThrow(refused('agent_not_found'));
  });
});
