import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import { ANSWER_DONE, pipeTo } from './commands.ts';
import type { Exchange } from './find-panes.ts';
import { every, renderGuarded } from './guard.ts';
import { isSamePane } from './input.ts';
import { toOutcome } from './outcome.ts';
import { quote } from './quote.ts';

const DEADLINE_MS = 10_000;

export interface PipeSetting {
  readonly installation: InstallationId;
  readonly logRotation?: LogRotation | undefined;
}

/** Copies panes of one tmux server to files. Plain `pipe-pane`: with `-o`, asking again would switch the copy off. */
export function openPanePipes(
  exchange: Exchange,
  { installation, logRotation }: PipeSetting,
): PanePipes {
  return {
    pipe: async (target, { path, mode }) => {
      const { pane } = target;
      const pipe = `${pipeTo(path, { target: pane, logRotation })} ; ${ANSWER_DONE}`;
      const isPiped = quote('#{==:#{pane_pipe},1}');
      const isFree = mode === 'refuse' ? ['#{==:#{pane_pipe},0}'] : [];
      const line = renderGuarded({
        condition: every([isSamePane(target, installation), ...isFree]),
        target: pane,
        commands: [
          mode === 'keep'
            ? `if-shell -F -t ${quote(pane)} ${isPiped} { ${ANSWER_DONE} } { ${pipe} }`
            : pipe,
        ],
      });
      const exchanged = await exchange([line], DEADLINE_MS);
      if (!exchanged.ok) return { kind: 'error', message: exchanged.error.message };
      const [reply] = exchanged.value;
      if (reply === undefined) return { kind: 'unknown', message: 'tmux gave no reply' };
      const outcome = toOutcome(reply);
      if (outcome.kind === 'done') return { kind: 'done' };
      if (outcome.kind !== 'refused') return outcome;
      return { kind: 'refused', message: REFUSED[mode] };
    },
  };
}

const GONE = 'the pane is gone, or is another one now';
const REFUSED = {
  keep: GONE,
  replace: GONE,
  refuse: `${GONE}, or somebody else has it copied already`,
} as const;
