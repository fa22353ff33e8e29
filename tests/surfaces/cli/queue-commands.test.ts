import { describe, expect, test } from 'vitest';
import type { SentView } from '../../../src/surfaces/api/agent-protocol.ts';
import { run } from './fake-world.ts';

const END = { agent_id: 'agt_a', label: 'one', role: 'slave', capability: null };
const sent = (changes: Partial<SentView> = {}): SentView => ({
  message_id: 'm-1',
  state: 'delivered',
  block_reason: null,
  failure_reason: null,
  submission: 'submitted',
  sender: { ...END, agent_id: 'host-operator', label: 'host-operator', role: 'master' },
  target: END,
  envelope_size_bytes: 12,
  envelope_body_sha256: '0',
  enqueued_at: '2026-01-02T11:59:00.000000Z',
  delivery_attempt_started_at: null,
  delivered_at: null,
  failed_at: null,
  canceled_at: null,
  last_updated_at: '2026-01-02T11:59:00.000000Z',
  operator_action: null,
  operator_action_at: null,
  operator_action_by: null,
  origin: 'direct',
  route_id: null,
  event_id: null,
  excerpt: 'do\u001b[2J it',
  waited_to_terminal: true,
  ...changes,
});
const SEND = ['send-input', '--target', 'one', '--message', 'hé\n'];

describe('send-input', () => {
  test('says which pane it is sent from', async () => {
    const outcome = await run(SEND, {
      env: { TMUX: '/s,1,0', TMUX_PANE: '%2' },
      daemon: { 'queue.send_input': () => sent() },
    });
    expect(outcome.calls).toEqual([
      [
        'queue.send_input',
        {
          target: 'one',
          body_bytes: Buffer.from('hé\n').toString('base64'),
          wait: true,
          wait_timeout_seconds: 10,
          caller_pane: { pane_composite_key: { tmux_socket_path: '/s', tmux_pane_id: '%2' } },
        },
      ],
    ]);
    expect([outcome.exitCode, outcome.out]).toEqual([
      0,
      'message/m-1 to one: delivered (submitted)\n',
    ]);
  });

  test('as the operator leaves the pane out', async () => {
    const outcome = await run([...SEND, '--operator', '--raw', '--no-wait'], {
      env: { TMUX: '/s,1,0', TMUX_PANE: '%2' },
      daemon: { 'queue.send_input': () => sent() },
    });
    expect(outcome.calls[0]?.[1]).toMatchObject({ as_operator: true, raw: true, wait: false });
    expect(outcome.calls[0]?.[1]).not.toHaveProperty('caller_pane');
  });

  test.each([
    [6, { state: 'blocked', block_reason: 'target_not_active', submission: null }],
    [1, { state: 'failed', failure_reason: 'attempt_interrupted', submission: 'uncertain' }],
    [1, { state: 'canceled', submission: null }],
    [124, { state: 'queued', submission: null, waited_to_terminal: false }],
    [0, { submission: 'uncertain' }],
  ])('ends with %i for %j', async (code, changes) => {
    const outcome = await run(SEND, { daemon: { 'queue.send_input': () => sent(changes) } });
    expect(outcome.exitCode).toBe(code);
    expect(outcome.err.includes('look before you send it again')).toBe(code === 0);
  });

  test.each([[['--message', 'a', '--message-file', '-']], [[]]])(
    'takes exactly one prompt, not %j',
    async (words) => {
      const outcome = await run(['send-input', '--target', 'one', ...words]);
      expect([outcome.exitCode, outcome.calls]).toEqual([3, []]);
    },
  );
});

test('queue alone lists, and shows nothing a terminal would obey', async () => {
  const outcome = await run(['queue', '--state', 'delivered'], {
    daemon: { 'queue.list': () => ({ rows: [sent()] }) },
    columns: 200,
  });
  expect(outcome.calls).toEqual([['queue.list', { state: 'delivered' }]]);
  expect(outcome.out).toMatch(/^MESSAGE .*EXCERPT\nm-1 .* do it\n$/s);
});

test.each(['approve', 'delay', 'cancel'])('queue %s asks for one message', async (word) => {
  const outcome = await run(['queue', word, 'm-1'], {
    daemon: { [`queue.${word}`]: () => sent({ state: 'queued', submission: null }) },
  });
  expect(outcome.calls).toEqual([[`queue.${word}`, { message_id: 'm-1' }]]);
  expect(outcome.out).toBe('message/m-1 to one: queued\n');
});

test('routing says whether anything changed', async () => {
  const change = { current_value: 'disabled', changed: false };
  const outcome = await run(['routing', 'disable'], {
    daemon: { 'routing.disable': () => change },
  });
  expect(outcome.out).toBe('routing is disabled already\n');
});
