import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDelivery } from '../../src/agents/delivery-worker.ts';
import { approve, approveConfirmed, cancel, delay } from '../../src/agents/operate-queue.ts';
import type { MessagePatch, RegisteredAgent, Trace } from '../../src/agents/ports.ts';
import { enqueue, resolveTarget } from '../../src/agents/queue.ts';
import { switchRouting } from '../../src/agents/routing-switch.ts';
import { HOST_OPERATOR } from '../../src/domain/agents.ts';
import type { OpenStore } from '../../src/drivers/store/open-store.ts';
import { realClock } from '../support/real-tmux.ts';
import { until } from '../support/until.ts';
import { type FakeInput, fakeInput, insertAgent, openTestStore, queueDeps } from './fixture.ts';

const refused = (code: string) => expect.objectContaining({ code }) as Error;
const send = (store: OpenStore, target: RegisteredAgent, body: string) =>
  enqueue({ sender: HOST_OPERATOR, target, body, raw: true }, queueDeps(store));
const state = (store: OpenStore, id: string) => store.messages.message(id)?.state;

function startWorker(store: OpenStore, input: FakeInput): void {
  const worker = startDelivery({
    ...queueDeps(store),
    clock: { ...realClock, sleep: async () => {} },
    input,
    pass: async () => {},
    onProblem: (error) => {
      throw error;
    },
  });
  onTestFinished(() => worker.stop());
}

describe('the worker', () => {
  test('delivers in order, each with one paste and one Enter, and says it was taken', async () => {
    const store = openTestStore();
    const input = fakeInput();
    const target = insertAgent(store, {});
    startWorker(store, input);
    const ids = ['a', 'b', 'c'].map((body) => send(store, target, body).id);
    await until(() => ids.every((id) => store.messages.message(id)?.submission === 'submitted'));
    const pane = target.tmuxPaneId;
    expect(input.typed).toEqual(
      ['a', 'b', 'c'].flatMap((body) => [`${pane} ${body}`, `${pane} <Enter>`]),
    );
  });

  test('forgets the text of what is settled, and keeps that of what waits', async () => {
    const store = openTestStore();
    const target = insertAgent(store, {});
    const { id } = send(store, target, 'my password');
    expect(store.messages.message(id)?.body).toBe('my password');
    startWorker(store, fakeInput());
    await until(() => state(store, id) === 'delivered');
    expect(store.messages.message(id)).toMatchObject({
      body: '',
      bodySha256: 'bb14292d91c6d0920a5536bb41f3a50f66351b7b9d94c804dfce8a96ca1051f2',
    });
  });

  test('lets no slow pane hold up another', async () => {
    const store = openTestStore();
    const [slow, quick] = [insertAgent(store, {}), insertAgent(store, {})];
    const held = new AbortController();
    const released = once(held.signal, 'abort');
    const input = fakeInput(async (_step, target) => {
      if (target.pane === slow.tmuxPaneId) await released;
      return { kind: 'done' };
    });
    startWorker(store, input);
    const waiting = send(store, slow, 'slow').id;
    const done = send(store, quick, 'quick').id;
    await until(() => state(store, done) === 'delivered');
    expect(state(store, waiting)).toBe('queued');
    held.abort();
    await until(() => state(store, waiting) === 'delivered');
  });

  test.each([
    ['refused', 'pane_disappeared_mid_attempt', undefined],
    ['error', 'tmux_paste_failed', undefined],
    ['unknown', 'attempt_interrupted', 'uncertain'],
  ] as const)(
    'a paste that is %s fails with %s and is not tried again',
    async (kind, reason, how) => {
      const store = openTestStore();
      const input = fakeInput(() => ({ kind, message: 'no' }));
      const target = insertAgent(store, {});
      startWorker(store, input);
      const { id } = send(store, target, 'x');
      await until(() => state(store, id) === 'failed');
      expect(store.messages.message(id)).toMatchObject({ failureReason: reason });
      expect(store.messages.message(id)?.submission).toBe(how);
      const asked = `${target.tmuxPaneId} ?`;
      expect(input.typed.filter((step) => step !== asked)).toEqual([`${target.tmuxPaneId} x`]);
    },
  );

  test('a paste into a line that holds a prompt already is held back until a person says it is clear', async () => {
    const store = openTestStore();
    let isOccupied = true;
    const input = fakeInput((step) =>
      step === 'paste' && isOccupied ? { kind: 'occupied' } : { kind: 'done' },
    );
    startWorker(store, input);
    const { id } = send(store, insertAgent(store, {}), 'x');
    await until(() => state(store, id) === 'blocked');
    expect(store.messages.message(id)).toMatchObject({ blockReason: 'target_line_occupied' });
    const clearLine = async () => {
      isOccupied = false;
      return true;
    };
    const deaf = { ...queueDeps(store), clearLine: async () => false };
    await expect(approveConfirmed(id, 'me', deaf)).rejects.toThrow(
      refused('approval_not_applicable'),
    );
    await approveConfirmed(id, 'me', { ...queueDeps(store), clearLine });
    await until(() => state(store, id) === 'delivered');
  });

  test('an Enter that fails is told, and the paste is not repeated', async () => {
    const store = openTestStore();
    const input = fakeInput((step) =>
      step === 'paste' ? { kind: 'done' } : { kind: 'error', message: 'no' },
    );
    startWorker(store, input);
    const { id } = send(store, insertAgent(store, {}), 'x');
    await until(() => state(store, id) === 'failed');
    expect(store.messages.message(id)).toMatchObject({
      failureReason: 'tmux_send_keys_failed',
      submission: 'pasted',
    });
  });

  test('picks nothing up while routing is off, and goes on when it is on again', async () => {
    const store = openTestStore();
    const target = insertAgent(store, {});
    const { id } = send(store, target, 'x');
    switchRouting('disabled', 'me', store);
    const input = fakeInput();
    startWorker(store, input);
    const other = send(store, target, 'y');
    expect(other).toMatchObject({ state: 'blocked', blockReason: 'kill_switch_off' });
    switchRouting('enabled', 'me', store);
    await until(() => state(store, id) === 'delivered');
    expect(input.typed[0]).toContain(' x');
    expect(state(store, other.id)).toBe('blocked');
  });

  test('blocks what waits for an agent that has gone', async () => {
    const store = openTestStore();
    const target = insertAgent(store, {});
    const { id } = send(store, target, 'x');
    store.transact((tx) => tx.updateAgent(target.agentId, { active: false }));
    const input = fakeInput();
    startWorker(store, input);
    await until(() => state(store, id) === 'blocked');
    expect(store.messages.message(id)?.blockReason).toBe('target_not_active');
    expect(input.typed).toEqual([]);
  });
});

