import { arrangementProblem } from '../../domain/arrangement.ts';
import { DEFAULT_LOG_ROTATION, type LogRotation } from '../../domain/log-rotation.ts';
import { type FenceStep, NO_WORKING_DIR, type ProcessSpec } from '../../domain/tmux-ops.ts';
import { type Command, ifShell, targetWords } from './command.ts';
import type { Dialect } from './dialect.ts';
import { fenceOption } from './guard.ts';
import { logWriterCommand } from './log-writer.ts';
import type { Owner } from './pane-marks.ts';
import type { RenderContext } from './render-context.ts';

/** Single commands that several ops are made of. `target` is any pane target; the current pane when absent. */

export const ANSWER_DONE: Command = ['display-message', '-p', 'done'];

/** A format that tells of a pane that was made; see `toOutcome`. */
export const CREATED = 'created #{session_id} #{window_id} #{pane_id} #{pane_pid}';

export function answerCreated(target?: string): Command {
  return ['display-message', '-p', ...targetWords(target), CREATED];
}

export function setFence(fence: FenceStep): Command {
  return ['set-option', '-g', fenceOption(fence), fence.next];
}

/** Keeps a session though a person has tmux end those that nobody looks at. */
export function keepUnattached(session: string): readonly string[] {
  return ['set-option', '-t', `=${session}:`, 'destroy-unattached', 'off'];
}

/** Leaves focus and zoom as they were. */
export function setTitle(title: string, dialect: Dialect, target?: string): Command {
  const words = targetWords(target);
  const set: Command = ['select-pane', ...words, '-T', dialect.escapeName(title)];
  if (!dialect.titleTakesFocus) return set;
  const giveBack = (...commands: readonly Command[]) =>
    ifShell({ condition: '#{pane_active}', target }, [['last-pane', ...words], ...commands]);
  const fromAnother = ifShell(
    { condition: '#{window_zoomed_flag}', target },
    [set, giveBack(['resize-pane', '-Z', ...words])],
    [set, giveBack()],
  );
  return ifShell({ condition: '#{pane_active}', target }, [set], [fromAnother]);
}

/**
 * Throws on what is no arrangement: tmux 3.3a dies, with everything in it, of a layout string that does not begin
 * like one.
 */
export function selectLayout(arrangement: string, target?: string): Command {
  const problem = arrangementProblem(arrangement);
  if (problem !== undefined) throw new Error(problem);
  return ['select-layout', ...targetWords(target), arrangement];
}

export interface PipeOptions {
  readonly dialect: Dialect;
  readonly target?: string;
  readonly logRotation?: LogRotation | undefined;
}

/** Replaces the pane's pipe, or closes it when there is no file. */
export function pipeTo(
  logFile: string | undefined,
  { dialect, target, logRotation = DEFAULT_LOG_ROTATION }: PipeOptions,
): Command {
  const pipe = ['pipe-pane', ...targetWords(target)];
  if (logFile === undefined) return pipe;
  // tmux runs it through strftime before it expands the format.
  const command = dialect.escapeFormat(logWriterCommand(logFile, logRotation));
  return [...pipe, ...dialect.pipeFlags, command.replaceAll('%', '%%')];
}

/** Flags and argv of a command that starts a process for a pane: `-c DIR -e K=V -- PROGRAM …`. */
export function processWords(
  process: ProcessSpec,
  context: RenderContext & Owner,
): readonly string[] {
  const { dialect, homeDir } = context;
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const flags = dialect.hasEnvFlags ? variables.flatMap((variable) => ['-e', variable]) : [];
  const started = [
    ...dialect.marks.startVariables(context),
    ...(dialect.hasEnvFlags ? [] : variables),
  ];
  return [
    '-c',
    dialect.escapeFormat(process.workingDir ?? homeDir),
    ...flags,
    '--',
    ...(started.length > 0 ? ['env', ...started] : []),
    ...startArgv(process, context),
  ];
}

/** Words of a process that ends with them may never be on the screen: tmux can hear of its end before it reads them. */
const ENTER = `cd -- "$0" || {
  echo "agenttower: the working directory $0 cannot be entered; make it, or change workingDir"
  sleep 0.2 2>/dev/null || sleep 1
  exit ${NO_WORKING_DIR}
}
exec "$@"`;

/**
 * tmux gives a single word to the user's shell, to be parsed there, and of a program that is not there it says nothing
 * but status 1: `sh` keeps a word one program's name, says on the screen what is wrong, and ends with 126 or 127.
 */
const EXEC = 'exec "$0" "$@"';

/** tmux starts a process elsewhere, and says nothing, when its directory is not there. */
function startArgv(
  { argv, workingDir }: ProcessSpec,
  { provesDirectories }: Pick<RenderContext, 'provesDirectories'>,
): readonly string[] {
  const start = provesDirectories && workingDir !== undefined ? [ENTER, workingDir] : [EXEC];
  return ['/bin/sh', '-c', ...start, ...argv];
}
