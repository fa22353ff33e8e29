import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InputTarget, PaneInput } from '../../agents/ports.ts';
import type { ServerPanes } from '../../domain/found-pane.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import { err, ok } from '../../lib/result.ts';
import { dialectOf } from './dialect.ts';
import { type Exchange, findPanes, type Visit } from './find-panes.ts';
import type { TmuxHost } from './host.ts';
import { openPaneInput } from './input.ts';
import { openPanePipes } from './pane-pipe.ts';
import { atSocket, visitServer } from './visit-server.ts';
import { OWN_SESSION } from './wake.ts';

/** Every pane of one container's user, on our own server and on theirs: seen, and typed into. */
export interface PaneAccess extends PaneInput, PanePipes {
  /** As `PaneFinder.find`. */
  find(sockets?: readonly string[]): Promise<readonly ServerPanes[]>;
}

export interface PaneAccessOptions {
  readonly host: TmuxHost;
  readonly installation: InstallationId;
  /** The way to the container's own server. */
  readonly server: { readonly exchange: Exchange; readonly visit: Visit };
  readonly logRotation?: LogRotation | undefined;
}

/** Makes no connection of its own that lasts. */
export function openPaneAccess(options: PaneAccessOptions): PaneAccess {
  const { host, installation, server } = options;
  const visitOther = (socket: string): Visit => visitServer(atSocket(host, host.others, socket));
  const wayTo = (socket: string | undefined): Exchange =>
    whileRunning(host, socket === undefined ? server.exchange : toExchange(visitOther(socket)));
  const speak = async () => {
    // Which tmux it is, is known from here on.
    await host.incarnation();
    return dialectOf(host);
  };
  const input = ({ socket }: InputTarget): PaneInput =>
    openPaneInput(wayTo(socket), { installation, speak });
  return {
    find: (sockets) => find(sockets, { ...options, visitOther }),
    paste: (target, message) => input(target).paste(target, message),
    enter: (target, name) => input(target).enter(target, name),
    trace: (target, name) => input(target).trace(target, name),
    clearLine: (target) => input(target).clearLine(target),
    screen: (target) => input(target).screen(target),
    pipe: (target, to) =>
      openPanePipes(wayTo(target.socket), { ...options, speak }).pipe(target, to),
  };
}

/** To a server that is not there, nothing can be sent. */
function toExchange(visit: Visit): Exchange {
  return async (lines, deadlineMs) => {
    const visited = await visit(lines, deadlineMs);
    return visited === 'no-server'
      ? err({ reason: 'TmuxFailed', message: 'its tmux server is gone' })
      : visited;
  };
}

/** Says why nothing was sent where tmux cannot be run now. */
function whileRunning(host: TmuxHost, exchange: Exchange): Exchange {
  return async (lines, deadlineMs) => {
    const life = await host.incarnation();
    if (life.kind === 'running') return await exchange(lines, deadlineMs);
    return err({ reason: 'EngineUnreachable', message: life.message });
  };
}

async function find(
  asked: readonly string[] | undefined,
  {
    host,
    installation,
    server,
    visitOther,
  }: PaneAccessOptions & { readonly visitOther: (socket: string) => Visit },
): Promise<readonly ServerPanes[]> {
  const life = await host.incarnation();
  if (life.kind !== 'running') {
    // No server outlives its container; one that is paused, or called something else now, has its servers still.
    const isEmpty = life.kind === 'stopped' && life.nothingRuns === true;
    return [undefined, ...(asked ?? [])].map((socket) =>
      isEmpty ? { kind: 'seen', ...where(socket), panes: [] } : toUnknown(life.message, socket),
    );
  }
  const listed = asked === undefined ? await host.others.list() : ok(asked);
  const look = (socket?: string): Promise<ServerPanes> =>
    findPanes(
      {
        visit: socket === undefined ? server.visit : visitOther(socket),
        installation,
        dialect: dialectOf(host),
        incarnation: life.id,
        ...where(socket),
      },
      (session) => session === OWN_SESSION,
    );
  const sockets = listed.ok ? listed.value : [];
  const answers = await Promise.all([look(), ...sockets.map((socket) => look(socket))]);
  return listed.ok ? answers : [...answers, toUnknown(listed.error.message)];
}

function toUnknown(message: string, socket?: string): ServerPanes {
  return { kind: 'unknown', ...where(socket), reason: 'TmuxFailed', message };
}

function where(socket: string | undefined): { readonly socket?: string } {
  return socket === undefined ? {} : { socket };
}