/** A message whose attempt began at `begunAt`, and another that waits behind it. */
function begun(begunAt: number, patch: MessagePatch = {}) {
  const store = openTestStore();
  const target = insertAgent(store, {});
  const [first = '', second = ''] = ['a', 'b'].map((body) => send(store, target, body).id);
  store.transact((tx) => tx.updateMessage(first, { attemptStartedAt: begunAt, ...patch }));
  const of = (step: string) => `${target.tmuxPaneId} ${step}`;
  return { store, first, second, of };
}

/** What is typed until the waiting one is through, when tmux says `trace` of the other. */
const recover = async (rig: ReturnType<typeof begun>, trace: Trace) => {
  const input = fakeInput(() => ({ kind: 'done' }), trace);
  startWorker(rig.store, input);
  await until(() => rig.store.messages.message(rig.second)?.submission === 'submitted');
  return input.typed;
};

describe('after a crash', () => {
  const PASTED = { submission: 'pasted' } as const;

  test('what stands in the line gets its Enter, and nothing else is pasted before', async () => {
    const rig = begun(Date.now());
    const typed = await recover(rig, 'pasted');
    expect(typed).toEqual(['?', '<Enter>', 'b', '<Enter>'].map(rig.of));
    expect(rig.store.messages.message(rig.first)).toMatchObject({ state: 'delivered' });
  });

  test('what was never pasted, and never will be, is delivered in its turn', async () => {
    const rig = begun(Date.now());
    const typed = await recover(rig, 'sealed');
    expect(typed).toEqual(['?', 'a', '<Enter>', 'b', '<Enter>'].map(rig.of));
  });

  test('what was pasted and stands there no more was entered', async () => {
    const rig = begun(Date.now(), PASTED);
    const typed = await recover(rig, 'sealed');
    expect(typed).toEqual(['?', 'b', '<Enter>'].map(rig.of));
    expect(rig.store.messages.message(rig.first)).toMatchObject({
      state: 'delivered',
      submission: 'uncertain',
    });
  });

  test.each([
    ['stands in the line for too long', 'pasted', 1],
    ['may be pasted late', 'free', Date.now()],
    ['nobody can tell of', 'unknown', Date.now()],
  ] as const)('what %s is failed and never sent again', async (_what, trace, begunAt) => {
    const rig = begun(begunAt);
    const typed = await recover(rig, trace);
    expect(typed.filter((step) => step !== rig.of('?'))).toEqual(['b', '<Enter>'].map(rig.of));
    expect(rig.store.messages.message(rig.first)).toMatchObject({
      state: 'failed',
      failureReason: 'attempt_interrupted',
      submission: 'uncertain',
    });
  });

  test('what was entered, and was not seen to be taken, is uncertain', async () => {
    const rig = begun(1, { ...PASTED, state: 'delivered', deliveredAt: 2 });
    await recover(rig, 'unknown');
    expect(rig.store.messages.message(rig.first)).toMatchObject({
      state: 'delivered',
      submission: 'uncertain',
    });
  });
});

