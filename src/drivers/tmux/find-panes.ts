import type { FoundPane, ServerPanes } from '../../domain/found-pane.ts';
import { type InstallationId, makeEpoch, type PaneId, type TmuxPaneId } from '../../domain/ids.ts';
import { readTag } from '../../domain/observed.ts';
import type { Result } from '../../lib/result.ts';
import type { Dialect } from './dialect.ts';
import {
  listPanesLines,
  type PaneList,
  type RowFields,
  readPaneList,
  rowPattern,
  SEPARATOR,
  splitTexts,
} from './pane-rows.ts';
import type { Reply } from './reply.ts';
import type { Unreachable } from './unreachable.ts';

/** A way to send lines to one tmux server. One reply per line; never rejects. */
export type Exchange = (
  lines: readonly string[],
  deadlineMs: number,
) => Promise<Result<readonly Reply[], Unreachable>>;

/** The same, to a server that need not be there. */
export type Visit = (
  lines: readonly string[],
  deadlineMs: number,
) => Promise<Awaited<ReturnType<Exchange>> | 'no-server'>;

export interface FindOptions {
  readonly visit: Visit;
  readonly installation: InstallationId;
  readonly dialect: Dialect;
  /** Id of the container's life. */
  readonly incarnation: string;
  /** Absent for the container's own server. */
  readonly socket?: string;
}

const FIND_DEADLINE_MS = 3_000;

const TEXTS = ['session_name', 'pane_current_command', 'pane_current_path', 'pane_title'] as const;
const fieldsOf = (tag: string): RowFields => [
  ['#{pid}:#{start_time}', String.raw`(?<server>\d+:\d+)`],
  ['#{pane_id}', String.raw`(?<id>%\d+)`],
  ['#{pane_pid}', String.raw`(?<pid>\d+)`],
  ['#{window_index}', String.raw`(?<window>\d+)`],
  ['#{pane_index}', String.raw`(?<index>\d+)`],
  ['#{pane_dead}', '(?<dead>[01])'],
  ['#{pane_active}', '(?<active>[01])'],
  ['#{pane_tty}', `(?<tty>[^${SEPARATOR}]*)`],
  [tag, `(?<tag>[^${SEPARATOR}]*)`],
  [TEXTS.slice(0, -1).map(lengthOf).join(','), String.raw`(?<lengths>[\d,]*)`],
  [TEXTS.map((name) => `#{${name}}`).join(SEPARATOR), '(?<texts>.*)'],
];
const ROW = rowPattern(fieldsOf(''));

type Groups = Readonly<
  Record<
    | 'server'
    | 'id'
    | 'pid'
    | 'window'
    | 'index'
    | 'dead'
    | 'active'
    | 'tty'
    | 'tag'
    | 'lengths'
    | 'texts',
    string
  >
>;

/** Our own session's panes are nobody's; see `wake.ts`. */
type IsHidden = (session: string) => boolean;

/** Every pane of one server but the hidden ones. A row that does not parse makes all of it unknown. */
export async function findPanes(options: FindOptions, isHidden: IsHidden): Promise<ServerPanes> {
  const { visit, socket, dialect } = options;
  const where = socket === undefined ? {} : { socket };
  const lines = listPanesLines(fieldsOf(dialect.marks.format), dialect);
  const visited = await visit(lines, FIND_DEADLINE_MS);
  if (visited === 'no-server') return { kind: 'seen', ...where, panes: [] };
  if (!visited.ok) return { kind: 'unknown', ...where, ...visited.error };
  const list = readPaneList(visited.value, dialect);
  if (list.ok) return parsePanes(list.value, options, isHidden);
  const isLate = list.error.kind === 'unknown' && list.error.cause === 'deadline';
  const reason = isLate ? 'TmuxTimeout' : 'TmuxFailed';
  return { kind: 'unknown', ...where, reason, message: list.error.message };
}

function parsePanes(list: PaneList, options: FindOptions, isHidden: IsHidden): ServerPanes {
  const where = options.socket === undefined ? {} : { socket: options.socket };
  const panes = new Map<TmuxPaneId, FoundPane>();
  for (const line of list.rows) {
    const pane = parsePane(line, list, options);
    if (pane === undefined) {
      const message = `tmux answered something else than its panes: ${JSON.stringify(line.slice(0, 120))}`;
      return { kind: 'unknown', ...where, reason: 'OutputMalformed', message };
    }
    // A window that is linked into several sessions is listed once for each.
    if (!isHidden(pane.session) && !panes.has(pane.pane)) panes.set(pane.pane, pane);
  }
  return { kind: 'seen', ...where, panes: [...panes.values()] };
}

function parsePane(
  line: string,
  { tagOf, titleOf }: PaneList,
  options: FindOptions,
): FoundPane | undefined {
  const fields = ROW.exec(line)?.groups as Groups | undefined;
  const texts = fields && splitTexts(fields.lengths.split(','), fields.texts);
  if (fields === undefined || texts === undefined) return undefined;
  const { id, server } = fields;
  const [session, command, workingDir, title] = texts as readonly [string, string, string, string];
  const owner = readTag(tagOf(id, fields.tag), options.installation, id) as PaneId | undefined;
  return {
    ...(options.socket !== undefined && { socket: options.socket }),
    epoch: makeEpoch(options.incarnation, server),
    pane: id as TmuxPaneId,
    pid: Number(fields.pid),
    tty: fields.tty,
    windowIndex: Number(fields.window),
    paneIndex: Number(fields.index),
    dead: fields.dead === '1',
    focused: fields.active === '1',
    ...(owner !== undefined && { owner }),
    session,
    command,
    workingDir,
    title: titleOf(title),
  };
}

/** Nothing before tmux 3.2. */
function lengthOf(name: string): string {
  return `#{n:${name}}`;
}
