import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { toHookReport } from '../../../src/agents/state/hook-report.ts';
import { openStateKeeper, type StateKeeper } from '../../../src/agents/state/keeper.ts';
import type { Capability } from '../../../src/domain/agents.ts';
import type { AgentId } from '../../../src/domain/ids.ts';
import type { LogEventType } from '../../../src/domain/log-events.ts';
import { openMemoryStore } from '../../../src/drivers/store/memory-store.ts';
import type { OpenStore } from '../../../src/drivers/store/open-store.ts';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.ts';
import { insertAgent } from '../fixture.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WORKING = '✻ Cogitating… (12s · esc to interrupt)\n';
const PROMPT = `${'─'.repeat(40)}\n❯ \n${'─'.repeat(40)}\n`;

let clock: VirtualClock;
let store: OpenStore;
let keeper: StateKeeper;
let screens: Map<string, string>;
let ended: Set<string>;
let looks: number;

function startKeeper(): StateKeeper {
  return openStateKeeper({
    store,
    clock,
    screen: (agent) => {
      looks += 1;
      return Promise.resolve(screens.get(agent));
    },
    hasEnded: ({ agentId }) => ended.has(agentId),
  });
}

beforeEach(() => {
  clock = virtualClock(1_000_000_000_000);
  store = openMemoryStore({ clock, uuid: () => crypto.randomUUID() });
  onTestFinished(() => store.close());
  screens = new Map();
  ended = new Set();
  looks = 0;
  keeper = startKeeper();
});

const newAgent = (capability: Capability = 'claude'): AgentId =>
  insertAgent(store, { role: 'slave', label: 'reviewer', capability }).agentId;
const hear = (agent: AgentId, event: string, said: object = {}) =>
  keeper.hear(agent, toHookReport(event, JSON.stringify(said)));
const stateOf = (agent: AgentId) => store.states.stateOf(agent);
const changes = () =>
  store
    .eventsAfter(0, 1_000)
    .filter(({ type }) => type === 'agent_state_changed')
    .map(({ payload }) => `${String(payload['prev_state'])} -> ${String(payload['new_state'])}`);
function tellOfLog(agentId: AgentId, type: LogEventType, excerpt = ''): void {
  const span = { byte_range_start: 0, byte_range_end: 0, line_offset_start: 0, line_offset_end: 0 };
  const payload = { ...span, attachment_id: 'a', log_path: '/l', rule_id: `${type}.v1`, excerpt };
  store.transact((tx) =>
    tx.emit({ type, actor: 'daemon', agentId, payload: { ...payload, debounce: null } }),
  );
}
/** A prompt of which nobody could tell whether it was taken. */
function insertUncertain(agentId: AgentId): string {
  const id = crypto.randomUUID();
  const target = store.registry.agent(agentId);
  if (target === undefined) throw new Error('no such agent');
  const sender = { id: 'host-operator', label: '', role: 'master' } as const;
  const text = { body: 'Review it.', raw: false, sizeBytes: 10, excerpt: '' };
  store.transact((tx) => {
    tx.insertMessage({ id, state: 'queued', sender, target, ...text });
    tx.updateMessage(id, { state: 'delivered', deliveredAt: 1, submission: 'uncertain' });
  });
  return id;
}
/** As the daemon passes: again and again, until what flickers has settled. */
async function pass(forMs = 3 * SECOND): Promise<void> {
  for (let ms = 0; ms <= forMs; ms += SECOND) {
    await keeper.pass();
    await clock.advance(SECOND);
  }
}

