import type { Clock } from '../lib/clock.ts';
import type { InputTarget, PaneInput, Screen } from './ports.ts';

interface WatchDeps {
  readonly input: Pick<PaneInput, 'screen'>;
  readonly clock: Clock;
}

/** Looks come quickly at first: most programs answer within a frame. */
const PAUSES_MS = [5, 10, 20, 40, 80, 160, 320, 400];

/**
 * Waits until the pane shows something of the paste and then rests for one look, within about a second; answers what
 * it shows then. A program that shows nothing of what is typed is not waited for any longer.
 */
export async function waitForReaction(
  target: InputTarget,
  before: Screen | undefined,
  { input, clock }: WatchDeps,
): Promise<Screen | undefined> {
  let last = before;
  let hasReacted = false;
  for (const pauseMs of PAUSES_MS) {
    await clock.sleep(pauseMs);
    const now = await input.screen(target);
    if (now === undefined) return undefined;
    const isSame = last !== undefined && isEqual(now, last);
    if (hasReacted && isSame) return now;
    hasReacted ||= !isSame;
    last = now;
  }
  return last;
}

/**
 * Whether the screen tells that the program took the Enter: something changed, and not only elsewhere while the
 * line with the cursor stayed as it was with text before it. `false` means nobody can tell.
 */
export async function wasTaken(
  target: InputTarget,
  shown: Screen | undefined,
  { input, clock }: WatchDeps,
): Promise<boolean> {
  if (shown === undefined) return false;
  for (const pauseMs of PAUSES_MS) {
    await clock.sleep(pauseMs);
    const now = await input.screen(target);
    if (now === undefined) return false;
    if (!isEqual(now, shown) && !isStillThere(now, shown)) return true;
  }
  return false;
}

/** A command takes its time before the prompt comes back. */
const PROMPT_PAUSES_MS = [...PAUSES_MS, 1_000];
/** Nothing new for this long is rest, where nobody knows how the prompt looks. */
const REST_MS = 80;

/**
 * Waits until the program takes input again, within about two seconds: the line with the cursor is as it was `before`
 * the paste, or else nothing changes any more. A shell that is busy takes a paste without its brackets, as keys.
 */
export async function waitForPrompt(
  target: InputTarget,
  before: Screen | undefined,
  { input, clock, signal }: WatchDeps & { readonly signal?: AbortSignal },
): Promise<void> {
  let last: Screen | undefined;
  for (const pauseMs of PROMPT_PAUSES_MS) {
    if (signal?.aborted === true) return;
    const now = await input.screen(target);
    if (now === undefined) return;
    const isBack =
      before === undefined
        ? pauseMs > REST_MS && last !== undefined && isEqual(now, last)
        : lineOf(now) === lineOf(before) && now.cursorX === before.cursorX;
    if (isBack) return;
    last = now;
    await clock.sleep(pauseMs, signal);
  }
}

/** The text still stands where it was typed: what changed is something else, such as a clock in a corner. */
function isStillThere(now: Screen, shown: Screen): boolean {
  const typed = lineOf(shown);
  return typed.trim() !== '' && lineOf(now) === typed && isCursorEqual(now, shown);
}

/** The first line of the text is the length of the history. */
function lineOf({ text, cursorY }: Screen): string {
  return text.split('\n')[cursorY + 1] ?? '';
}

function isEqual(a: Screen, b: Screen): boolean {
  return a.text === b.text && isCursorEqual(a, b);
}

function isCursorEqual(a: Screen, b: Screen): boolean {
  return a.cursorX === b.cursorX && a.cursorY === b.cursorY;
}
