import type { ServerPanes } from '../../domain/found-pane.ts';
import { type InstallationId, makeEpoch } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import type { Observation, ObservedPane } from '../../domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../domain/tmux-ops.ts';
import type { Clock } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { TmuxServer } from '../../reconcile/ports.ts';
import { Connection, type Log } from './connection.ts';
import { dialectOf } from './dialect.ts';
import { findAllPanes } from './find-all-panes.ts';
import type { Exchange, Visit } from './find-panes.ts';
import type { TmuxHost } from './host.ts';
import { type Look, lookLines, openLookParser } from './look.ts';
import { toOutcome } from './outcome.ts';
import { type PaneList, readPaneList } from './pane-rows.ts';
import { renderOp } from './render.ts';
import type { RenderContext } from './render-context.ts';
import { leaveOwnSession, standsAnywhere, stepAside } from './standing.ts';
import { timedOut, type Unreachable } from './unreachable.ts';
import { tooOld } from './version.ts';

export interface TmuxServerOptions {
  readonly host: TmuxHost;
  readonly installation: InstallationId;
  readonly clock: Clock;
  /** A reason to look again; carries no data and may be spurious. */
  readonly onChange: () => void;
  readonly log?: Log;
  /** How what panes print is kept; the default when absent. */
  readonly logRotation?: LogRotation | undefined;
}

export interface OpenTmuxServer extends TmuxServer {
  /** Sends lines as they are, pipelined: one reply per line, or why none was sent. Never rejects. */
  readonly exchange: Exchange;
  /** The same, without starting a server that is not there. */
  readonly visit: Visit;
  /** Panes of every server of the same user, whoever made them; as `PaneFinder.find`. */
  findPanes(sockets: readonly string[]): Promise<readonly ServerPanes[]>;
  /** Ends our client; the server and its panes live on. */
  close(): Promise<void>;
}

const LOOK_DEADLINE_MS = 3_000;
const RUN_DEADLINE_MS = 10_000;
const LOOK_ATTEMPTS = 2;
const SETTLE_ATTEMPTS = 5;
const SETTLE_PAUSE_MS = 10;
const ANY_CHILD_LINE = 'run-shell -b true';

/** What one look leaves for the next. */
interface Memory {
  /** Processes whose exit status was waited for in vain. */
  readonly givenUp: Set<string>;
  readonly parse: (list: PaneList) => Result<Look, string>;
  /** tmux did not answer in time. */
  hangs: boolean;
}

/** The tmux server of one container. Nothing is started before the first look or run. */
export function openTmuxServer(options: TmuxServerOptions): OpenTmuxServer {
  const connection = new Connection(options);
  const memory: Memory = {
    givenUp: new Set(),
    parse: openLookParser(options.installation),
    hangs: false,
  };
  return {
    look: () => look(connection, options, memory),
    run: (ops) => run(connection, ops, options),
    exchange: (lines, deadlineMs) => connection.exchange(lines, deadlineMs),
    visit: connection.visit,
    findPanes: (sockets) => findAllPanes({ ...options, visitOwn: connection.visit }, sockets),
    close: async () => connection.close(),
  };
}

async function look(
  connection: Connection,
  options: TmuxServerOptions,
  memory: Memory,
): Promise<Observation> {
  const { host } = options;
  const { container } = host;
  const before = await host.incarnation();
  if (before.kind !== 'running') return { ...before, container };

  const unusable = tooOld(host);
  if (unusable !== undefined) return { kind: 'unknown', container, ...unusable };

  const seen = await listSettledPanes(connection, options, memory);
  if (isDoubtful(seen, memory)) host.suspect?.();
  const after = await host.incarnation();
  if (after.kind === 'stopped') return { ...after, container };
  if (!seen.ok) return { kind: 'unknown', container, ...seen.error };
  if (after.kind !== 'running' || after.id !== before.id) {
    const message = `container ${container} restarted while it was looked at; the next look will tell`;
    return { kind: 'unknown', container, reason: 'TmuxFailed', message };
  }
  const { server, sessions, panes } = seen.value;
  leaveIfNotAlone(connection, host, seen.value);
  const { id, runningSince } = before;
  const epoch = makeEpoch(id, server);
  return {
    kind: 'seen',
    container,
    epoch,
    ...(runningSince !== undefined && { runningSince }),
    sessions,
    panes,
  };
}

/**
 * Whether the container may be another one by now. While tmux hangs that matters when its silence begins and when it
 * ends, not at every look between: each time the engine has to list all it has.
 */
function isDoubtful(seen: Result<Look, Unreachable>, memory: Memory): boolean {
  const hung = memory.hangs;
  memory.hangs = !seen.ok && seen.error.reason === 'TmuxTimeout';
  return memory.hangs ? !hung : !seen.ok || hung;
}

