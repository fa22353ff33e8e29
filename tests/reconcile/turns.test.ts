import { expect, test } from 'vitest';
import { openTurns } from '../../src/reconcile/turns.ts';
import { LOCAL } from '../support/builders.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const OTHER = 'other' as typeof LOCAL;

function open() {
  const clock = virtualClock();
  const turns = openTurns(clock);
  const story: string[] = [];
  const gate = makeGate();
  const long = () =>
    turns.take(LOCAL, async () => {
      story.push('long begins');
      await gate.opened;
      story.push('long ends');
    });
  return { clock, turns, story, long, end: gate.open };
}

function makeGate() {
  const gate = new EventTarget();
  const opened = new Promise((resolve) => {
    gate.addEventListener('open', resolve);
  });
  return { opened, open: () => gate.dispatchEvent(new Event('open')) };
}

test('one container has one turn at a time, in the order they were asked for; others do not wait', async () => {
  const { turns, story, long, end } = open();
  const first = long();
  const second = turns.takeWithin(LOCAL, 100, async () => story.push('second'));
  await turns.take(OTHER, async () => story.push('other'));
  end();
  await Promise.all([first, second]);
  expect(story).toEqual(['long begins', 'other', 'long ends', 'second']);
});

test('a turn that does not come in time is never taken', async () => {
  const { clock, turns, story, long, end } = open();
  const first = long();
  const late = turns.takeWithin(LOCAL, 100, async () => story.push('late'));
  await clock.advance(100);
  expect(await late).toBeUndefined();
  end();
  await first;
  await turns.idle();
  expect(story).toEqual(['long begins', 'long ends']);
});

test('a turn that has begun is waited for, however long it takes', async () => {
  const { clock, turns } = open();
  const gate = makeGate();
  const begun = turns.takeWithin(LOCAL, 100, () => gate.opened.then(() => 'done'));
  await clock.advance(1_000);
  gate.open();
  expect(await begun).toBe('done');
});

test('a turn that fails tells its owner, and the next one comes all the same', async () => {
  const { turns } = open();
  const failed = turns.takeWithin(LOCAL, 100, () => Promise.reject(new Error('no')));
  const next = turns.take(LOCAL, async () => 'next');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('next');
});
