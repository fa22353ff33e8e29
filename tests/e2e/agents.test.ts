import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUEUE_FAILPOINTS } from '../../src/agents/failpoints.ts';
import type { AgentView, MessageView, SentView } from '../../src/surfaces/api/agent-protocol.ts';
import { tmuxSince } from '../support/this-tmux.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

/** More in a longer run: E2E_PROMPTS=1000. */
const PROMPTS = Number(process.env['E2E_PROMPTS'] ?? '60');

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  const master = pane('m1', { role: 'master' });
  const file = writeIn(
    tower.directory,
    'team.yaml',
    layoutText('team', [master, receiver('s1'), receiver('s2')]),
  );
  await tower.done('apply', '-f', file, '--wait');
  await theirs('new-session', '-d', '-s', 'work', '-x', '80', '-y', '24', 'cat');
  await theirs('split-window', '-t', 'work', 'cat');
});
afterAll(() => tower.stop());

const receiver = (name: string) =>
  pane(name, { command: ['sh', '-c', `exec cat >> ${inbox(name)}`] });
const inbox = (name: string): string => join(tower.directory, `${name}.inbox`);
const received = (name: string): string =>
  existsSync(inbox(name)) ? readFileSync(inbox(name), 'utf8') : '';

/** Runs tmux as a person would, on their own default server. */
function theirs(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('tmux', ['-f', '/dev/null', ...args], { env: tower.env }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}

/** All that could be changed about their server from outside, besides what is printed in it. */
async function fingerprint(): Promise<string> {
  const format =
    '#{pane_id} #{pane_pid} #{session_name}:#{window_index}.#{pane_index} #{pane_title} #{pane_width}x#{pane_height} #{pane_pipe} #{pane_dead} #{window_layout}';
  const parts = [
    await theirs('list-panes', '-a', '-F', format),
    await theirs('list-sessions'),
    await theirs('list-clients'),
    await theirs('list-buffers'),
    await theirs('show-options', '-g'),
    await theirs('show-options', '-s'),
    await theirs('show-options', '-t', 'work'),
    await theirs('show-hooks', '-g'),
    await theirs('show-options', '-w', '-t', 'work'),
    ...(tmuxSince('3.0')
      ? [
          await theirs('show-options', '-p', '-t', 'work:0.0'),
          await theirs('show-options', '-p', '-t', 'work:0.1'),
        ]
      : []),
  ];
  return parts.join('\n---\n');
}

const agents = async (): Promise<readonly AgentView[]> =>
  (await tower.call<{ agents: readonly AgentView[] }>('list_agents', { active_only: true })).agents;
const messages = async (params: object = {}): Promise<readonly MessageView[]> =>
  (await tower.call<{ rows: readonly MessageView[] }>('queue.list', { limit: 1_000, ...params }))
    .rows;
const agentOf = async (label: string): Promise<AgentView> => {
  const found = (await agents()).find((agent) => agent.label === label);
  if (found === undefined) throw new Error(`no active agent ${label}`);
  return found;
};
const send = (target: string, text: string, more: object = {}): Promise<SentView> =>
  tower.call<SentView>('queue.send_input', {
    target,
    body_bytes: Buffer.from(text).toString('base64'),
    as_operator: true,
    raw: true,
    wait_timeout_seconds: 60,
    ...more,
  });

describe('panes of two origins', () => {
  test('are agents of one list, and adopted ones stay as they are whatever we do', async () => {
    const before = await fingerprint();
    await tower.done('adopt', 'local', 'work:0.0', '--role', 'slave', '--label', 'theirs-a');
    await tower.done('adopt', 'local', 'work:0.1', '--label', 'theirs-b', '--capability', 'codex');
    const origins = (await agents()).map(({ label, origin }) => `${label} ${origin}`);
    expect(origins.toSorted()).toEqual([
      'team-m1 managed',
      'team-s1 managed',
      'team-s2 managed',
      'theirs-a adopted',
      'theirs-b adopted',
    ]);
    await tower.done('restart', 'layout/team/s2');
    await tower.done('wait', 'layout/team');
    await tower.restartDaemon('SIGTERM');
    await tower.restartDaemon('SIGKILL');
    expect(await fingerprint()).toBe(before);
    expect((await agents()).filter(({ origin }) => origin === 'adopted')).toHaveLength(2);
  });

  test('are told apart by get agents', async () => {
    const shown = await tower.done('get', 'agents');
    expect(shown).toMatch(/theirs-a.* adopted /);
    expect(shown).toMatch(/team-s1.* managed /);
  });

  test('an adopted agent keeps its id when its pane is moved, and loses it with its pane', async () => {
    const { agent_id: id, tmux_pane_id: paneId } = await agentOf('theirs-b');
    await theirs('rename-session', '-t', 'work', 'renamed');
    await theirs('break-pane', '-d', '-s', String(paneId));
    const again = JSON.parse(
      await tower.done(
        'adopt',
        'local',
        String(paneId),
        '--socket',
        socketOf(await agentOf('theirs-b')),
        '--json',
      ),
    ) as AgentView;
    expect(again).toMatchObject({ agent_id: id, label: 'theirs-b', tmux_session_name: 'renamed' });
    await theirs('kill-pane', '-t', String(paneId));
    await until(async () => (await agents()).every(({ agent_id }) => agent_id !== id), {
      timeoutMs: 20_000,
    });
    await theirs('rename-session', '-t', 'renamed', 'work');
  });

  test('a pane inside tmux registers itself', async () => {
    const {
      tmux_pane_id: paneId,
      tmux_socket_path: socket,
      agent_id: id,
    } = await agentOf('theirs-a');
    const env = { ...tower.env, TMUX: `${socket},1,0`, TMUX_PANE: String(paneId) };
    Object.assign(tower.env, env);
    try {
      const printed = await tower.done('register-self', '--capability', 'claude', '--json');
      expect(JSON.parse(printed)).toMatchObject({
        agent_id: id,
        capability: 'claude',
        label: 'theirs-a',
        created_or_reactivated: 'updated',
      });
    } finally {
      delete tower.env['TMUX'];
      delete tower.env['TMUX_PANE'];
    }
  });
});

const socketOf = (agent: AgentView): string => agent.tmux_socket_path;

describe('a prompt', () => {
  test('from the pane of a master reaches a slave with its envelope', async () => {
    const master = await agentOf('team-m1');
    const key = {
      tmux_socket_path: master.tmux_socket_path,
      tmux_pane_id: master.tmux_pane_id,
    };
    const sent = await send('team-s1', 'Review this.\nNow.', {
      as_operator: false,
      raw: false,
      caller_pane: { pane_composite_key: key },
    });
    expect(sent).toMatchObject({
      state: 'delivered',
      submission: 'submitted',
      waited_to_terminal: true,
    });
    await until(() => received('s1').endsWith('Now.\n'));
    expect(received('s1').split('\n')).toEqual([
      `Message-Id: ${sent.message_id}`,
      `From: ${master.agent_id} "team-m1" master [capability=unknown]`,
      expect.stringMatching(/^To: agt_[0-9a-f]{12} "team-s1" slave/),
      'Type: prompt',
      'Priority: normal',
      'Requires-Reply: yes',
      '',
      'Review this.',
      'Now.',
      '',
    ]);
  });

  test('reaches an adopted slave on the server of its owner', async () => {
    const sent = await send('theirs-a', 'hello over there');
    expect(sent).toMatchObject({ state: 'delivered', submission: 'submitted' });
    expect(await theirs('capture-pane', '-p', '-t', 'work:0.0')).toContain('hello over there');
    expect(await theirs('list-buffers')).toBe('');
  });

  test('is refused outside of a pane, and held back where it may not go', async () => {
    const refused = await tower.cli([
      'send-input',
      '--target',
      'team-s1',
      '--message',
      'x',
      '--json',
    ]);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'sender_not_in_pane' } });
    const blocked = await send('team-m1', 'x');
    expect(blocked).toMatchObject({ state: 'blocked', block_reason: 'target_role_not_permitted' });
  });

  test('waits while routing is off, and can be given up', async () => {
    await tower.done('routing', 'disable');
    const held = await send('team-s2', 'not now');
    expect(held).toMatchObject({ state: 'blocked', block_reason: 'kill_switch_off' });
    const refused = await tower.cli(['queue', 'approve', held.message_id, '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 'approval_not_applicable' },
    });
    await tower.done('routing', 'enable');
    await tower.done('queue', 'cancel', held.message_id);
    expect((await messages({ state: 'canceled' })).map(({ message_id }) => message_id)).toEqual([
      held.message_id,
    ]);
    expect(received('s2')).not.toContain('not now');
  });
});

