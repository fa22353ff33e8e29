import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import { ifShell } from './command.ts';
import { ANSWER_DONE, pipeTo } from './commands.ts';
import type { Dialect } from './dialect.ts';
import type { Exchange } from './find-panes.ts';
import { every, renderGuarded } from './guard.ts';
import { isSamePane } from './input.ts';
import { toOutcome } from './outcome.ts';

const DEADLINE_MS = 10_000;

export interface PipeSetting {
  readonly installation: InstallationId;
  readonly speak: () => Promise<Dialect>;
  readonly logRotation?: LogRotation | undefined;
}

/** Copies panes of one tmux server to files. Plain `pipe-pane`: with `-o`, asking again would switch the copy off. */
export function openPanePipes(
  exchange: Exchange,
  { installation, speak, logRotation }: PipeSetting,
): PanePipes {
  return {
    pipe: async (target, { path, mode }) => {
      const { pane } = target;
      const dialect = await speak();
      const pipe = [pipeTo(path, { dialect, target: pane, logRotation }), ANSWER_DONE] as const;
      const isPiped = { condition: '#{==:#{pane_pipe},1}', target: pane };
      const isFree = mode === 'refuse' ? ['#{==:#{pane_pipe},0}'] : [];
      const isSame = isSamePane(target, { installation, marks: dialect.marks });
      const command = renderGuarded({
        condition: every([isSame, ...dialect.pipeConditions, ...isFree]),
        target: pane,
        commands: mode === 'keep' ? [ifShell(isPiped, [ANSWER_DONE], pipe)] : pipe,
      });
      const exchanged = await exchange([dialect.write(command)], DEADLINE_MS);
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
