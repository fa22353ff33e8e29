import { describe, expect, test } from 'vitest';
import { refuse } from '../../../src/domain/errors.ts';
import { type FakeOptions, run } from './fake-world.ts';

const env = { TMUX: '/tmp/tmux-1/default,7,0', TMUX_PANE: '%3' };
const key = { tmux_socket_path: '/tmp/tmux-1/default', tmux_pane_id: '%3' };
const hears = (answer: object): NonNullable<FakeOptions['daemon']> => ({
  'agent.hook': () => answer,
});
const heard = { agent_id: 'agt_1', state: 'idle' };

describe('hook', () => {
  test('tells the daemon of its own pane, in words, and prints nothing', async () => {
    const stdin = JSON.stringify({
      session_id: 'abc-1',
      tool_name: 'Bash',
      tool_input: { command: 'cat /etc/passwd' },
    });
    const outcome = await run(['hook', 'PreToolUse'], { env, stdin, daemon: hears(heard) });
    expect(outcome).toMatchObject({ exitCode: 0, out: '', err: '' });
    const params = { pane_composite_key: key, event: 'PreToolUse', tool: 'Bash', session: 'abc-1' };
    expect(outcome.calls).toEqual([['agent.hook', params]]);
  });

  test('tells of a prompt by its digest and our id', async () => {
    const id = '1f0c9c1e-7a52-4a8e-9a0e-3f1f3c1d2b4a';
    const stdin = JSON.stringify({ prompt: `Message-Id: ${id}\n\nsecret` });
    const { calls } = await run(['hook', 'UserPromptSubmit'], { env, stdin, daemon: hears(heard) });
    expect(calls[0]?.[1]).toMatchObject({ prompt: { message_id: id } });
    expect(JSON.stringify(calls)).not.toContain('secret');
  });

  test('takes what codex says as its last word', async () => {
    const said = '{"type":"agent-turn-complete","input-messages":["x"]}';
    const { calls } = await run(['hook', 'notify', said], { env, daemon: hears(heard) });
    expect(calls[0]?.[1]).toMatchObject({ event: 'notify', notification: 'agent-turn-complete' });
  });

  const failures: readonly (readonly [string, FakeOptions])[] = [
    ['nobody answers', { env, isRunning: false }],
    ['it is no tmux pane', {}],
    ['the daemon is an older one', { env }],
    [
      'the daemon fails',
      {
        env,
        daemon: {
          'agent.hook': () => {
            throw refuse('internal_error', 'the daemon failed', {});
          },
        },
      },
    ],
    ['its input is no JSON', { env, stdin: '{', daemon: hears(heard) }],
  ];
  test.each(failures)('never disturbs the agent when %s', async (_when, options) => {
    expect(await run(['hook', 'Stop'], options)).toMatchObject({ exitCode: 0, out: '', err: '' });
  });

  test.each([
    [heard, 'told: agent/agt_1 is idle\n'],
    [
      { agent_id: null, state: null },
      'told, but this pane is no agent: agenttower register-self\n',
    ],
  ])('says what came of it where that is asked for: %j', async (answer, err) => {
    const outcome = await run(['hook', 'Stop', '--verbose'], { env, daemon: hears(answer) });
    expect(outcome).toMatchObject({ exitCode: 0, out: '', err });
  });

  test('has help like every command', async () => {
    expect((await run(['hook', '--help'])).out).toContain('agenttower hook Stop');
  });
});