test('what one slave prints reaches another, sent by the master, without anybody registering', async () => {
  const talker = pane('s3', {
    log: true,
    command: ['sh', '-c', 'while read -r line; do echo "$line"; done'],
  });
  const file = writeIn(tower.directory, 'talk.yaml', layoutText('talk', [talker]));
  await tower.done('apply', '-f', file, '--wait');
  const template = 'see to {source_label}: {event_excerpt}';
  const scope = ['--source-scope', 'role', '--source-scope-value', 'role:slave'];
  const target = ['--target-rule', 'explicit', '--target', 'team-s1'];
  const event = ['--event-type', 'test_failed'];
  await tower.done('route', 'add', ...event, ...scope, ...target, '--template', template);
  await send('talk-s3', 'FAILED tests/a.py::test_b');
  await until(() => received('s1').includes('see to talk-s3: FAILED tests/a.py::test_b'), {
    timeoutMs: 20_000,
  });
  const [routed] = await messages({ origin: 'route' });
  expect(routed).toMatchObject({
    sender: { label: 'team-m1', role: 'master' },
    target: { label: 'team-s1' },
    origin: 'route',
  });
  await tower.done('delete', 'layout/talk');
});

test('a prompt of 48 KiB goes through the command line byte for byte', async () => {
  const line = `"q" 'a' $(x) \`y\` \t tab 😀 #{pane_id} %H \\n`;
  const text = Array.from({ length: 48 * 17 }, (_, index) =>
    `${index} ${line}`.padEnd(60, '~'),
  ).join('\n');
  expect(Buffer.byteLength(text)).toBeGreaterThan(48 * 1024);
  const args = ['send-input', '--target', 'team-s1', '--message-file', '-', '--raw', '--operator'];
  const sent = await tower.cli(args, text);
  expect(sent).toMatchObject({ code: 0 });
  await until(() => received('s1').endsWith(`${text.slice(-200)}\n`), { timeoutMs: 20_000 });
  // A prompt of an earlier test may still come before it.
  expect(received('s1').slice(-(text.length + 1)) === `${text}\n`).toBe(true);
});

