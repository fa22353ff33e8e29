import { constants } from 'node:os';
import type {
  InstallationId,
  LayoutId,
  PaneId,
  TmuxPaneId,
  TmuxSessionId,
  TmuxWindowId,
} from '../../domain/ids.ts';
import { type ObservedPane, type ObservedSession, readTag } from '../../domain/observed.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { quote } from './quote.ts';
import { OWN_SESSION } from './wake.ts';

/** Joins the fields of a row; the two that may hold it themselves come last, the session's name with its length. */
const SEPARATOR = '\u241e';

/** What is asked for, with the form its answer must have. */
const FIELDS: readonly (readonly [format: string, pattern: string])[] = [
  ['#{pid}:#{start_time}', String.raw`(?<server>\d+:\d+)`],
  ['#{session_id}', String.raw`(?<sessionId>\$\d+)`],
  ['#{window_id}', String.raw`(?<windowId>@\d+)`],
  ['#{pane_id}', String.raw`(?<paneId>%\d+)`],
  ['#{pane_index}', String.raw`(?<index>\d+)`],
  ['#{pane_pid}', String.raw`(?<pid>\d+)`],
  ['#{pane_dead}', String.raw`(?<dead>[01])`],
  ['#{pane_dead_status}', String.raw`(?<status>\d*)`],
  ['#{pane_dead_signal}', String.raw`(?<signal>\d*)`],
  ['#{pane_pipe}', String.raw`(?<piped>[01])`],
  ['#{@agenttower}', `(?<tag>[^${SEPARATOR}]*)`],
  ['#{@agenttower_layout}', `(?<layoutTag>[^${SEPARATOR}]*)`],
  ['#{n:session_name}', String.raw`(?<nameBytes>\d*)`],
  ['#{session_name}', '(?<sessionName>.*)'],
  ['#{pane_title}', '(?<title>.*)'],
];

/** The line that asks for every pane of the server. */
export const LOOK_LINE = `list-panes -a -F ${quote(FIELDS.map(([format]) => format).join(SEPARATOR))}`;

const ROW = new RegExp(`^${FIELDS.map(([, pattern]) => pattern).join(SEPARATOR)}$`, 's');

export interface Look {
  /** `pid:start_time` of the server that answered. */
  readonly server: string;
  readonly sessions: readonly ObservedSession[];
  readonly panes: readonly ObservedPane[];
}

interface Row {
  readonly server: string;
  readonly session: ObservedSession;
  readonly pane: ObservedPane;
}

type RowFields = Readonly<
  Record<
    | 'server'
    | 'sessionId'
    | 'windowId'
    | 'paneId'
    | 'index'
    | 'pid'
    | 'dead'
    | 'status'
    | 'signal'
    | 'piped'
    | 'tag'
    | 'layoutTag'
    | 'nameBytes'
    | 'sessionName'
    | 'title',
    string
  >
>;

interface Names {
  readonly session: string;
  readonly title: string;
}

/** The whole answer to `LOOK_LINE`, or what is wrong with it: a row that does not parse voids them all. */
export function parseLook(
  lines: readonly string[],
  installation: InstallationId,
): Result<Look, string> {
  const rows: Row[] = [];
  for (const line of lines) {
    const row = parseRow(line, installation);
    if (row === undefined) return err(`not a row of a pane: ${JSON.stringify(line.slice(0, 120))}`);
    rows.push(row);
  }
  const server = rows[0]?.server;
  if (server === undefined) return err('the list of panes is empty');
  if (rows.some((row) => row.server !== server)) return err('rows of two servers in one answer');
  const shown = rows.filter((row) => row.session.name !== OWN_SESSION);
  return ok({ server, sessions: distinctSessions(shown), panes: distinctPanes(shown) });
}

function parseRow(line: string, installation: InstallationId): Row | undefined {
  const fields = ROW.exec(line)?.groups as RowFields | undefined;
  if (fields === undefined) return undefined;
  const names = splitNames(fields);
  if (names === undefined) return undefined;
  return {
    server: fields.server,
    session: toSession(fields, names.session, installation),
    pane: toPane(fields, names, installation),
  };
}

function toSession(fields: RowFields, name: string, installation: InstallationId): ObservedSession {
  const id = fields.sessionId as TmuxSessionId;
  const layoutId = readTag(fields.layoutTag, installation, id) as LayoutId | undefined;
  return { id, name, ...(layoutId !== undefined && { layoutId }) };
}

function toPane(fields: RowFields, names: Names, installation: InstallationId): ObservedPane {
  const paneId = readTag(fields.tag, installation, fields.paneId) as PaneId | undefined;
  return {
    id: fields.paneId as TmuxPaneId,
    sessionId: fields.sessionId as TmuxSessionId,
    sessionName: names.session,
    windowId: fields.windowId as TmuxWindowId,
    index: Number(fields.index),
    title: names.title,
    pid: Number(fields.pid),
    dead: fields.dead === '1',
    ...(fields.status !== '' && { exitCode: Number(fields.status) }),
    ...(fields.signal !== '' && { exitSignal: signalName(Number(fields.signal)) }),
    ...(paneId !== undefined && { paneId }),
    piped: fields.piped === '1',
  };
}

/** A name that holds the separator is cut by its length, which tmux gives in bytes, and before 3.2 not at all. */
function splitNames(fields: RowFields): Names | undefined {
  const { nameBytes, sessionName, title } = fields;
  if (nameBytes === '') {
    const [session = '', ...rest] = [sessionName, title].join(SEPARATOR).split(SEPARATOR);
    return { session, title: rest.join(SEPARATOR) };
  }
  if (Buffer.byteLength(sessionName) === Number(nameBytes)) return { session: sessionName, title };
  const bytes = Buffer.from(`${sessionName}${SEPARATOR}${title}`);
  const session = bytes.subarray(0, Number(nameBytes)).toString();
  const rest = bytes.subarray(Number(nameBytes)).toString();
  return rest.startsWith(SEPARATOR) ? { session, title: rest.slice(1) } : undefined;
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}

function distinctSessions(rows: readonly Row[]): readonly ObservedSession[] {
  return [...new Map(rows.map(({ session }) => [session.id, session])).values()];
}

/** A window linked into several sessions lists its panes once for each: the layout's own session counts. */
function distinctPanes(rows: readonly Row[]): readonly ObservedPane[] {
  const byId = new Map<TmuxPaneId, Row>();
  for (const row of rows) {
    const known = byId.get(row.pane.id);
    const isBetter = known?.session.layoutId === undefined && row.session.layoutId !== undefined;
    if (known === undefined || isBetter) byId.set(row.pane.id, row);
  }
  return [...byId.values()].map((row) => row.pane);
}
