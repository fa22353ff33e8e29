import type { PanePipes } from '../../agents/logs/ports.ts';
import type { InputTarget, PaneInput, ServerPanes } from '../../agents/ports.ts';
import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
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
    socket === undefined || host.others === undefined
      ? options.exchange
      : visitServer(host, host.others, socket);
  const input = ({ socket }: InputTarget): PaneInput => openPaneInput(wayTo(socket), installation);
  return {
    find: (sockets) => find(sockets, { ...options, wayTo }),
    paste: (target, message) => input(target).paste(target, message),
    enter: (target) => input(target).enter(target),
    screen: (target) => input(target).screen(target),
    pipe: (target, to) => openPanePipes(wayTo(target.socket), options).pipe(target, to),
  };
}

async function find(
  asked: readonly string[] | undefined,
  { host, installation, wayTo }: PaneAccessOptions & { wayTo: (socket?: string) => Exchange },
): Promise<readonly ServerPanes[]> {
  const sockets = asked ?? (await host.others?.list()) ?? [];
  const life = await host.incarnation();
  if (life.kind !== 'running') {
    return [undefined, ...sockets].map(
      (socket): ServerPanes => ({
        kind: 'unknown',
        ...(socket !== undefined && { socket }),
        message: life.message,
      }),
    );
  }
  const look = (socket?: string): Promise<ServerPanes> =>
    findPanes({
      exchange: wayTo(socket),
      installation,
      incarnation: life.id,
      ...(socket !== undefined && { socket }),
    });
  return Promise.all([look(), ...sockets.map((socket) => look(socket))]);
}