describe('an operator', () => {
  test('delays, approves and cancels, and the audit tells', () => {
    const store = openTestStore();
    const deps = queueDeps(store);
    const { id } = send(store, insertAgent(store, {}), 'x');
    expect(delay(id, 'me', deps)).toMatchObject({
      state: 'blocked',
      blockReason: 'operator_delayed',
      operator: { action: 'delayed', by: 'me' },
    });
    expect(() => delay(id, 'me', deps)).toThrow(refused('delay_not_applicable'));
    expect(approve(id, 'me', deps).state).toBe('queued');
    expect(() => approve(id, 'me', deps)).toThrow(refused('approval_not_applicable'));
    expect(cancel(id, 'me', deps).state).toBe('canceled');
    expect(() => cancel(id, 'me', deps)).toThrow(refused('terminal_state_cannot_change'));
    expect(store.eventsAfter(0, 9).map(({ type }) => type)).toEqual([
      'queue_message_enqueued',
      'queue_message_delayed',
      'queue_message_approved',
      'queue_message_canceled',
    ]);
  });

  test('cannot approve what would be blocked again at once, nor what was never permitted', () => {
    const store = openTestStore();
    const deps = queueDeps(store);
    const target = insertAgent(store, {});
    const shell = insertAgent(store, { role: 'shell' });
    switchRouting('disabled', 'me', store);
    const held = send(store, target, 'x');
    expect(() => approve(held.id, 'me', deps)).toThrow(refused('approval_not_applicable'));
    switchRouting('enabled', 'me', store);
    expect(approve(held.id, 'me', deps).state).toBe('queued');
    const never = send(store, shell, 'x');
    expect(never.blockReason).toBe('target_role_not_permitted');
    expect(() => approve(never.id, 'me', deps)).toThrow(refused('approval_not_applicable'));
  });

  test('cannot touch what is being pasted', () => {
    const store = openTestStore();
    const deps = queueDeps(store);
    const { id } = send(store, insertAgent(store, {}), 'x');
    store.transact((tx) => tx.updateMessage(id, { attemptStartedAt: 1 }));
    expect(() => cancel(id, 'me', deps)).toThrow(refused('delivery_in_progress'));
    expect(() => cancel('none', 'me', deps)).toThrow(refused('message_id_not_found'));
  });
});

test('a target is an id, or a label that only one active agent has', () => {
  const store = openTestStore();
  const [one, two] = [insertAgent(store, { label: 'twin' }), insertAgent(store, { label: 'twin' })];
  expect(resolveTarget(one.agentId, store).agentId).toBe(one.agentId);
  expect(() => resolveTarget('twin', store)).toThrow(refused('target_label_ambiguous'));
  expect(() => resolveTarget('nobody', store)).toThrow(refused('agent_not_found'));
  store.transact((tx) => tx.updateAgent(two.agentId, { active: false }));
  expect(resolveTarget('twin', store).agentId).toBe(one.agentId);
});