test(`${PROMPTS} prompts in a row arrive once each, in order, with the daemon killed in between`, {
  timeout: 60_000 + PROMPTS * 1_000,
}, async () => {
  const from = received('s2').length;
  const words = Array.from({ length: PROMPTS }, (_, index) => `prompt-${index}.`);
  for (const [index, word] of words.entries()) {
    await send('team-s2', word, { wait: false });
    if (index === Math.floor(PROMPTS / 2)) await tower.restartDaemon('SIGKILL');
  }
  await until(async () => (await messages({ state: 'queued' })).length === 0, {
    timeoutMs: 30_000 + PROMPTS * 800,
  });
  await until(() => received('s2').includes(`${words.at(-1)}\n`));
  const arrived =
    received('s2')
      .slice(from)
      .match(/prompt-\d+\./g) ?? [];
  expect(arrived).toEqual(words);
});

test.each(QUEUE_FAILPOINTS)(
  'a prompt whose daemon dies at %s arrives once, with its Enter, all the same',
  async (name) => {
    await tower.killDaemon('SIGTERM');
    tower.env['AGENTTOWER_FAILPOINTS'] = `${name}=kill:1`;
    await tower.startDaemon();
    delete tower.env['AGENTTOWER_FAILPOINTS'];
    const word = `at-${name}`;
    await send('team-s1', word, { wait: false }).catch(() => undefined);
    await until(async () => !(await isUp()), { timeoutMs: 20_000 });
    await tower.killDaemon();
    await tower.startDaemon();
    const message = await until(
      async () => {
        const found = (await messages()).find(({ excerpt }) => excerpt === word);
        return found?.state === 'queued' || found?.submission === 'pasted' ? undefined : found;
      },
      { timeoutMs: 20_000 },
    );
    expect(message).toMatchObject({ state: 'delivered', failure_reason: null });
    await until(() => received('s1').includes(`${word}\n`));
    expect(received('s1').split(word)).toHaveLength(2);
  },
);

async function isUp(): Promise<boolean> {
  return await tower.call('ping').then(
    () => true,
    () => false,
  );
}
