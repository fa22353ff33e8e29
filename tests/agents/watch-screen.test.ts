import { expect, test } from 'vitest';
import type { InputTarget, Screen } from '../../src/agents/ports.ts';
import { waitForPrompt } from '../../src/agents/watch-screen.ts';
import { realClock } from '../support/real-tmux.ts';

const TARGET = {} as InputTarget;
const line = (text: string): Screen => ({ text: `0\n${text}`, cursorX: text.length, cursorY: 0 });

/** How often the screen is looked at when it shows these, the last one for good. */
async function looksUntilRest(before: Screen | undefined, shown: readonly Screen[]) {
  let looks = 0;
  const input = { screen: async () => shown[Math.min((looks += 1), shown.length) - 1] };
  const clock = { ...realClock, sleep: async () => {} };
  await waitForPrompt(TARGET, before, { input, clock });
  return looks;
}

test('the next prompt waits until the line is as it was before the last one', async () => {
  const prompt = line('bash-5.2# ');
  const shown = [line('END'), line(''), line(''), line(''), prompt, line('never looked at')];
  expect(await looksUntilRest(prompt, shown)).toBe(5);
});

test('a program that shows nothing of what is typed is not waited for', async () => {
  expect(await looksUntilRest(line('ready'), [line('ready')])).toBe(1);
});

test('a prompt that never comes back is waited for within bounds', async () => {
  expect(await looksUntilRest(line('> '), [line('working')])).toBe(9);
});

test('of a line that nobody knows, rest is enough', async () => {
  const shown = ['a', 'b', 'c', 'd', 'e', 'f', 'f', 'g'].map(line);
  expect(await looksUntilRest(undefined, shown)).toBe(7);
});
