import type { FoundPane, ServerPanes } from '../../agents/ports.ts';
import { type InstallationId, makeEpoch, type PaneId, type TmuxPaneId } from '../../domain/ids.ts';
import { readTag } from '../../domain/observed.ts';
import type { Exchange } from './input.ts';
import { isNoServer } from './other-server.ts';
import { quote } from './quote.ts';
import { OWN_SESSION } from './wake.ts';

const FIND_DEADLINE_MS = 2_000;
/** Joins the fields; texts that could hold it themselves come with their length in bytes before them. */
const SEPARATOR = '\u241e';
const NUMBER = String.raw`(\d+)`;
/** What is asked for, with the form its answer must have. */
const FIELDS: readonly (readonly [format: string, pattern: string])[] = [
  ['#{pid}:#{start_time}', String.raw`(\d+:\d+)`],
  ['#{pane_id}', String.raw`(%\d+)`],
  ['#{pane_pid}', NUMBER],
  ['#{window_index}', NUMBER],
  ['#{pane_index}', NUMBER],
  ['#{pane_dead}', '([01])'],
  ['#{@agenttower}', `([^${SEPARATOR}]*)`],
  ['#{n:session_name}', NUMBER],
  ['#{n:pane_current_command}', NUMBER],
  ['#{n:pane_current_path}', NUMBER],
  [
    ['#{session_name}', '#{pane_current_command}', '#{pane_current_path}', '#{pane_title}'].join(
      SEPARATOR,
    ),
    '(.*)',
  ],
];

const ROW = new RegExp(`^${FIELDS.map(([, pattern]) => pattern).join(SEPARATOR)}$`, 's');

const LIST_LINE = `list-panes -a -F ${quote(FIELDS.map(([format]) => format).join(SEPARATOR))}`;

export interface FindOptions {
  readonly exchange: Exchange;
  readonly installation: InstallationId;
  /** Id of the container's life. */
  readonly incarnation: string;
  /** Absent for the container's own server. */
  readonly socket?: string;
}

/** Every pane of one server, and nothing of our own session. A row that does not parse makes all of it unknown. */
export async function findPanes(options: FindOptions): Promise<ServerPanes> {
  const { exchange, socket } = options;
  const where = socket === undefined ? {} : { socket };
  const exchanged = await exchange([LIST_LINE], FIND_DEADLINE_MS);
  if (!exchanged.ok) {
    const { message } = exchanged.error;
    return isNoServer(message)
      ? { kind: 'seen', ...where, panes: [] }
      : { kind: 'unknown', ...where, message };
  }
  const [reply] = exchanged.value;
  if (reply?.kind !== 'answered') {
    return { kind: 'unknown', ...where, message: reply?.message ?? 'tmux gave no reply' };
  }
  if (reply.errors.length > 0) {
    return { kind: 'unknown', ...where, message: reply.errors.join('; ') };
  }
  return parsePanes(reply.lines, options);
}

/** The answer to a list of panes, as one value. */
function parsePanes(lines: readonly string[], options: Omit<FindOptions, 'exchange'>): ServerPanes {
  const where = options.socket === undefined ? {} : { socket: options.socket };
  const panes = new Map<string, FoundPane>();
  for (const line of lines.filter((each) => each !== '')) {
    const pane = parsePane(line, options);
    if (pane === undefined) {
      const shown = JSON.stringify(line.slice(0, 120));
      return { kind: 'unknown', ...where, message: `tmux answered no row of a pane: ${shown}` };
    }
    // A window that is linked into several sessions is listed once for each.
    if (pane.session !== OWN_SESSION && !panes.has(pane.pane)) panes.set(pane.pane, pane);
  }
  return { kind: 'seen', ...where, panes: [...panes.values()] };
}

function parsePane(line: string, options: Omit<FindOptions, 'exchange'>): FoundPane | undefined {
  const found = ROW.exec(line)?.slice(1) as readonly string[] | undefined;
  const texts = found === undefined ? undefined : splitTexts(found.slice(7));
  if (found === undefined || texts === undefined) return undefined;
  const [server = '', id = '', pid, window, index, dead, tag = ''] = found;
  const { session, command, workingDir, title } = texts;
  const owner = readTag(tag, options.installation, id) as PaneId | undefined;
  return {
    ...(options.socket !== undefined && { socket: options.socket }),
    epoch: makeEpoch(options.incarnation, server),
    pane: id as TmuxPaneId,
    pid: Number(pid),
    windowIndex: Number(window),
    paneIndex: Number(index),
    dead: dead === '1',
    ...(owner !== undefined && { owner }),
    session,
    command,
    workingDir,
    title,
  };
}

/** Three lengths in bytes, then the texts they belong to, then one that takes the rest. */
function splitTexts([first, second, third, joined = '']: readonly string[]) {
  const bytes = Buffer.from(joined);
  const gap = Buffer.byteLength(SEPARATOR);
  const ends = [first, second, third].reduce<readonly number[]>(
    (known, length) => [...known, (known.at(-1) ?? -gap) + gap + Number(length)],
    [],
  );
  const [session, command, workingDir] = ends;
  if (session === undefined || command === undefined || workingDir === undefined) return undefined;
  const isCut = ends.every((end) => bytes.subarray(end, end + gap).toString() === SEPARATOR);
  if (!isCut) return undefined;
  return {
    session: bytes.subarray(0, session).toString(),
    command: bytes.subarray(session + gap, command).toString(),
    workingDir: bytes.subarray(command + gap, workingDir).toString(),
    title: bytes.subarray(workingDir + gap).toString(),
  };
}
