import { arrangementProblem } from '../../domain/arrangement.ts';
import { DEFAULT_LOG_ROTATION, type LogRotation } from '../../domain/log-rotation.ts';
import { type FenceStep, NO_WORKING_DIR, type ProcessSpec } from '../../domain/tmux-ops.ts';
import { fenceOption } from './guard.ts';
import { logWriterCommand } from './log-writer.ts';
import { escapeFormat, escapeTimedFormat, quote, quoteAll } from './quote.ts';
import type { RenderContext } from './render-context.ts';

/** Single commands that several ops are made of. `target` is any pane target; the current pane when absent. */

export const ANSWER_DONE = 'display-message -p done';

export function answerCreated(target?: string): string {
  const format = 'created #{session_id} #{window_id} #{pane_id} #{pane_pid}';
  return `display-message -p${targetFlag(target)} ${quote(format)}`;
}

export function setFence(fence: FenceStep): string {
  return `set-option -g ${fenceOption(fence)} ${quote(fence.next)}`;
}

/** The tag may name its carrier as `#{pane_id}`, which is expanded here. */
export function setTag(tag: string, target?: string): string {
  return `set-option -p${targetFlag(target)} -F @agenttower ${quote(tag)}`;
}

/** A program that ends leaves its last screen and its exit status to look at. */
export function keepWhenDead(target?: string): string {
  return `set-option -p${targetFlag(target)} remain-on-exit on`;
}

/** Words of the command that keeps a session though a person has tmux end those that nobody looks at. */
export function keepUnattached(session: string): readonly string[] {
  return ['set-option', '-t', `=${session}:`, 'destroy-unattached', 'off'];
}

export function setTitle(title: string, target?: string): string {
  return `select-pane${targetFlag(target)} -T ${quote(escapeFormat(title))}`;
}

/**
 * Throws on what is no arrangement: tmux 3.3a dies, with everything in it, of a layout string that does not begin
 * like one.
 */
export function selectLayout(arrangement: string, target?: string): string {
  const problem = arrangementProblem(arrangement);
  if (problem !== undefined) throw new Error(problem);
  return `select-layout${targetFlag(target)} ${quote(arrangement)}`;
}

export interface PipeOptions {
  readonly target?: string;
  readonly logRotation?: LogRotation | undefined;
}

/** Replaces the pane's pipe, or closes it when there is no file. */
export function pipeTo(
  logFile: string | undefined,
  { target, logRotation = DEFAULT_LOG_ROTATION }: PipeOptions,
): string {
  if (logFile === undefined) return `pipe-pane${targetFlag(target)}`;
  const command = escapeTimedFormat(logWriterCommand(logFile, logRotation));
  return `pipe-pane${targetFlag(target)} -O ${quote(command)}`;
}

export function environmentFlags(
  process: ProcessSpec,
  { hasEnvFlags }: Pick<RenderContext, 'hasEnvFlags'>,
): readonly string[] {
  if (!hasEnvFlags) return [];
  return Object.entries(process.env).map(([name, value]) => `-e ${quote(`${name}=${value}`)}`);
}

export function directoryFlag(process: ProcessSpec, home: { readonly homeDir: string }): string {
  return `-c ${quote(escapeFormat(process.workingDir ?? home.homeDir))}`;
}

/** tmux gives a single word to the user's shell, to be parsed there; `sh` keeps it one program's name. */
export function argvWords(
  process: ProcessSpec,
  context: Pick<RenderContext, 'hasEnvFlags' | 'provesDirectories'>,
): string {
  const variables = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const argv = startArgv(process, context);
  // `env` takes what follows the variables as the program, unless that looks like one more.
  if (!context.hasEnvFlags && variables.length > 0) {
    return quoteAll(['env', ...variables, 'sh', '-c', 'exec "$0" "$@"', ...argv]);
  }
  const [program, ...rest] = argv;
  if (program !== undefined && rest.length === 0) {
    return quoteAll(['sh', '-c', 'exec "$0"', program]);
  }
  return quoteAll(argv);
}

const ENTER = `cd -- "$0" || {
  echo "agenttower: the working directory $0 cannot be entered; make it, or change workingDir"
  exit ${NO_WORKING_DIR}
}
exec "$@"`;

/** tmux starts a process elsewhere, and says nothing, when its directory is not there. */
function startArgv(
  { argv, workingDir }: ProcessSpec,
  { provesDirectories }: Pick<RenderContext, 'provesDirectories'>,
): readonly string[] {
  if (!provesDirectories || workingDir === undefined) return argv;
  return ['sh', '-c', ENTER, workingDir, ...argv];
}

function targetFlag(target: string | undefined): string {
  return target === undefined ? '' : ` -t ${quote(target)}`;
}
