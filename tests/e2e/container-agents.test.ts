import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { AgentView } from '../../src/surfaces/api/agent-protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { until } from '../support/until.ts';
import { type Benches, startBenches } from './support/benches.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';

const PACKAGE = dirname(inject('dist'));
const MODULES = new URL('../../node_modules', import.meta.url).pathname;
const IN_CONTAINER = '/agents';
const SOCKET = '/tmp/tmux-0/default';

describeWithEngine('docker', 'agents in Docker containers', () => {
  let benches: Benches;
  let one: TestContainer;
  let two: TestContainer;

  beforeAll(async () => {
    benches = await startBenches();
    [one, two] = [await bench('one'), await bench('two')];
    for (const { name } of [one, two]) await applyTeam(name);
  }, 120_000);
  afterAll(() => benches?.stop());

  /** A container whose own log directory is mounted where the host does not have it. */
  async function bench(name: string): Promise<TestContainer> {
    const { paths } = benches.tower;
    const own = join(paths.logsDir, `${benches.containers.prefix}${name}`);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    return await benches.start({
      name,
      withNode: true,
      mounts: [
        `${own}:${IN_CONTAINER}`,
        `${paths.runDir}:/run/agenttower:ro`,
        `${PACKAGE}:/opt/agenttower:ro`,
        `${MODULES}:${MODULES}:ro`,
      ],
    });
  }

  async function applyTeam(container: string): Promise<void> {
    const receiver = { command: ['sh', '-c', `echo hello; exec cat >> ${IN_CONTAINER}/s1.inbox`] };
    const panes = [pane('m1', { role: 'master' }), pane('s1', receiver)];
    const text = layoutText('team', panes, { container, session: 'team' });
    const file = writeIn(benches.tower.directory, `${container}.yaml`, text);
    await benches.tower.done('apply', '-f', file, '--wait', '--timeout', '60s');
  }

  /** A file of the container's log directory, as the host has it. */
  function onHost({ name }: TestContainer, file: string): string {
    const path = join(benches.tower.paths.logsDir, name, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  async function agentsOf(params: object): Promise<readonly AgentView[]> {
    const wanted = { active_only: true, ...params };
    return (await benches.tower.call<{ agents: readonly AgentView[] }>('list_agents', wanted))
      .agents;
  }

  async function agentIn(container: TestContainer, label: string): Promise<AgentView> {
    const found = (await agentsOf({ container_id: container.name })).find(
      (agent) => agent.label === label,
    );
    if (found === undefined) throw new Error(`no agent ${label} in ${container.name}`);
    return found;
  }

  test('are listed by what the engine calls their container, on the socket of its user', async () => {
    const agents = await agentsOf({ container_id: one.id.slice(0, 12) });
    expect(agents.map(({ label }) => label).toSorted()).toEqual(['team-m1', 'team-s1']);
    for (const agent of agents) {
      expect(agent).toMatchObject({
        container_id: one.id,
        container_name: one.name,
        tmux_socket_path: SOCKET,
        origin: 'managed',
      });
    }
  });

  test('have their logs read where the host sees them', async () => {
    const { agent_id: id } = await agentIn(one, 'team-s1');
    await until(async () => (await benches.tower.done('logs', id)).includes('hello'), {
      label: 'the log is shown',
    });
    const { tower } = benches;
    const told = await until(
      async () => {
        const { events } = await tower.call<{ events: readonly object[] }>('events.list', {
          target: id,
        });
        return events.length > 0 ? events : undefined;
      },
      { timeoutMs: 30_000, label: 'the log was told of' },
    );
    expect(JSON.stringify(told)).toContain('hello');
  });

  test('take prompts of the host and of a master beside them', async () => {
    const [master, slave] = [await agentIn(one, 'team-m1'), await agentIn(one, 'team-s1')];
    await benches.tower.done(
      'send-input',
      '--target',
      slave.agent_id,
      '--operator',
      '--message',
      'from the host',
    );
    await untilSaid(one, 's1.inbox', 'from the host');
    const pane = master.tmux_pane_id ?? '';
    await cliIn(one, pane, 'send-input', '--target', 'team-s1', '--message', 'from within');
    await untilSaid(one, 's1.inbox', 'from within');
    expect(onHost(two, 's1.inbox')).not.toContain('from within');
  });

  test('cannot reach those of another container', async () => {
    const master = await agentIn(one, 'team-m1');
    const foreign = await agentIn(two, 'team-s1');
    const pane = master.tmux_pane_id ?? '';
    await expect(
      cliIn(one, pane, 'send-input', '--target', foreign.agent_id, '--message', 'over there'),
    ).rejects.toThrow(/only a process on the host itself/);
    const listed = await cliIn(one, pane, 'list-agents');
    expect(listed).toContain(master.agent_id);
    expect(listed).not.toContain(foreign.agent_id);
    expect(onHost(two, 's1.inbox')).toBe('');
  });

  test('may be panes of a person, which are typed into, copied, and followed to their end', async () => {
    const { tower } = benches;
    const command = `cat >> ${IN_CONTAINER}/mine.inbox`;
    const format = '#{pane_id}';
    const pane = await one.exec('tmux', 'new-session', '-dP', '-F', format, '-s', 'mine', command);
    await tower.done('adopt', one.name, pane.trim(), '--role', 'slave', '--label', 'mine');
    await tower.done('attach-log', '--target', 'mine');
    await tower.done('send-input', '--target', 'mine', '--operator', '--message', 'to a person');
    await untilSaid(one, 'mine.inbox', 'to a person');
    await until(async () => (await tower.done('logs', 'mine')).includes('to a person'), {
      label: 'what it echoed is in its log',
    });
    await one.exec('tmux', 'kill-session', '-t', '=mine');
    await until(async () => (await agentsOf({})).every(({ label }) => label !== 'mine'), {
      timeoutMs: 30_000,
      label: 'it is gone',
    });
  });

  test('register from inside, as agents of their own container', async () => {
    const pane = await two.exec(
      'tmux',
      'new-session',
      '-dP',
      '-F',
      '#{pane_id}',
      '-s',
      'self',
      'cat',
    );
    await cliIn(two, pane.trim(), 'register-self', '--role', 'slave', '--label', 'self');
    expect(await agentIn(two, 'self')).toMatchObject({ origin: 'adopted', container_id: two.id });
  });

  function untilSaid(container: TestContainer, file: string, text: string): Promise<boolean> {
    return until(() => onHost(container, file).includes(text), {
      timeoutMs: 30_000,
      label: `${text} in ${file} of ${container.name}`,
    });
  }
});

/** Runs the command line as a program in a pane of the container would. */
function cliIn(container: TestContainer, tmuxPane: string, ...args: readonly string[]) {
  const tmux = [`TMUX=${SOCKET},1,0`, `TMUX_PANE=${tmuxPane}`];
  const agenttower = '/opt/agenttower/dist/agenttower.js';
  return container.exec('env', ...tmux, 'node', agenttower, ...args);
}
