import type { Capability } from '../domain/agents.ts';
import type { NewEvent, StoredEvent } from '../domain/events.ts';
import type { FoundPane, ServerPanes } from '../domain/found-pane.ts';
import type { AgentId, ContainerId, Epoch, PaneId, TmuxPaneId } from '../domain/ids.ts';
import type { LogEventType } from '../domain/log-events.ts';
import type {
  BlockReason,
  Correspondent,
  FailureReason,
  MessageRecord,
  MessageState,
  Submission,
} from '../domain/messages.ts';
import type { RouteRecord, RouteSpec } from '../domain/routes.ts';
import type { Role } from '../domain/spec.ts';

/** What the agents' layer needs from the world. Drivers implement these. */

/** What lives on a pane, however the pane came to be. */
export interface AgentRecord {
  readonly agentId: AgentId;
  readonly container: ContainerId;
  /** The life `tmuxPaneId` belongs to; both absent until tmux has said so. */
  readonly epoch?: Epoch;
  readonly tmuxPaneId?: TmuxPaneId;
  readonly origin: 'managed' | 'adopted';
  /** The incarnation that a managed agent is; its tag guards what is done to the pane. */
  readonly paneId?: PaneId;
  /** Its pane stands, as far as is known. */
  readonly active: boolean;
  readonly label: string;
  readonly role: string;
  readonly capability: string;
}

/** An agent with everything the registry knows of it. */
export interface RegisteredAgent extends AgentRecord {
  readonly role: Role;
  readonly capability: Capability;
  readonly projectPath: string;
  readonly parent?: AgentId;
  /** Socket of the tmux server of its pane; absent for the container's own managed server. */
  readonly socket?: string;
  readonly pid?: number;
  /** Where the pane was when it was last seen. These change while the pane lives; `%N` in its epoch does not. */
  readonly session: string;
  readonly windowIndex: number;
  readonly paneIndex: number;
  readonly workingDir?: string;
  readonly createdAt: number;
  readonly registeredAt: number;
  readonly seenAt?: number;
}

/** Looks at the panes of every tmux server of a container, its owner's too, and changes nothing there. */
export interface PaneFinder {
  /**
   * One answer per server: the container's own and those at the sockets, or all there are when none are given. Within
   * a bounded time; never rejects.
   */
  find(container: ContainerId, sockets?: readonly string[]): Promise<readonly ServerPanes[]>;
  /** Path by which programs in the container name its own managed server. */
  ownSocket(container: ContainerId): string;
  /** Name of the user whose servers these are; empty before it was found out. */
  benchUser(container: ContainerId): string;
}

export interface NewAgent {
  readonly agentId: AgentId;
  readonly container: ContainerId;
  readonly found: FoundPane;
  readonly label: string;
  readonly role: Role;
  readonly capability: Capability;
  readonly projectPath: string;
  readonly parent?: AgentId;
}

/** Fields left out stay as they are. */
export interface AgentPatch {
  readonly label?: string;
  readonly role?: Role;
  readonly capability?: Capability;
  readonly projectPath?: string;
  readonly active?: boolean;
  /** Seen now, here. */
  readonly found?: FoundPane;
  /** It asked to be registered again. */
  readonly registered?: true;
}

/** A pane to type into, with what must still be true of it at that moment. */
export interface InputTarget {
  readonly container: ContainerId;
  readonly socket?: string;
  readonly epoch: Epoch;
  readonly pane: TmuxPaneId;
  /** The tag it carries, of a managed pane; the process tmux started in it, of an adopted one. */
  readonly proof: { readonly owner: PaneId } | { readonly pid: number };
}

export type InputOutcome =
  | { readonly kind: 'done' }
  /** The pane is not what it was, or takes no input; nothing happened. */
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'error'; readonly message: string }
  /** No answer: it may have happened. */
  | { readonly kind: 'unknown'; readonly message: string };

/** With what only a paste can find: another prompt stands in the line without an Enter, and nothing happened. */
export type PasteOutcome = InputOutcome | { readonly kind: 'occupied' };

/**
 * How far the paste of a prompt got: its text stands in the line (`pasted`); it does not and never will by an attempt
 * that was begun (`sealed`); it does not now (`free`), and another prompt does (`absent`); the pane is no more (`gone`).
 */
export type Trace = 'pasted' | 'sealed' | 'free' | 'absent' | 'gone' | 'unknown';

/** What a pane shows, for comparing. */
export interface Screen {
  readonly text: string;
  readonly cursorX: number;
  readonly cursorY: number;
}

