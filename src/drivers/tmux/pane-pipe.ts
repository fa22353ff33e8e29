import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InputTarget } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import { ANSWER_DONE, pipeTo } from './commands.ts';
import { every, renderGuarded } from './guard.ts';
import { type Exchange, isSamePane } from './input.ts';
import { toOutcome } from './outcome.ts';

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
    pipe: async (target: InputTarget, { path, replace }) => {
      const isMine = 'owner' in target.proof || replace;
      const isFree = isMine ? [] : ['#{==:#{pane_pipe},0}'];
      const line = renderGuarded({
        condition: every([isSamePane(target, installation), ...isFree]),
        target: target.pane,
        commands: [pipeTo(path, { target: target.pane, logRotation }), ANSWER_DONE],
      });
      const exchanged = await exchange([line], DEADLINE_MS);
      if (!exchanged.ok) return { kind: 'error', message: exchanged.error.message };
      const [reply] = exchanged.value;
      if (reply === undefined) return { kind: 'unknown', message: 'tmux gave no reply' };
      const outcome = toOutcome(reply);
      if (outcome.kind === 'done') return { kind: 'done' };
      if (outcome.kind !== 'refused') return outcome;
      const message = isMine
        ? 'the pane is gone, or is another one now'
        : 'the pane is gone, is another one now, or is copied somewhere by someone else';
      return { kind: 'refused', message };
    },
  };
}