describe('hooks', () => {
  test('are told of at once, one event for each change', () => {
    const agent = newAgent();
    hear(agent, 'UserPromptSubmit', { prompt: 'x' });
    hear(agent, 'PreToolUse', { tool_name: 'Bash' });
    hear(agent, 'PostToolUse', { tool_name: 'Bash' });
    hear(agent, 'Notification', { notification_type: 'permission_prompt' });
    hear(agent, 'Stop');
    expect(changes()).toEqual([
      'unknown -> working',
      'working -> waiting_for_input',
      'waiting_for_input -> idle',
    ]);
    expect(stateOf(agent)).toMatchObject({ state: 'idle', source: 'hook', detail: 'Stop' });
  });

  test('keep the moment a state began, however often it is confirmed', async () => {
    const agent = newAgent();
    hear(agent, 'UserPromptSubmit', { prompt: 'x' });
    const since = stateOf(agent)?.since;
    await clock.advance(MINUTE);
    hear(agent, 'PostToolUse', { tool_name: 'Bash' });
    expect(stateOf(agent)).toMatchObject({ state: 'working', since });
  });

  test('survive a restart of the daemon, and are not told of again', async () => {
    const agent = newAgent();
    hear(agent, 'PermissionRequest', { tool_name: 'Bash' });
    keeper = startKeeper();
    await pass();
    expect(stateOf(agent)).toMatchObject({ state: 'waiting_for_input', confidence: 'high' });
    expect(changes()).toHaveLength(1);
  });

  test('of a pane that becomes an agent soon are not lost, in the order they came in', async () => {
    let agent: AgentId | undefined;
    const early = (event: string) => keeper.hearEarly(() => agent, toHookReport(event, ''));
    early('UserPromptSubmit');
    early('Stop');
    await pass();
    agent = newAgent();
    await pass();
    expect(changes()).toEqual(['unknown -> working', 'working -> idle']);
  });

  test('that came early do not undo what came since', async () => {
    let agent: AgentId | undefined;
    keeper.hearEarly(() => agent, toHookReport('SessionStart', ''));
    await clock.advance(SECOND);
    agent = newAgent();
    hear(agent, 'UserPromptSubmit', { prompt: 'x' });
    await pass();
    expect(stateOf(agent)?.state).toBe('working');
  });

  test('of a pane that becomes an agent much later are not its own', async () => {
    let agent: AgentId | undefined;
    keeper.hearEarly(() => agent, toHookReport('Stop', ''));
    await clock.advance(2 * MINUTE);
    agent = newAgent();
    await pass();
    expect(stateOf(agent)?.state ?? 'unknown').toBe('unknown');
  });

  test('of nobody we know are taken for nothing', () => {
    expect(hear('agt_000000000000' as AgentId, 'Stop')).toBeUndefined();
  });
});

describe('an agent without hooks', () => {
  test('works while its log grows, and the screen tells what it does when that stops', async () => {
    const agent = newAgent();
    tellOfLog(agent, 'activity');
    await pass();
    expect(stateOf(agent)).toMatchObject({ state: 'working', source: 'log', confidence: 'low' });
    expect(looks).toBe(0);
    screens.set(agent, PROMPT);
    tellOfLog(agent, 'long_running');
    await pass(20 * SECOND);
    expect(stateOf(agent)).toMatchObject({ state: 'idle', source: 'screen', confidence: 'medium' });
    expect(looks).toBe(1);
  });

  test('is not idle because a rule found nothing on a screen that looks new', async () => {
    const agent = newAgent();
    screens.set(agent, 'a new look\n');
    await keeper.look(agent);
    expect(stateOf(agent)?.state ?? 'unknown').toBe('unknown');
  });

  test('that flickers is told of once it has settled', async () => {
    const agent = newAgent();
    hear(agent, 'UserPromptSubmit', { prompt: 'x' });
    await clock.advance(10 * MINUTE);
    screens.set(agent, PROMPT);
    tellOfLog(agent, 'completed');
    await keeper.pass();
    expect(stateOf(agent)?.state).toBe('working');
    await pass();
    expect(changes()).toEqual(['unknown -> working', 'working -> idle']);
  });

  test('that waits is not idle because it is silent', async () => {
    const agent = newAgent('shell');
    tellOfLog(agent, 'waiting_for_input');
    await pass();
    tellOfLog(agent, 'long_running');
    await pass();
    expect(stateOf(agent)?.state).toBe('waiting_for_input');
  });

  test('of whom nobody says anything is unknown, which is no event', async () => {
    const agent = newAgent('shell');
    await pass();
    expect(stateOf(agent)).toMatchObject({ state: 'unknown', confidence: 'low' });
    expect(changes()).toEqual([]);
  });

  test('that hit a limit is told by its error', async () => {
    const agent = newAgent('shell');
    tellOfLog(agent, 'error', 'Error: usage limit reached');
    await pass();
    expect(stateOf(agent)?.state).toBe('rate_limited');
  });

  test('that nothing is heard of becomes unknown', async () => {
    const agent = newAgent('shell');
    tellOfLog(agent, 'activity');
    await pass();
    await clock.advance(MINUTE);
    await pass();
    expect(stateOf(agent)?.state).toBe('unknown');
  });
});

