import { expect, onTestFinished, test } from 'vitest';
import { startDelivery } from '../../../src/agents/delivery-worker.ts';
import { enqueue } from '../../../src/agents/queue.ts';
import { HOST_OPERATOR } from '../../../src/domain/agents.ts';
import { realClock } from '../../support/real-tmux.ts';
import { until } from '../../support/until.ts';
import { fakeInput, insertAgent, openTestStore, queueDeps } from '../fixture.ts';

test.each([
  [true, 'submitted'],
  [false, 'uncertain'],
])(
  'a prompt of which the screen shows nothing, and the agent says %j, is %s',
  async (isReceived, submission) => {
    const store = openTestStore();
    const target = insertAgent(store, {});
    const blank = { text: '0\n', cursorX: 0, cursorY: 0 };
    const asked: string[] = [];
    const worker = startDelivery({
      ...queueDeps(store),
      clock: { ...realClock, sleep: async () => {} },
      input: { ...fakeInput(), screen: () => Promise.resolve(blank) },
      isReceived: ({ body }) => {
        asked.push(body);
        return isReceived;
      },
      pass: async () => {},
      onProblem: (error) => {
        throw error;
      },
    });
    onTestFinished(() => worker.stop());
    const { id } = enqueue(
      { sender: HOST_OPERATOR, target, body: 'hello', raw: true },
      queueDeps(store),
    );
    await until(() => store.messages.message(id)?.submission === submission);
    expect(asked).toEqual(['hello']);
  },
);
