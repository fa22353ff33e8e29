import type { LayoutView } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import { isAbsence } from '../daemon-presence.ts';
import { layoutNames } from '../render/layout-names.ts';
import { toPlainText } from '../render/plain-text.ts';
import type { CliClient } from '../world.ts';
import { openProgressView, type ProgressView } from './progress-view.ts';
import { type Goal, judgeLayout, renderExclusions, type Verdict } from './verdict.ts';

export interface WaitTarget {
  readonly name: string;
  readonly container: string | undefined;
  /** The declaration waited for; an older one's success or failure counts for nothing. */
  readonly generation: number;
}

export interface WaitOptions {
  readonly goal: Goal;
  readonly timeoutMs: number;
  /** Shows nothing: the output is for a program. */
  readonly isSilent: boolean;
}

/** How a wait ended, with a line for each layout that did not get there. */
export interface WaitOutcome {
  readonly kind: 'reached' | 'hopeless' | 'timed out' | 'interrupted';
  readonly reasons: readonly string[];
  readonly layouts: readonly LayoutView[];
}

/**
 * Looks at the layouts until all reached the goal, one cannot, time is up or the user gives up. A daemon that is
 * restarted meanwhile is waited for as well.
 */
export async function waitForLayouts(
  context: CommandContext,
  targets: readonly WaitTarget[],
  options: WaitOptions,
): Promise<WaitOutcome> {
  const view = openProgressView(context, options.isSilent);
  const observer = openObserver(context, targets);
  try {
    return await pollUntilDecided(context, { targets, options, view, observer });
  } finally {
    view.close();
    observer.close();
  }
}

interface Poll {
  readonly targets: readonly WaitTarget[];
  readonly options: WaitOptions;
  readonly view: ProgressView;
  readonly observer: Observer;
}

interface Observer {
  /** The layouts waited for, as they are; `undefined` when nobody answered. */
  look(): Promise<readonly LayoutView[] | undefined>;
  close(): void;
}

async function pollUntilDecided(context: CommandContext, poll: Poll): Promise<WaitOutcome> {
  const { world, interrupted } = context;
  const startedAt = world.now();
  const noted = new Set<string>();
  let layouts: readonly LayoutView[] = [];
  let reasons: readonly string[] = ['agenttowerd does not answer'];
  for (;;) {
    const seen = interrupted.aborted ? undefined : await poll.observer.look();
    if (interrupted.aborted) return { kind: 'interrupted', reasons, layouts };
    const elapsedMs = world.now() - startedAt;
    if (seen !== undefined) {
      layouts = seen;
      noteExclusions(poll, layouts, noted);
      poll.view.show(layouts, elapsedMs);
      const outcome = decide(poll, layouts);
      if (outcome.kind !== undefined)
        return { kind: outcome.kind, reasons: outcome.reasons, layouts };
      reasons = outcome.reasons;
    }
    if (elapsedMs >= poll.options.timeoutMs) return { kind: 'timed out', reasons, layouts };
    const pauseMs = elapsedMs < EAGER_MS ? EAGER_PAUSE_MS : PATIENT_PAUSE_MS;
    await world.sleep(Math.min(pauseMs, poll.options.timeoutMs - elapsedMs), interrupted);
  }
}

const EAGER_MS = 2_000;
const EAGER_PAUSE_MS = 50;
const PATIENT_PAUSE_MS = 200;

function noteExclusions(poll: Poll, layouts: readonly LayoutView[], noted: Set<string>): void {
  if (poll.options.goal !== 'ready') return;
  for (const line of layouts.flatMap(renderExclusions)) {
    if (!noted.has(line)) poll.view.note(toPlainText(line));
    noted.add(line);
  }
}

function decide(
  poll: Poll,
  layouts: readonly LayoutView[],
): { readonly kind?: 'reached' | 'hopeless'; readonly reasons: readonly string[] } {
  const nameOf = layoutNames(poll.targets);
  const verdicts = poll.targets.map((target): [string, Verdict] => [
    nameOf(target),
    judgeLayout(findTarget(layouts, target), poll.options.goal, target.generation),
  ]);
  const reasonsOf = (kind: Verdict['kind']): readonly string[] =>
    verdicts.flatMap(([name, verdict]) =>
      verdict.kind === kind && 'reason' in verdict
        ? [toPlainText(`layout/${name}: ${verdict.reason}`)]
        : [],
    );
  const hopeless = reasonsOf('hopeless');
  if (hopeless.length > 0) return { kind: 'hopeless', reasons: hopeless };
  const missing = reasonsOf('missing');
  return missing.length > 0 ? { reasons: missing } : { kind: 'reached', reasons: [] };
}

function findTarget(layouts: readonly LayoutView[], target: WaitTarget): LayoutView | undefined {
  return layouts.find((layout) => isTarget(layout, target));
}

function isTarget(layout: LayoutView, target: WaitTarget): boolean {
  return (
    layout.name === target.name &&
    (target.container === undefined || layout.container === target.container)
  );
}

/** One connection for all looks, opened again when it was lost. */
function openObserver(context: CommandContext, targets: readonly WaitTarget[]): Observer {
  const { world, interrupted } = context;
  const [only, ...others] = targets;
  const params = only !== undefined && others.length === 0 ? { name: only.name } : {};
  let client: CliClient | undefined;
  const close = (): void => {
    client?.close();
    client = undefined;
  };
  interrupted.addEventListener('abort', close, { once: true });
  return {
    async look() {
      try {
        client ??= await world.connect({ socketPath: world.paths.socket });
        const { items } = await callDaemon(client, 'layout.list', params);
        return items.filter((layout) => targets.some((target) => isTarget(layout, target)));
      } catch (error) {
        close();
        if (interrupted.aborted || isAbsence(error)) return undefined;
        throw error;
      }
    },
    close() {
      interrupted.removeEventListener('abort', close);
      close();
    },
  };
}
