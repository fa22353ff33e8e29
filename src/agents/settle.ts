import type { MessageRecord } from '../domain/messages.ts';
import { type Attempt, attemptOf, type DeliveryDeps, submit } from './deliver.ts';
import { complete, fail, putBack } from './message-outcomes.ts';
import type { Trace } from './ports.ts';

/** After so long a person has probably done something about the line: an Enter now might answer something else. */
const ENTER_WITHIN_MS = 60_000;
/** A container or its tmux may be out of reach for a while after a start. */
const PAUSES_MS = [100, 400, 1_000, 2_000, 4_000];

const UNKNOWN = { reason: 'attempt_interrupted', submission: 'uncertain' } as const;

/**
 * Brings a delivery to its end that nobody saw the end of, by what tmux remembers of it: what was pasted gets its
 * Enter, what certainly never will be is put back into the queue. Nothing is ever pasted a second time.
 */
export async function settle(
  message: MessageRecord,
  deps: DeliveryDeps & { readonly signal: AbortSignal },
): Promise<void> {
  if (message.state === 'delivered') {
    deps.store.transact((tx) => tx.updateMessage(message.id, { submission: 'uncertain' }));
    return;
  }
  const attempt = attemptOf(message, deps);
  if (attempt === undefined) {
    fail(message, UNKNOWN, deps);
    return;
  }
  const trace = await ask(attempt, deps);
  // Asked again at the next start.
  if (trace === 'unknown' && deps.signal.aborted) return;
  const wasPasted = message.submission === 'pasted';
  if (trace === 'pasted') await enter(message, attempt, deps);
  else if (trace === 'gone') fail(message, { reason: 'pane_disappeared_mid_attempt' }, deps);
  // It stood in the line and does not any more: Enter was pressed, in the same step that took the mark away.
  else if (wasPasted && trace !== 'unknown') complete(message, 'uncertain', deps);
  else if (trace === 'sealed') putBack(message, deps);
  else fail(message, UNKNOWN, deps);
}

async function enter(message: MessageRecord, attempt: Attempt, deps: DeliveryDeps): Promise<void> {
  const isFresh = deps.clock.now() - attempt.begunAt <= ENTER_WITHIN_MS;
  const shown = isFresh ? await deps.input.screen(attempt.target) : undefined;
  const outcome = isFresh
    ? await submit(message, { ...attempt, before: undefined, shown }, deps)
    : 'unclear';
  if (outcome === 'unclear') fail(message, UNKNOWN, deps);
}

async function ask(
  { target, name }: Attempt,
  { input, clock, signal }: DeliveryDeps & { readonly signal: AbortSignal },
): Promise<Trace> {
  for (const pauseMs of PAUSES_MS) {
    const trace = await input.trace(target, name);
    if (trace !== 'unknown' || signal.aborted) return trace;
    await clock.sleep(pauseMs, signal);
  }
  return 'unknown';
}