test('a screen that does not answer holds up nobody else, and is heard when it does', async () => {
  const [hanging, well] = [newAgent(), newAgent()];
  let answer: (text: string) => void = () => undefined;
  const late = new Promise<string>((resolve) => {
    answer = resolve;
  });
  keeper = openStateKeeper({
    store,
    clock,
    screen: (agent) => (agent === hanging ? late : Promise.resolve(PROMPT)),
    hasEnded: () => false,
  });
  for (const agent of [hanging, well]) tellOfLog(agent, 'waiting_for_input');
  const passing = keeper.pass();
  await clock.advance(SECOND);
  await passing;
  await clock.advance(3 * SECOND);
  await keeper.pass();
  expect(stateOf(well)).toMatchObject({ state: 'idle', source: 'screen' });
  expect(stateOf(hanging)?.source).not.toBe('screen');
  answer(PROMPT);
  await clock.advance(3 * SECOND);
  await keeper.pass();
  await clock.advance(3 * SECOND);
  await keeper.pass();
  expect(stateOf(hanging)).toMatchObject({ state: 'idle', source: 'screen' });
});

test('a turn that was interrupted, of which no hook tells, is seen on the screen', async () => {
  const agent = newAgent();
  hear(agent, 'UserPromptSubmit', { prompt: 'x' });
  screens.set(agent, PROMPT);
  await clock.advance(2 * MINUTE);
  await pass();
  expect(stateOf(agent)).toMatchObject({ state: 'idle', source: 'screen' });
});

test('a turn that takes long without a hook keeps working as the screen shows', async () => {
  const agent = newAgent();
  hear(agent, 'PreToolUse', { tool_name: 'Bash' });
  screens.set(agent, WORKING);
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(MINUTE);
    await pass();
    expect(stateOf(agent)?.state).toBe('working');
  }
  expect(changes()).toEqual(['unknown -> working']);
  expect(looks).toBeLessThanOrEqual(11);
});

describe('the end of a process', () => {
  test('decides whatever the hooks said, and what they said is not of the next one', async () => {
    const agent = newAgent();
    hear(agent, 'UserPromptSubmit', { prompt: 'x' });
    ended.add(agent);
    await keeper.pass();
    expect(stateOf(agent)).toMatchObject({
      state: 'exited',
      source: 'process',
      confidence: 'high',
    });
    ended.delete(agent);
    store.transact((tx) => tx.updateAgent(agent, { active: true }));
    await keeper.pass();
    expect(stateOf(agent)?.state).toBe('unknown');
  });

  test('is told of once an agent is not active any more', async () => {
    const agent = newAgent();
    hear(agent, 'Stop');
    store.transact((tx) => tx.updateAgent(agent, { active: false }));
    await pass();
    expect(changes()).toEqual(['unknown -> idle', 'idle -> exited']);
  });
});

test('a prompt that nobody was certain of is submitted once the agent says that it took it', async () => {
  const agent = newAgent();
  const id = insertUncertain(agent);
  hear(agent, 'UserPromptSubmit', { prompt: `Message-Id: ${id}\nTo: x\n\nReview it.` });
  await keeper.pass();
  expect(store.messages.message(id)?.submission).toBe('submitted');
  expect(store.states.lastPrompt(agent)).toMatchObject({ messageId: id });
});
