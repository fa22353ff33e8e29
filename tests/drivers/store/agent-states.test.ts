import { beforeEach, expect, test } from 'vitest';
import type { AgentEvidence } from '../../../src/agents/state/ports.ts';
import type { AgentId } from '../../../src/domain/ids.ts';
import { newLayout, newPane, newSlot, paneId, type TestStore, testStore } from './rows.ts';

const AGENT = 'agt_one' as AgentId;
let opened: TestStore;
const transact: TestStore['store']['transact'] = (write) => opened.store.transact(write);
const states = () => opened.store.states;
const said = (changes: Partial<AgentEvidence> = {}): AgentEvidence => ({
  agentId: AGENT,
  source: 'hook',
  state: 'working',
  at: 5,
  detail: 'PreToolUse Bash',
  ...changes,
});

beforeEach(() => {
  opened = testStore();
  transact((tx) => {
    tx.insertLayout(newLayout('web'));
    tx.insertSlot(newSlot('web', 'm1'));
    tx.insertPane(newPane('web/m1', 'one'));
    tx.registerAgent(paneId('one'));
  });
});

test('of each source the newest evidence is kept', () => {
  const log = said({ source: 'log', state: 'idle', at: 7, detail: 'x', eventSeq: 42 });
  transact((tx) => {
    tx.recordEvidence(said());
    tx.recordEvidence(log);
    tx.recordEvidence(said({ state: 'idle', at: 6 }));
  });
  expect(states().evidenceOf(AGENT)).toEqual([log, said({ state: 'idle', at: 6 })]);
  expect(states().logSeq()).toBe(42);
  transact((tx) => tx.dropEvidence(AGENT, 'log'));
  expect(states().evidenceOf(AGENT)).toHaveLength(1);
});

test('a state is kept with all that is known of it, or with nothing', () => {
  const known = {
    state: 'idle',
    source: 'hook',
    confidence: 'high',
    at: 5,
    detail: 'Stop',
  } as const;
  transact((tx) => tx.recordState(AGENT, { ...known, since: 3 }));
  expect(states().stateOf(AGENT)).toEqual({ ...known, since: 3 });
  const unknown = { state: 'unknown', confidence: 'low', detail: '', since: 9 } as const;
  transact((tx) => tx.recordState(AGENT, unknown));
  expect(states().states()).toEqual(new Map([[AGENT, unknown]]));
});

test('an agent is watched until its end has been told', () => {
  const ended = { state: 'exited', confidence: 'high', detail: '', since: 9 } as const;
  expect(states().watched()).toMatchObject([{ agentId: AGENT, active: true, paneId: 'pane-one' }]);
  transact((tx) => {
    tx.recordState(AGENT, { ...ended, state: 'idle' });
    tx.updateAgent(AGENT, { active: false });
  });
  expect(states().watched()).toMatchObject([{ agentId: AGENT, active: false }]);
  transact((tx) => tx.recordState(AGENT, ended));
  expect(states().watched()).toEqual([]);
});

test('the newest prompt an agent took is known by its mark', () => {
  const sha256 = 'a'.repeat(64);
  transact((tx) => {
    tx.recordPrompt(AGENT, { at: 5, sha256, messageId: 'm' });
    tx.recordPrompt(AGENT, { at: 6, sha256 });
  });
  expect(states().lastPrompt(AGENT)).toEqual({ at: 6, sha256 });
});

test('evidence of nobody is refused', () => {
  expect(() => transact((tx) => tx.recordEvidence(said({ agentId: 'agt_x' as AgentId })))).toThrow(
    /FOREIGN KEY/,
  );
});

test('of what logs told, the newest of each agent is news once', () => {
  const span = { byte_range_start: 0, byte_range_end: 0, line_offset_start: 0, line_offset_end: 0 };
  const told = { ...span, attachment_id: 'a', log_path: '/l', debounce: null };
  transact((tx) => {
    const payload = { ...told, rule_id: 'activity.v1', excerpt: 'one' };
    tx.emit({ type: 'activity', actor: 'daemon', agentId: AGENT, payload });
    const later = { ...told, rule_id: 'error.v1', excerpt: 'two' };
    tx.emit({ type: 'error', actor: 'daemon', agentId: AGENT, payload: later });
    const inactive = { agent_id: AGENT, label: '', reason: '' };
    tx.emit({ type: 'agent_inactive', actor: 'daemon', payload: inactive });
  });
  const { seq, news } = states().logNews({ seq: 0, since: 0 });
  expect(news).toEqual([
    { agentId: AGENT, seq: seq - 1, type: 'error', at: 1_000, ruleId: 'error.v1', excerpt: 'two' },
  ]);
  expect(states().logNews({ seq, since: 0 })).toEqual({ seq, news: [] });
  expect(states().logNews({ seq: 0, since: 1_001 }).news).toEqual([]);
});
