import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InputTarget, PaneInput, ServerPanes } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import { err, ok } from '../../lib/result.ts';
import { findPanes } from './find-panes.ts';
import type { TmuxHost } from './host.ts';
import { type Exchange, openPaneInput } from './input.ts';
import { visitServer } from './other-server.ts';
import { openPanePipes } from './pane-pipe.ts';

/** Every pane of one container's user, on our own server and on theirs: seen, and typed into. */
export interface PaneAccess extends PaneInput, PanePipes {
  /** As `PaneFinder.find`. */
  find(sockets?: readonly string[]): Promise<readonly ServerPanes[]>;
}

export interface PaneAccessOptions {
  readonly host: TmuxHost;
  readonly installation: InstallationId;
  /** The way to the container's own server. */
  readonly exchange: Exchange;
  readonly logRotation?: LogRotation | undefined;
}

/** Makes no connection of its own that lasts. */
export function openPaneAccess(options: PaneAccessOptions): PaneAccess {
  const { host, installation } = options;
  const wayTo = (socket: string | undefined): Exchange =>
    socket === undefined ? options.exchange : visitServer(host, host.others, socket);
  const runningWayTo = (socket: string | undefined): Exchange => whileRunning(host, wayTo(socket));
  const input = ({ socket }: InputTarget): PaneInput =>
    openPaneInput(runningWayTo(socket), installation);
  return {
    find: (sockets) => find(sockets, { ...options, wayTo }),
    paste: (target, message) => input(target).paste(target, message),
    enter: (target) => input(target).enter(target),
    screen: (target) => input(target).screen(target),
    pipe: (target, to) => openPanePipes(runningWayTo(target.socket), options).pipe(target, to),
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
  { host, installation, wayTo }: PaneAccessOptions & { wayTo: (socket?: string) => Exchange },
): Promise<readonly ServerPanes[]> {
  const life = await host.incarnation();
  if (life.kind !== 'running') {
    const { kind, message } = life;
    return [undefined, ...(asked ?? [])].map((socket) =>
      // No server outlives its container.
      kind === 'stopped'
        ? { kind: 'seen', ...where(socket), panes: [] }
        : toUnknown(message, socket),
    );
  }
  const listed = asked === undefined ? await host.others.list() : ok(asked);
  const look = (socket?: string): Promise<ServerPanes> =>
    findPanes({
      exchange: wayTo(socket),
      installation,
      incarnation: life.id,
      ...where(socket),
    });
  const sockets = listed.ok ? listed.value : [];
  const answers = await Promise.all([look(), ...sockets.map((socket) => look(socket))]);
  return listed.ok ? answers : [...answers, toUnknown(listed.error.message)];
}

function toUnknown(message: string, socket?: string): ServerPanes {
  return { kind: 'unknown', ...where(socket), message };
}

function where(socket: string | undefined): { readonly socket?: string } {
  return socket === undefined ? {} : { socket };
}