/** Not waited for: whether it was done, the next look tells. */
function leaveIfNotAlone(
  connection: Connection,
  host: TmuxHost,
  { sessions: [other], hasOwnSession }: Look,
): void {
  if (other === undefined || !hasOwnSession || !standsAnywhere(host)) return;
  const lines = leaveOwnSession(other.id).map(dialectOf(host).write);
  void connection.exchange(lines, LOOK_DEADLINE_MS);
}

/**
 * A pane counts as dead a moment before its exit status is known; that moment is waited for, within reason, and once
 * for each: before 3.3 a program that a signal ended never has a status, and in 2.6 an unknown one reads as 0. tmux now
 * and then misses the end of a process that was very short; the end of any other child makes it collect both.
 */
async function listSettledPanes(
  connection: Connection,
  options: TmuxServerOptions,
  { givenUp, parse }: Memory,
): Promise<Result<Look, Unreachable>> {
  for (let attempt = 1; ; attempt += 1) {
    const listed = await listPanes(connection, options.host, parse);
    if (!listed.ok) return listed;
    const { statusMayLag } = dialectOf(options.host);
    const unsettled = listed.value.panes
      .filter((pane) => isHalfDead(pane) || (statusMayLag && pane.exitCode === 0))
      .map(nameProcess);
    const isSettled = unsettled.every((process) => givenUp.has(process));
    if (isSettled || attempt === SETTLE_ATTEMPTS) {
      givenUp.clear();
      for (const process of unsettled) givenUp.add(process);
      return listed;
    }
    if (attempt > 1) await connection.exchange([ANY_CHILD_LINE], LOOK_DEADLINE_MS);
    await options.clock.sleep(SETTLE_PAUSE_MS);
  }
}

function isHalfDead(pane: ObservedPane): boolean {
  return pane.dead && pane.exitCode === undefined && pane.exitSignal === undefined;
}

function nameProcess({ id, pid }: ObservedPane): string {
  return `${id} ${pid}`;
}

/** Looking changes nothing, so a channel lost under way is a reason to look again at once. */
async function listPanes(
  connection: Connection,
  host: TmuxHost,
  parse: Memory['parse'],
): Promise<Result<Look, Unreachable>> {
  const dialect = dialectOf(host);
  for (let attempt = 1; ; attempt += 1) {
    const exchanged = await connection.exchange(lookLines(dialect), LOOK_DEADLINE_MS);
    if (!exchanged.ok) return exchanged;
    const list = readPaneList(exchanged.value, dialect);
    if (list.ok) {
      const parsed = parse(list.value);
      return parsed.ok ? parsed : err(malformed(host, parsed.error));
    }
    const { error } = list;
    if (error.kind === 'error') return err(malformed(host, error.message));
    if (error.cause === 'deadline') return err(timedOut(host, LOOK_DEADLINE_MS));
    if (attempt === LOOK_ATTEMPTS) return err({ reason: 'TmuxFailed', message: error.message });
  }
}

function malformed(host: TmuxHost, problem: string): Unreachable {
  return {
    reason: 'OutputMalformed',
    message: `tmux in container ${host.container} answered something else than its panes: ${problem}`,
  };
}

async function run(
  connection: Connection,
  ops: readonly TmuxOp[],
  options: TmuxServerOptions,
): Promise<readonly OpOutcome[]> {
  const { host } = options;
  const life = await host.incarnation();
  if (life.kind !== 'running') return ops.map(() => ({ kind: 'unknown', message: life.message }));
  const rendered = ops.map((op) => tryRender(op, options));
  const lines = rendered.filter((result) => result.ok).map((result) => result.value);
  if (lines.length === 0) return rendered.map(toRenderError);

  const exchanged = await connection.exchange(lines, RUN_DEADLINE_MS);
  const replies = exchanged.ok ? exchanged.value.values() : [].values();
  const fallback = exchanged.ok ? 'tmux gave no reply' : exchanged.error.message;
  return rendered.map((result) => {
    if (!result.ok) return toRenderError(result);
    const { value: reply } = replies.next();
    return reply === undefined ? { kind: 'unknown', message: fallback } : toOutcome(reply);
  });
}

function renderContext({ host, installation, logRotation }: TmuxServerOptions): RenderContext {
  const { homeDir } = host;
  const dialect = dialectOf(host);
  return {
    installation,
    dialect,
    homeDir,
    logRotation,
    provesDirectories: !host.ownsServer,
    hooksOwnPanes: dialect.hasChannel && !host.ownsServer,
  };
}

/** A word that no argument can hold fails its own op, not the batch. */
function tryRender(op: TmuxOp, options: TmuxServerOptions): Result<string, string> {
  try {
    const { dialect, ...context } = renderContext(options);
    const line = renderOp(op, { dialect, ...context });
    const mayEndOurs = op.kind === 'kill' && standsAnywhere(options.host);
    return ok(mayEndOurs ? `${dialect.write(stepAside(op.guard.pane))} ; ${line}` : line);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function toRenderError(result: Result<string, string>): OpOutcome {
  return { kind: 'error', message: result.ok ? 'not sent' : result.error };
}
