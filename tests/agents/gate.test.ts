import { describe, expect, test } from 'vitest';
import { deliveryGate, enqueueGate, type GateFacts } from '../../src/agents/gate.ts';
import { ROLES } from '../../src/domain/roles.ts';

const OPEN: GateFacts = {
  routingEnabled: true,
  senderRole: 'master',
  senderActive: true,
  targetRole: 'slave',
  targetActive: true,
  containerActive: true,
  paneKnown: true,
};

/** In the order they are asked; each with what makes it fail. */
const ROWS = [
  ['kill_switch_off', { routingEnabled: false }, true],
  ['sender_role_not_permitted', { senderActive: false }, false],
  ['target_not_active', { targetActive: false }, true],
  ['target_role_not_permitted', { targetRole: 'shell' }, false],
  ['target_container_inactive', { containerActive: false }, true],
  ['target_pane_missing', { paneKnown: false }, true],
] as const;

test('nothing holds back a prompt from an active master to an active slave', () => {
  expect([enqueueGate(OPEN), deliveryGate(OPEN)]).toEqual([undefined, undefined]);
});

test.each(ROWS)('%s is said at enqueueing', (reason, facts) => {
  expect(enqueueGate({ ...OPEN, ...facts })).toBe(reason);
});

test.each(ROWS)('%s is asked again before delivery only if it can change by itself', (...row) => {
  const [reason, facts, again] = row;
  expect(deliveryGate({ ...OPEN, ...facts })).toBe(again ? reason : undefined);
});

test.each(ROWS.map((row, index) => [row[0], index] as const))(
  '%s is said although everything after it fails too',
  (reason, index) => {
    const facts = ROWS.slice(index).map((row) => row[1]);
    expect(enqueueGate(Object.assign({}, OPEN, ...facts) as GateFacts)).toBe(reason);
  },
);

describe('of all pairs of roles', () => {
  const pairs = ROLES.flatMap((sender) => ROLES.map((target) => [sender, target] as const));
  test.each(pairs)('%s to %s', (senderRole, targetRole) => {
    const receives = targetRole === 'slave' || targetRole === 'swarm';
    const refusal = receives ? undefined : 'target_role_not_permitted';
    const expected = senderRole === 'master' ? refusal : 'sender_role_not_permitted';
    expect(enqueueGate({ ...OPEN, senderRole, targetRole })).toBe(expected);
  });
});
