import { arrangementProblem } from '../../src/domain/arrangement.ts';
import {
  type ContainerId,
  epochServer,
  type InstallationId,
  type LayoutId,
  makeEpoch,
  type PaneId,
  type TmuxPaneId,
  type TmuxSessionId,
  type TmuxWindowId,
} from '../../src/domain/ids.ts';
import {
  formatTag,
  type ObservedPane,
  type ObservedSession,
  readTag,
  type SeenObservation,
} from '../../src/domain/observed.ts';
import type {
  CreatedPane,
  CreateOp,
  FenceStep,
  OpOutcome,
  PaneGuard,
  RespawnOp,
  TmuxOp,
} from '../../src/domain/tmux-ops.ts';

/** Session of our own client: hidden from looks, but its name and its ids are taken. */
const OWN_SESSION = '_agenttower';

export interface SimPane {
  readonly id: TmuxPaneId;
  window: SimWindow;
  title: string;
  pid: number;
  dead: boolean;
  exitCode?: number | undefined;
  exitSignal?: string | undefined;
  /** The pane option `@agenttower`; `undefined` when it is not set on the pane itself. */
  tag: string | undefined;
  remainOnExit: boolean;
  piped: boolean;
  /** A person made it or took it over: nothing of ours may touch it. */
  isHandMade: boolean;
  /** Our tag was taken off for good: a person's, once that is recorded. */
  isReleased: boolean;
}

export interface SimWindow {
  readonly id: TmuxWindowId;
  session: SimSession;
  readonly panes: SimPane[];
  tag: string | undefined;
}

export interface SimSession {
  readonly id: TmuxSessionId;
  name: string;
  readonly windows: SimWindow[];
  layoutTag: string | undefined;
  tag: string | undefined;
}

/** One life of a tmux server. Everything in it dies with it, the fences too. */
export interface SimServer {
  readonly pid: number;
  readonly startTime: number;
  readonly sessions: SimSession[];
  readonly fences: Map<string, string>;
  tag: string | undefined;
  /** SIGSTOP: it takes commands in and answers none. */
  isStopped: boolean;
  nextPane: number;
  nextWindow: number;
  nextSession: number;
}

/** Guards that are left out on purpose, to prove that somebody would notice. */
export interface BrokenGuards {
  readonly withoutFence?: boolean;
  readonly withoutEpoch?: boolean;
  /** Kill by `%N` alone. */
  readonly withoutTag?: boolean;
}

export interface SimContainerOptions {
  readonly container: ContainerId;
  readonly installation: InstallationId;
  readonly broken?: BrokenGuards;
  /** Called just before an op of ours changes a pane. */
  readonly onTouch?: (op: TmuxOp, pane: SimPane) => void;
  /** Incarnation of the container, as the engine tells it; counts up with every start. */
  readonly incarnation?: (life: number) => string;
}

/**
 * A container and its tmux server, as far as our ops and looks can tell it from real ones. Every op is one guarded
 * command: it happens whole, or fails after its fence was set, exactly like the line it is rendered to.
 */
export class SimContainer {
  readonly options: SimContainerOptions;
  state: 'running' | 'stopped' | 'paused' = 'running';
  server: SimServer | undefined;
  #life = 1;
  #nextPid = 100;
  #servers = 0;

  constructor(options: SimContainerOptions) {
    this.options = options;
  }

