import type {
  Evidence,
  EvidenceSource,
  PromptReceipt,
  StateRecord,
} from '../../domain/agent-states.ts';
import type { NewEvent, StoredEvent } from '../../domain/events.ts';
import type { AgentId, ContainerId, PaneId } from '../../domain/ids.ts';
import type { MessagePatch } from '../ports.ts';

/** Evidence of one agent, with the event it came from when a log told it. */
export interface AgentEvidence extends Evidence {
  readonly agentId: AgentId;
  readonly eventSeq?: number;
}

/** An agent whose state is followed. */
export interface WatchedAgent {
  readonly agentId: AgentId;
  readonly container: ContainerId;
  readonly paneId?: PaneId;
  readonly label: string;
  readonly capability: string;
  /** Its pane stands, as far as is known. */
  readonly active: boolean;
}

export interface StateTransaction {
  /** Takes the place of what the source said before. */
  recordEvidence(evidence: AgentEvidence): void;
  dropEvidence(agent: AgentId, source: EvidenceSource): void;
  recordState(agent: AgentId, state: StateRecord): void;
  recordPrompt(agent: AgentId, receipt: PromptReceipt): void;
  updateMessage(id: string, patch: MessagePatch): void;
  emit(event: NewEvent): void;
}

export interface StateReader {
  states(): ReadonlyMap<string, StateRecord>;
  stateOf(agent: AgentId): StateRecord | undefined;
  evidenceOf(agent: AgentId): readonly AgentEvidence[];
  /** Active agents, and those that were when their state was last told. */
  watched(): readonly WatchedAgent[];
  /** `seq` up to which what logs told has been taken in. */
  logSeq(): number;
  /** The newest prompt the agent's own program said it took. */
  lastPrompt(agent: AgentId): PromptReceipt | undefined;
}

export interface StateStore {
  readonly states: StateReader;
  readonly messages: {
    message(
      id: string,
    ):
      | { readonly state: string; readonly submission?: string; readonly target: { id: string } }
      | undefined;
  };
  queryEvents(query: {
    readonly types: readonly StoredEvent['type'][];
    readonly after: number;
    readonly since: number;
    readonly limit: number;
  }): readonly StoredEvent[];
  transact<T>(write: (tx: StateTransaction) => T): T;
  watchCommits(onCommit: () => void): () => void;
}
