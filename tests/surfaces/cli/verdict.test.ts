import { describe, expect, test } from 'vitest';
import { judgeLayout, renderExclusions } from '../../../src/surfaces/cli/waiting/verdict.ts';
import { condition, layout, pane } from './views.ts';

const HELD = { by: 'alice', reason: '', since: '2026-01-02T11:00:00.000000Z', until: null };

describe('waiting for ready', () => {
  test('a ready layout of the generation waited for has arrived', () => {
    expect(judgeLayout(layout('payments'), 'ready', 1)).toEqual({ kind: 'reached' });
  });

  test('readiness of an older generation counts for nothing', () => {
    expect(judgeLayout(layout('payments'), 'ready', 2).kind).toBe('missing');
  });

  test('a newer generation that is ready includes the one waited for', () => {
    const newer = layout('payments', { generation: 3, observed_generation: 3 });
    expect(judgeLayout(newer, 'ready', 2)).toEqual({ kind: 'reached' });
  });

  test('one-shot panes that completed are ready', () => {
    const done = layout('payments', {
      conditions: [condition('Ready', { reason: 'Completed' })],
      panes: [pane('m1', { status: 'Completed' })],
    });
    expect(judgeLayout(done, 'ready', 1)).toEqual({ kind: 'reached' });
  });

  test.each(['Stalled', 'CrashLoop'])(
    '%s of this generation is hopeless, with its reason',
    (type) => {
      const stuck = layout('payments', {
        conditions: [
          condition('Ready', { status: 'False' }),
          condition(type, { message: 's1 keeps exiting' }),
        ],
      });
      const reason = `${type}: s1 keeps exiting`;
      expect(judgeLayout(stuck, 'ready', 1)).toEqual({ kind: 'hopeless', reason });
      expect(judgeLayout(stuck, 'ready', 2).kind).toBe('missing');
    },
  );

  test('what is missing is told in the words of the daemon', () => {
    const starting = layout('payments', {
      conditions: [condition('Ready', { status: 'False', message: 's1 Starting (2 slots)' })],
    });
    const reason = 's1 Starting (2 slots)';
    expect(judgeLayout(starting, 'ready', 1)).toEqual({ kind: 'missing', reason });
  });

  test('what OnDelete leaves to a person is not waited for, once this generation was seen', () => {
    const left = layout('payments', {
      conditions: [
        condition('Ready', { status: 'False', reason: 'OnDelete', message: 's1: out of date' }),
      ],
    });
    expect(judgeLayout(left, 'ready', 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(left, 'ready', 2).kind).toBe('missing');
    expect(renderExclusions(left)).toEqual(['payments/s1: out of date: not waited for']);
  });

  test('held slots are not waited for, the others are', () => {
    const held = pane('s1', { status: 'Held', held: HELD });
    const conditions = [condition('Ready', { status: 'False', reason: 'Held' }), condition('Held')];
    const ready = layout('payments', { conditions, panes: [pane('m1'), held] });
    expect(judgeLayout(ready, 'ready', 1)).toEqual({ kind: 'reached' });
    expect(renderExclusions(ready)).toEqual(['payments/s1 is held by alice: not waited for']);

    const starting = pane('m1', { status: 'Starting' });
    const late = layout('payments', { conditions, panes: [starting, held] });
    expect(judgeLayout(late, 'ready', 1)).toEqual({ kind: 'missing', reason: 'm1 Starting' });

    const panes = [pane('m1', { update_pending: true }), held];
    expect(judgeLayout(layout('payments', { conditions, panes }), 'ready', 1)).toEqual({
      kind: 'missing',
      reason: 'm1 is to be replaced',
    });
  });

  test('a suspended layout is not waited for once the suspension is of this generation', () => {
    const suspended = layout('payments', {
      observed_generation: 0,
      conditions: [
        condition('Ready', { status: 'False' }),
        condition('Suspended', { message: 'suspended by alice' }),
      ],
    });
    expect(judgeLayout(suspended, 'ready', 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(suspended, 'ready', 2).kind).toBe('missing');
    expect(renderExclusions(suspended)).toEqual(['payments is suspended by alice: not waited for']);
  });

  test('a layout that vanished will not become ready', () => {
    expect(judgeLayout(undefined, 'ready', 1).kind).toBe('hopeless');
  });
});

describe('waiting for something else', () => {
  test('absent is reached when the layout is gone', () => {
    expect(judgeLayout(undefined, 'absent', 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(layout('payments'), 'absent', 1).kind).toBe('missing');
  });

  test('what keeps a layout from being looked at keeps it from going, too', () => {
    const message = 'tmux is not installed in container b; install it with: apt-get';
    const unseen = layout('payments', {
      conditions: [condition('Observed', { status: 'False', reason: 'TmuxMissing', message })],
    });
    expect(judgeLayout(unseen, 'absent', 1)).toMatchObject({
      kind: 'missing',
      reason: expect.stringContaining(message),
    });
  });

  test('held is reached when a slot is held', () => {
    const held = layout('payments', { panes: [pane('m1', { held: HELD })] });
    expect(judgeLayout(held, 'held', 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(layout('payments'), 'held', 1).kind).toBe('missing');
  });

  test('what is reached is reached, though the layout will not get ready', () => {
    const unlogged = layout('payments', {
      health: 'Degraded',
      conditions: [condition('Ready', { status: 'False' }), condition('Stalled')],
    });
    expect(judgeLayout(unlogged, 'synced', 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(unlogged, 'healthy', 1).kind).toBe('hopeless');
  });

  test.each(['synced', 'healthy'] as const)('%s is believed of this generation only', (goal) => {
    expect(judgeLayout(layout('payments'), goal, 1)).toEqual({ kind: 'reached' });
    expect(judgeLayout(layout('payments'), goal, 2).kind).toBe('missing');
    const bad = layout('payments', { sync: 'OutOfSync', health: 'Degraded' });
    expect(judgeLayout(bad, goal, 1).kind).toBe('missing');
  });
});