/** The way into panes. Nothing in it is ever sent twice. */
export interface PaneInput {
  /** Pastes the text, bracketed where the program asked for that. `name` is the paste buffer's, unique. */
  paste(target: InputTarget, message: { name: string; text: string }): Promise<PasteOutcome>;
  /** Presses Enter after the prompt that was pasted under this name; once at most. */
  enter(target: InputTarget, name: string): Promise<InputOutcome>;
  /** How far an attempt got whose end nobody saw. Never rejects. */
  trace(target: InputTarget, name: string): Promise<Trace>;
  /** Takes a person's word that no prompt stands in the line any more. False when the pane cannot be told so. */
  clearLine(target: InputTarget): Promise<boolean>;
  /** `undefined` when it cannot be seen. */
  screen(target: InputTarget): Promise<Screen | undefined>;
}

export interface NewMessage {
  readonly id: string;
  readonly state: 'queued' | 'blocked';
  readonly blockReason?: BlockReason;
  readonly sender: Correspondent;
  readonly target: RegisteredAgent;
  readonly body: string;
  readonly raw: boolean;
  readonly sizeBytes: number;
  readonly excerpt: string;
  readonly route?: { readonly id: string; readonly eventId: number };
}

/** `undefined` clears a field; one left out stays. */
export interface MessagePatch {
  readonly state?: MessageState;
  readonly blockReason?: BlockReason | undefined;
  readonly failureReason?: FailureReason | undefined;
  readonly submission?: Submission | undefined;
  readonly attemptStartedAt?: number | undefined;
  readonly deliveredAt?: number | undefined;
  readonly failedAt?: number | undefined;
  readonly canceledAt?: number | undefined;
  readonly operator?: MessageRecord['operator'];
}

export interface MessageFilter {
  readonly state?: MessageState | undefined;
  readonly target?: string | undefined;
  readonly sender?: string | undefined;
  /** Enqueued at or after this time. */
  readonly since?: number | undefined;
  readonly origin?: 'direct' | 'route' | undefined;
  readonly limit: number;
}

export interface RoutingSwitch {
  readonly value: 'enabled' | 'disabled';
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Writes of the agents' layer, in one transaction with their events. */
export interface AgentTransaction {
  insertAgent(agent: NewAgent): void;
  updateAgent(id: AgentId, patch: AgentPatch): void;
  /** Refused by the schema when the route has already made one of the event. */
  insertMessage(message: NewMessage): void;
  updateMessage(id: string, patch: MessagePatch): void;
  setRouting(value: RoutingSwitch['value'], by: string): void;
  /** Enabled, with events after `cursor` to come. */
  insertRoute(route: RouteSpec & { readonly id: string; readonly cursor: number }): void;
  updateRoute(id: string, patch: { readonly enabled?: boolean; readonly cursor?: number }): void;
  deleteRoute(id: string): void;
  emit(event: NewEvent): void;
}

export interface AgentStore {
  readonly registry: {
    agent(id: string): RegisteredAgent | undefined;
    /** All of them, inactive ones too: active first, then by container, label and id. */
    agents(): readonly RegisteredAgent[];
    /** Active agents of exactly this label. */
    labelled(label: string): readonly RegisteredAgent[];
    /** Active or not. */
    adoptedAt(
      container: ContainerId,
      found: Pick<FoundPane, 'socket' | 'epoch' | 'pane'>,
    ): RegisteredAgent | undefined;
    /** The agent that is this incarnation. */
    managedOf(pane: PaneId): RegisteredAgent | undefined;
    /** Adopted agents that are active. */
    activeAdopted(): readonly RegisteredAgent[];
  };
  readonly messages: {
    message(id: string): MessageRecord | undefined;
    /** In order of enqueueing. */
    list(filter: MessageFilter): readonly MessageRecord[];
    /** The oldest queued message of every target, without those whose delivery has begun. */
    heads(): readonly MessageRecord[];
    /** Those whose delivery began and has no outcome yet. */
    underWay(): readonly MessageRecord[];
    routing(): RoutingSwitch;
  };
  readonly routes: {
    /** By its id, or the name its manifest gives it. */
    route(id: string): RouteRecord | undefined;
    /** In order of creation. */
    list(): readonly RouteRecord[];
    /** Events of a type after `seq`, in order. */
    eventsOf(type: LogEventType, seq: number, limit: number): readonly StoredEvent[];
    /** How many events a route has yet to take. */
    lag(route: RouteRecord): number;
    /** Whether the route has made a prompt of the event. */
    hasPrompt(routeId: string, eventSeq: number): boolean;
  };
  transact<T>(write: (tx: AgentTransaction) => T): T;
  /** Called after every commit that wrote something; must not throw. Returns its stop. */
  watchCommits(onCommit: () => void): () => void;
}
