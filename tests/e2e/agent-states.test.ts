import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type {
  AgentDetailView,
  AgentView,
  MessageView,
  SentView,
} from '../../src/surfaces/api/agent-protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

const AGENTTOWER = join(inject('dist'), 'agenttower.js');
const FAKE = [process.execPath, join(import.meta.dirname, 'support/fake-agent.mjs'), AGENTTOWER];

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  const s1 = pane('s1', { command: FAKE, capability: 'claude' });
  const file = writeIn(tower.directory, 'team.yaml', layoutText('team', [s1]));
  await tower.done('apply', '-f', file, '--wait');
  await theirs('new-session', '-d', '-s', 'work', '-x', '80', '-y', '24', ...FAKE);
  const adopted = ['--role', 'slave', '--label', 'theirs', '--capability', 'claude'];
  await tower.done('adopt', 'local', 'work:0.0', ...adopted);
});
afterAll(() => tower.stop());

/** Runs tmux as a person would, on their own default server. */
function theirs(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('tmux', ['-f', '/dev/null', ...args], { env: tower.env }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}

async function agentOf(label: string): Promise<AgentView> {
  const { agents } = await tower.call<{ agents: readonly AgentView[] }>('list_agents');
  const found = agents.find((agent) => agent.label === label);
  if (found === undefined) throw new Error(`no agent ${label}`);
  return found;
}
const stateOf = async (label: string): Promise<string> => {
  const { state, state_source: source, state_confidence: confidence } = await agentOf(label);
  return [state, source, confidence].join(' ');
};
const say = (target: string, word: string): Promise<SentView> =>
  tower.call<SentView>('queue.send_input', {
    target,
    body_bytes: Buffer.from(word).toString('base64'),
    as_operator: true,
    wait_timeout_seconds: 30,
  });
const become = (label: string, state: string) =>
  until(async () => (await stateOf(label)) === state, { timeoutMs: 20_000, label: state });

describe.each(['team-s1', 'theirs'])('the hooks of %s', (label) => {
  test('tell that it began, also when it was no agent yet', async () => {
    await become(label, 'idle hook high');
  });

  test('tell what it does, and that it took a prompt of ours', async () => {
    const { message_id: id } = await say(label, 'work');
    await become(label, 'working hook high');
    await until(async () => {
      const { rows } = await tower.call<{ rows: readonly MessageView[] }>('queue.list', {});
      return rows.find(({ message_id }) => message_id === id)?.submission === 'submitted';
    });
    await say(label, 'ask');
    await become(label, 'waiting_for_input hook high');
    await say(label, 'limit');
    await become(label, 'rate_limited hook high');
    await say(label, 'finish');
    await become(label, 'idle hook high');
  });
});

test('a state is shown with its source and age, live, and with everything that is said of it', async () => {
  expect(await tower.done('get', 'agents')).toMatch(/ theirs .* idle +hook +\d+m?s? /);
  const { stdout } = await tower.cli(['describe', 'agent/theirs', '-o', 'json']);
  const shown = JSON.parse(stdout) as AgentDetailView;
  expect(shown).toMatchObject({ state: 'idle', state_detail: 'Stop' });
  expect(shown.state_evidence.map(({ source }) => source)).toContain('hook');

  const watch = spawn(process.execPath, [AGENTTOWER, 'get', 'agents', '-w'], { env: tower.env });
  let seen = '';
  watch.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  try {
    await until(() => seen.includes('theirs'), { timeoutMs: 20_000 });
    await say('theirs', 'ask');
    await until(() => /theirs .* waiting_for_input +hook/.test(seen), { timeoutMs: 20_000 });
  } finally {
    watch.kill();
  }
});

test('an agent without hooks is looked at when somebody asks', async () => {
  const rule = '─'.repeat(40);
  const screen = `${rule}\n❯ Try "fix lint errors"\n${rule}\n  ? for shortcuts\n`;
  const file = writeIn(tower.directory, 'screen.txt', screen);
  await theirs('new-window', '-d', '-n', 'silent', '-t', 'work', 'sh', '-c', `cat ${file} -`);
  await tower.done('adopt', 'local', 'work:1.0', '--label', 'silent', '--capability', 'claude');
  await until(
    async () => {
      const shown = await tower.done('describe', 'agent/silent');
      return /^State: +idle$/m.test(shown) && shown.includes('screen (claude.prompt.v1)');
    },
    { timeoutMs: 20_000 },
  );
  expect(await stateOf('silent')).toBe('idle screen medium');
});

test('each change is one event, and what agents were told is in none of them', async () => {
  const events = await tower.events('agent_state_changed');
  const { agent_id: id } = await agentOf('theirs');
  const changes = events
    .filter((event) => event.agent_id === id)
    .map(({ payload }) => [payload['prev_state'], payload['new_state']] as const);
  expect(changes.slice(1).map(([before]) => before)).toEqual(
    changes.slice(0, -1).map(([, after]) => after),
  );
  expect(changes.map(([, state]) => state)).toContain('rate_limited');
  expect(await tower.done('get', 'events')).toMatch(new RegExp(`agent_state_changed +${id} `));
});

test('a state outlives the daemon, without whom a hook is nothing that an agent notices', async () => {
  const before = await agentOf('theirs');
  await tower.killDaemon('SIGKILL');
  const env = { ...tower.env, TMUX: '/nowhere,1,0', TMUX_PANE: '%0' };
  const ended = await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [AGENTTOWER, 'hook', 'Stop'],
      { env },
      (error, stdout, stderr) => resolve({ error, stdout, stderr }),
    );
    // It is never told that there is nothing more to read.
    child.stdin?.write('{');
  });
  expect(ended).toEqual({ error: null, stdout: '', stderr: '' });
  await tower.startDaemon();
  const after = await agentOf('theirs');
  expect([after.state, after.state_since]).toEqual([before.state, before.state_since]);
});

test('the end of a pane is the end, whatever its hooks said', async () => {
  await theirs('kill-session', '-t', 'work');
  await become('theirs', 'exited process high');
});
