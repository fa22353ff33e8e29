import type { TmuxHost } from './host.ts';
import type { PaneMarks } from './pane-marks.ts';
import { paneOptionMarks } from './pane-option-marks.ts';
import { escapeFormat, escapePlainFormat } from './quote.ts';
import { startCommandMarks } from './start-command-marks.ts';
import { type WriteLine, writeForSplitter, writeNested, writeWithBraces } from './syntax.ts';
import { isAtLeast } from './version.ts';

/** What one version of tmux can do, and how it is said to it. Chosen in one place, by the version. */
export interface Dialect {
  readonly write: WriteLine;
  /** Text that tmux expands as a format, such that the expansion gives the text back. */
  readonly escapeFormat: (text: string) => string;
  /** The same for names of sessions and titles of panes. */
  readonly escapeName: (text: string) => string;
  /** How panes are marked as ours. */
  readonly marks: PaneMarks;
  /** Panes have options of their own. */
  readonly hasPaneOptions: boolean;
  /** `-O` of `pipe-pane`. */
  readonly pipeFlags: readonly string[];
  /** What is true of a pane that a pipe may be opened to. */
  readonly pipeConditions: readonly string[];
  /** Setting a title also moves the focus to the pane. */
  readonly titleTakesFocus: boolean;
  /** The title of a pane, from how a format shows it. */
  readonly readTitle: (shown: string) => string;
  /** A dead pane's status may be 0 for a moment before it is known. */
  readonly statusMayLag: boolean;
  /** A server can be told to stay without any session. */
  readonly outlivesSessions: boolean;
  /** A client reads a batch from its standard input. */
  readonly readsStdin: boolean;
  /** Every command that starts a process takes its environment as `-e`. */
  readonly hasEnvFlags: boolean;
  /** Clients can be told to size no window, and hooks can wake them. */
  readonly hasChannel: boolean;
}

const dialects = new Map<string | undefined, Dialect>();

/** Before `incarnation` has said running, the newest. The same version is the same object. */
export function dialectOf(host: Pick<TmuxHost, 'tmuxVersion'>): Dialect {
  const { tmuxVersion } = host;
  const dialect = dialects.get(tmuxVersion) ?? makeDialect({ tmuxVersion });
  dialects.set(tmuxVersion, dialect);
  return dialect;
}

function makeDialect(host: Pick<TmuxHost, 'tmuxVersion'>): Dialect {
  const since = (version: string): boolean => isAtLeast(host, version);
  const hasPaneOptions = since('3.0');
  return {
    write: writerOf(since),
    escapeFormat: since('3.2') ? escapeFormat : escapePlainFormat,
    escapeName: since('3.2') ? escapeFormat : since('2.7') ? escapePlainFormat : asIs,
    marks: hasPaneOptions ? paneOptionMarks : startCommandMarks,
    hasPaneOptions,
    pipeFlags: hasPaneOptions ? ['-O'] : [],
    pipeConditions: hasPaneOptions ? [] : ['#{==:#{pane_dead},0}'],
    titleTakesFocus: !hasPaneOptions,
    readTitle: titleReaderOf(since),
    statusMayLag: !since('2.7'),
    outlivesSessions: since('2.7'),
    readsStdin: since('3.1'),
    hasEnvFlags: since('3.2'),
    hasChannel: since('3.2'),
  };
}

function writerOf(since: (version: string) => boolean): WriteLine {
  if (!since('3.0')) return writeForSplitter;
  return since('3.2') && !since('3.3') ? writeNested : writeWithBraces;
}

/** Some versions show titles with backslashes before what a shell would expand. */
function titleReaderOf(since: (version: string) => boolean): (shown: string) => string {
  if (!since('3.1')) return (shown) => shown.replaceAll(/\\([\\$])/g, '$1');
  const is34 = since('3.4') && !since('3.5');
  return is34 ? (shown) => shown.replaceAll(/\\(?=\$[A-Za-z_{])/g, '') : asIs;
}

function asIs(text: string): string {
  return text;
}
