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
import type { Dialect } from './dialect.ts';
import {
  listPanesLines,
  type PaneList,
  type RowFields,
  rowPattern,
  SEPARATOR,
  splitTexts,
} from './pane-rows.ts';
import { OWN_SESSION } from './wake.ts';

/** What is asked for, with the form its answer must have. */
const fields = (tag: string): RowFields => [
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
  [tag, `(?<tag>[^${SEPARATOR}]*)`],
  ['#{@agenttower_layout}', `(?<layoutTag>[^${SEPARATOR}]*)`],
  ['#{n:session_name}', String.raw`(?<nameBytes>\d*)`],
  [`#{session_name}${SEPARATOR}#{pane_title}`, '(?<names>.*)'],
];

const linesOf = new WeakMap<Dialect, readonly string[]>();

/** Lines that ask for every pane of the server. */
export function lookLines(dialect: Dialect): readonly string[] {
  const lines = linesOf.get(dialect) ?? listPanesLines(fields(dialect.marks.format), dialect);
  linesOf.set(dialect, lines);
  return lines;
}

const ROW = rowPattern(fields(''));

export interface Look {
  /** `pid:start_time` of the server that answered. */
  readonly server: string;
  readonly sessions: readonly ObservedSession[];
  readonly panes: readonly ObservedPane[];
  /** Our own session is there besides. */
  readonly hasOwnSession: boolean;
}

interface Row {
  readonly server: string;
  readonly session: ObservedSession;
  readonly pane: ObservedPane;
}

type Groups = Readonly<
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
    | 'names',
    string
  >
>;

/** The whole answer to `lookLines`, or what is wrong with it: a row that does not parse voids them all. */
export function parseLook(list: PaneList, installation: InstallationId): Result<Look, string> {
  const rows: Row[] = [];
  for (const line of list.rows) {
    const row = parseRow(line, list, installation);
    if (row === undefined) return err(`not a row of a pane: ${JSON.stringify(line.slice(0, 120))}`);
    rows.push(row);
  }
  const server = rows[0]?.server;
  if (server === undefined) return err('the list of panes is empty');
  if (rows.some((row) => row.server !== server)) return err('rows of two servers in one answer');
  const shown = rows.filter((row) => row.session.name !== OWN_SESSION);
  return ok({
    server,
    sessions: distinctSessions(shown),
    panes: distinctPanes(shown),
    hasOwnSession: shown.length < rows.length,
  });
}

/** `parseLook`, which answers what it answered last when it is given the same again: nothing happens most of the time. */
export function openLookParser(
  installation: InstallationId,
): (list: PaneList) => Result<Look, string> {
  let last: { readonly said: readonly string[]; readonly parsed: Result<Look, string> } | undefined;
  return (list) => {
    const { said } = list;
    const isSame =
      last?.said.length === said.length && said.every((line, at) => line === last?.said[at]);
    if (last === undefined || !isSame) last = { said, parsed: parseLook(list, installation) };
    return last.parsed;
  };
}

function parseRow(
  line: string,
  { tagOf, titleOf }: PaneList,
  installation: InstallationId,
): Row | undefined {
  const found = ROW.exec(line)?.groups as Groups | undefined;
  if (found === undefined) return undefined;
  const fields = { ...found, tag: tagOf(found.paneId, found.tag) };
  const names = splitTexts([fields.nameBytes], fields.names);
  if (names === undefined) return undefined;
  const [session = '', title = ''] = names;
  return {
    server: fields.server,
    session: toSession(fields, session, installation),
    pane: toPane(fields, { session, title: titleOf(title) }, installation),
  };
}

function toSession(fields: Groups, name: string, installation: InstallationId): ObservedSession {
  const id = fields.sessionId as TmuxSessionId;
  const layoutId = readTag(fields.layoutTag, installation, id) as LayoutId | undefined;
  return { id, name, ...(layoutId !== undefined && { layoutId }) };
}

function toPane(
  fields: Groups,
  names: { readonly session: string; readonly title: string },
  installation: InstallationId,
): ObservedPane {
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

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}

function distinctSessions(rows: readonly Row[]): readonly ObservedSession[] {
  return [...new Map(rows.map(({ session }) => [session.id, session])).values()];
}

/** A window linked into several sessions lists its panes once for each: a layout's own session counts first. */
function distinctPanes(rows: readonly Row[]): readonly ObservedPane[] {
  const byId = new Map<TmuxPaneId, readonly [Row, ...Row[]]>();
  for (const row of rows) {
    const known = byId.get(row.pane.id);
    byId.set(row.pane.id, known === undefined ? [row] : inOrder(row, known));
  }
  return [...byId.values()].map(([{ pane }, ...others]) =>
    others.length === 0 ? pane : { ...pane, alsoIn: others.map(({ session }) => session.id) },
  );
}

function inOrder(row: Row, known: readonly [Row, ...Row[]]): readonly [Row, ...Row[]] {
  const [first, ...rest] = known;
  const isBetter = first.session.layoutId === undefined && row.session.layoutId !== undefined;
  return isBetter ? [row, first, ...rest] : [first, ...rest, row];
}
