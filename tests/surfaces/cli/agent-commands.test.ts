import { describe, expect, test } from 'vitest';
import { run } from './fake-world.ts';
import { adoptedAgent } from './views.ts';

const registered = { ...adoptedAgent, created_or_reactivated: 'created' };
const PANE = { TMUX: '/tmp/tmux-1000/default,12,0', TMUX_PANE: '%7' };
const KEY = { tmux_socket_path: '/tmp/tmux-1000/default', tmux_pane_id: '%7' };

describe('register-self', () => {
  test('names the pane it runs in, and says only what was said', async () => {
    const outcome = await run(['register-self', '--role', 'slave'], {
      env: PANE,
      daemon: { register_agent: () => registered },
    });
    expect(outcome.calls).toEqual([['register_agent', { pane_composite_key: KEY, role: 'slave' }]]);
    expect(outcome.out).toBe('agent/agt_0123456789ab "reviewer" slave on %7 created\n');
  });

  test('outside of tmux says how it is done from there', async () => {
    const outcome = await run(['register-self']);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toContain('agenttower adopt');
  });
});

describe('adopt', () => {
  test.each([
    [['%7'], { tmux_pane_id: '%7' }],
    [['work:0.1'], { tmux_session_name: 'work', tmux_window_index: 0, tmux_pane_index: 1 }],
    [
      ['a:b:2.3', '--socket', '/s'],
      {
        tmux_socket_path: '/s',
        tmux_session_name: 'a:b',
        tmux_window_index: 2,
        tmux_pane_index: 3,
      },
    ],
  ])('%j', async (words, key) => {
    const outcome = await run(['adopt', 'local', ...words], {
      daemon: { register_agent: () => registered },
    });
    expect(outcome.calls).toEqual([
      ['register_agent', { container_id: 'local', pane_composite_key: key }],
    ]);
  });

  test('what names no pane is told without asking anybody', async () => {
    const outcome = await run(['adopt', 'local', 'work']);
    expect([outcome.exitCode, outcome.calls]).toEqual([3, []]);
  });
});

test('list-agents prints tab-separated values', async () => {
  const outcome = await run(['list-agents', '--active-only', '--role', 'slave', 'swarm'], {
    daemon: { list_agents: () => ({ agents: [{ ...adoptedAgent, label: 'a\tb' }] }) },
  });
  expect(outcome.calls).toEqual([['list_agents', { role: ['slave', 'swarm'], active_only: true }]]);
  expect(outcome.out).toBe(
    'AGENT_ID\tLABEL\tROLE\tCAPABILITY\tCONTAINER\tPANE\tPROJECT\tPARENT\tACTIVE\n' +
      'agt_0123456789ab\ta b\tslave\tclaude\tlocal\twork:0.1\t\t-\ttrue\n',
  );
});

test('get agents tells both origins apart, and an agent can be asked for by its label', async () => {
  const daemon = {
    'layout.list': () => ({ items: [] }),
    list_agents: () => ({ agents: [adoptedAgent] }),
  };
  const outcome = await run(['get', 'agent/reviewer', '-o', 'json'], { daemon });
  expect(JSON.parse(outcome.out)).toMatchObject({
    agent_id: 'agt_0123456789ab',
    origin: 'adopted',
    place: 'work:0.1',
  });
});

test('set-role passes on that somebody means it', async () => {
  const change = { agent_id: 'agt_x', field: 'role', prior_value: 'slave', new_value: 'master' };
  const outcome = await run(['set-role', '--target', 'agt_x', '--role', 'master', '--confirm'], {
    daemon: { set_role: () => change },
  });
  expect(outcome.calls).toEqual([
    ['set_role', { agent_id: 'agt_x', role: 'master', confirm: true }],
  ]);
  expect(outcome.out).toBe('agent/agt_x role slave -> master\n');
});