  get incarnation(): string {
    return this.options.incarnation?.(this.#life) ?? `life${this.#life}`;
  }

  /** The server there is, else a new one with our own session, as connecting to it makes it. */
  started(): SimServer {
    if (this.server !== undefined) return this.server;
    this.#servers += 1;
    this.server = {
      pid: this.newPid(),
      startTime: 1_000 + this.#servers,
      sessions: [],
      fences: new Map(),
      tag: undefined,
      isStopped: false,
      nextPane: 0,
      nextWindow: 0,
      nextSession: 0,
    };
    this.newSession(OWN_SESSION);
    return this.server;
  }

  killServer(): void {
    this.server = undefined;
  }

  stopContainer(): void {
    this.killServer();
    this.state = 'stopped';
  }

  startContainer(): void {
    if (this.state === 'stopped') this.#life += 1;
    this.state = 'running';
  }

  newPid(): number {
    this.#nextPid += 1;
    return this.#nextPid;
  }

  /** Panes of every session but our own, in tmux's order. */
  panes(): SimPane[] {
    const found: SimPane[] = [];
    for (const session of this.server?.sessions ?? []) {
      if (session.name === OWN_SESSION) continue;
      for (const window of session.windows) for (const pane of window.panes) found.push(pane);
    }
    return found;
  }

  sessions(): SimSession[] {
    return (this.server?.sessions ?? []).filter(({ name }) => name !== OWN_SESSION);
  }

  /** What the option `@agenttower` reads as on a pane: formats fall through to window, session and server. */
  tagOf(pane: SimPane): string {
    const { window } = pane;
    return pane.tag ?? window.tag ?? window.session.tag ?? this.server?.tag ?? '';
  }

  /** The incarnation a pane is, by a tag that names its own carrier. */
  ownerOf(pane: SimPane): PaneId | undefined {
    return readTag(this.tagOf(pane), this.options.installation, pane.id) as PaneId | undefined;
  }

  /** A successful look. Starts the server when none runs. */
  look(): SeenObservation {
    const server = this.started();
    const sessions: ObservedSession[] = [];
    const panes: ObservedPane[] = [];
    for (const session of server.sessions.toSorted(byName)) {
      if (session.name === OWN_SESSION) continue;
      sessions.push(this.#observeSession(session));
      for (const window of session.windows) {
        window.panes.forEach((pane, index) => panes.push(this.#observePane(pane, index)));
      }
    }
    const epoch = makeEpoch(this.incarnation, serverId(server));
    return { kind: 'seen', container: this.options.container, epoch, sessions, panes };
  }

  /** One op, as tmux would carry it out now. Starts no server: without one the answer is `unknown`. */
  execute(op: TmuxOp): OpOutcome {
    const { server } = this;
    if (server === undefined) return { kind: 'unknown', message: 'no server running' };
    switch (op.kind) {
      case 'create':
        return this.#create(server, op);
      case 'respawn':
        return this.#respawn(server, op);
      case 'kill':
        return this.#onOwnPane(server, op, op.guard, (pane) => this.removePane(pane));
      case 'retitle':
        return this.#onOwnPane(server, op, op.guard, (pane) => {
          pane.title = op.title;
        });
      case 'pipe':
        return this.#pipe(server, op);
      case 'release':
        return this.#release(server, op);
      case 'retag':
        return this.#retag(server, op);
      case 'arrange':
        return this.#arrange(server, op);
      case 'burn-fence':
        if (!this.#isEpoch(server, op.epoch) || !this.#isFence(server, op.fence)) {
          return refusal(server, op.fence);
        }
        server.fences.set(op.fence.slot, op.fence.next);
        return { kind: 'done' };
    }
  }

  // --- what people do, and what ops are made of -----------------------------------------------------------------------

  newSession(name: string): SimPane | undefined {
    const server = this.started();
    if (server.sessions.some((session) => session.name === name)) return undefined;
    const session: SimSession = {
      id: `$${server.nextSession++}` as TmuxSessionId,
      name,
      windows: [],
      layoutTag: undefined,
      tag: undefined,
    };
    server.sessions.push(session);
    return this.addPane(this.newWindow(session));
  }

  newWindow(session: SimSession): SimWindow {
    const id = `@${this.started().nextWindow++}` as TmuxWindowId;
    const window: SimWindow = { id, session, panes: [], tag: undefined };
    session.windows.push(window);
    return window;
  }

  /** A new pane at the end of a window; nobody's until it is tagged. */
  addPane(window: SimWindow): SimPane {
    const pane: SimPane = {
      id: `%${this.started().nextPane++}` as TmuxPaneId,
      window,
      title: 'host',
      pid: this.newPid(),
      dead: false,
      tag: undefined,
      remainOnExit: false,
      piped: false,
      isHandMade: false,
      isReleased: false,
    };
    window.panes.push(pane);
    return pane;
  }

  removePane(pane: SimPane): void {
    const { window } = pane;
    window.panes.splice(window.panes.indexOf(pane), 1);
    if (window.panes.length === 0) this.#removeWindow(window);
  }

  movePane(pane: SimPane, window: SimWindow): void {
    if (pane.window === window) return;
    this.removePane(pane);
    pane.window = window;
    window.panes.push(pane);
  }

  /** The program of a pane ends: a managed pane stays to be looked at, any other goes. */
  exitPane(pane: SimPane, how: { readonly code?: number; readonly signal?: string }): void {
    if (pane.dead) return;
    if (!pane.remainOnExit) {
      this.removePane(pane);
      return;
    }
    pane.dead = true;
    pane.exitCode = how.code;
    pane.exitSignal = how.signal;
  }

  respawnPane(pane: SimPane): void {
    pane.pid = this.newPid();
    pane.dead = false;
    pane.exitCode = undefined;
    pane.exitSignal = undefined;
  }

  // --- ops ------------------------------------------------------------------------------------------------------------

  #create(server: SimServer, op: CreateOp): OpOutcome {
    if (!this.#isEpoch(server, op.epoch) || !this.#isFence(server, op.fence)) {
      return refusal(server, op.fence);
    }
    const { place } = op;
    if (place.kind === 'new-session') {
      server.fences.set(op.fence.slot, op.fence.next);
      const pane = this.newSession(place.session);
      if (pane === undefined) {
        return { kind: 'error', message: `duplicate session: ${place.session}` };
      }
      const { session } = pane.window;
      session.layoutTag = formatTag(this.options.installation, op.layout, session.id);
      return this.#begin(pane, op);
    }
    const window = this.#findWindow(server, place);
    if (window === undefined || !this.#isSessionOf(window.session, op.layout)) {
      return refusal(server, op.fence);
    }
    server.fences.set(op.fence.slot, op.fence.next);
    return this.#begin(this.addPane(window), op);
  }

  #respawn(server: SimServer, op: RespawnOp): OpOutcome {
    const pane = this.#findOwn(server, op.guard);
    if (pane === undefined || !this.#isFence(server, op.fence)) return refusal(server, op.fence);
    this.options.onTouch?.(op, pane);
    server.fences.set(op.fence.slot, op.fence.next);
    this.respawnPane(pane);
    return this.#begin(pane, op);
  }

  #begin(pane: SimPane, op: CreateOp | RespawnOp): OpOutcome {
    pane.tag = formatTag(this.options.installation, op.pane, pane.id);
    pane.remainOnExit = true;
    pane.piped = op.process.logFile !== undefined;
    pane.title = op.title;
    return { kind: 'done', created: toCreated(pane) };
  }

  #onOwnPane(
    server: SimServer,
    op: TmuxOp,
    guard: PaneGuard,
    change: (pane: SimPane) => void,
  ): OpOutcome {
    const pane =
      op.kind === 'kill' && this.options.broken?.withoutTag === true
        ? this.#findPane(server, guard.pane)
        : this.#findOwn(server, guard);
    if (pane === undefined) return refusal(server);
    this.options.onTouch?.(op, pane);
    change(pane);
    return { kind: 'done' };
  }

  #pipe(server: SimServer, op: Extract<TmuxOp, { kind: 'pipe' }>): OpOutcome {
    const pane = this.#findOwn(server, op.guard);
    if (pane?.dead === true) return { kind: 'error', message: 'target pane has exited' };
    return this.#onOwnPane(server, op, op.guard, (own) => {
      own.piped = op.logFile !== undefined;
    });
  }

  #release(server: SimServer, op: Extract<TmuxOp, { kind: 'release' }>): OpOutcome {
    return this.#onOwnPane(server, op, op.guard, (pane) => {
      pane.tag = undefined;
      pane.remainOnExit = false;
      if (!pane.dead) pane.piped = false;
      pane.isReleased = true;
    });
  }

  #retag(server: SimServer, op: Extract<TmuxOp, { kind: 'retag' }>): OpOutcome {
    const pane = this.#findPane(server, op.pane);
    if (!this.#isEpoch(server, op.epoch) || pane?.pid !== op.pid) return refusal(server);
    this.options.onTouch?.(op, pane);
    pane.tag = formatTag(this.options.installation, op.owner, pane.id);
    pane.remainOnExit = true;
    pane.title = op.title;
    pane.isReleased = false;
    return { kind: 'done' };
  }

  #arrange(server: SimServer, op: Extract<TmuxOp, { kind: 'arrange' }>): OpOutcome {
    // Refused before it is sent: tmux itself would die of some.
    const problem = arrangementProblem(op.arrangement);
    if (problem !== undefined) return { kind: 'error', message: problem };
    const window = this.#findWindow(server, op.place);
    const isOurs = window !== undefined && this.#isSessionOf(window.session, op.layout);
    if (!this.#isEpoch(server, op.epoch) || !isOurs) return refusal(server);
    return { kind: 'done' };
  }

  // --- guards ---------------------------------------------------------------------------------------------------------

  #isEpoch(server: SimServer, epoch: CreateOp['epoch']): boolean {
    return this.options.broken?.withoutEpoch === true || epochServer(epoch) === serverId(server);
  }

  #isFence(server: SimServer, fence: FenceStep): boolean {
    if (this.options.broken?.withoutFence === true) return true;
    return (server.fences.get(fence.slot) ?? '') === fence.expect;
  }

  #findOwn(server: SimServer, guard: PaneGuard): SimPane | undefined {
    if (!this.#isEpoch(server, guard.epoch)) return undefined;
    const pane = this.#findPane(server, guard.pane);
    if (pane === undefined) return undefined;
    const tag = formatTag(this.options.installation, guard.owner, guard.pane);
    return this.tagOf(pane) === tag ? pane : undefined;
  }

  #findPane(server: SimServer, id: TmuxPaneId): SimPane | undefined {
    for (const { windows } of server.sessions) {
      for (const window of windows) {
        const pane = window.panes.find((one) => one.id === id);
        if (pane !== undefined) return pane;
      }
    }
    return undefined;
  }

  #findWindow(
    server: SimServer,
    place: Exclude<CreateOp['place'], { kind: 'new-session' }>,
  ): SimWindow | undefined {
    if (place.kind === 'session') {
      const session = server.sessions.find(({ name }) => name === place.session);
      // The session's current window: people make new ones behind it (`-d`), so it is the first.
      return session?.windows[0];
    }
    const session = server.sessions.find(({ id }) => id === place.session);
    return session?.windows.find(({ id }) => id === place.window);
  }

  #isSessionOf(session: SimSession, layout: LayoutId): boolean {
    return session.layoutTag === formatTag(this.options.installation, layout, session.id);
  }

  // --- the rest -------------------------------------------------------------------------------------------------------

  #removeWindow(window: SimWindow): void {
    const { session } = window;
    session.windows.splice(session.windows.indexOf(window), 1);
    if (session.windows.length > 0) return;
    const sessions = this.server?.sessions;
    sessions?.splice(sessions.indexOf(session), 1);
  }

  #observeSession(session: SimSession): ObservedSession {
    const { id, name, layoutTag } = session;
    const { installation } = this.options;
    const layoutId =
      layoutTag === undefined ? undefined : (readTag(layoutTag, installation, id) as LayoutId);
    return layoutId === undefined ? { id, name } : { id, name, layoutId };
  }

  #observePane(pane: SimPane, index: number): ObservedPane {
    const { id, title, pid, dead, exitCode, exitSignal, piped, window } = pane;
    const { session } = window;
    const paneId = this.ownerOf(pane);
    return {
      id,
      sessionId: session.id,
      sessionName: session.name,
      windowId: window.id,
      index,
      title,
      pid,
      dead,
      piped,
      ...(exitCode !== undefined && { exitCode }),
      ...(exitSignal !== undefined && { exitSignal }),
      ...(paneId !== undefined && { paneId }),
    };
  }
}

/** The order tmux lists sessions in. */
function byName(a: SimSession, b: SimSession): number {
  return a.name < b.name ? -1 : 1;
}

export function serverId(server: SimServer): string {
  return `${server.pid}:${server.startTime}`;
}

function refusal(server: SimServer, fence?: FenceStep): OpOutcome {
  const value = fence && (server.fences.get(fence.slot) ?? '');
  return {
    kind: 'refused',
    server: serverId(server),
    ...(value !== undefined && { fence: value }),
  };
}

function toCreated(pane: SimPane): CreatedPane {
  const { id, pid, window } = pane;
  return { id, pid, window: window.id, session: window.session.id };
}
