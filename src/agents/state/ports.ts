import type {
  Evidence,
  EvidenceSource,
  PromptReceipt,
  StateRecord,
} from '../../domain/agent-states.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { AgentId, ContainerId, PaneId } from '../../domain/ids.ts';
import type { LogEventType } from '../../domain/log-events.ts';
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

/** The newest event an agent's log led to. */
export interface LogNews {
  readonly agentId: AgentId;
  readonly seq: number;
  readonly type: LogEventType;
  readonly at: number;
  readonly ruleId: string;
  readonly excerpt: string;
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
  /** Of each agent the newest event of its log after `seq` and not before `since`; `seq` of the newest event of all. */
  logNews(after: { readonly seq: number; readonly since: number }): {
    readonly seq: number;
    readonly news: readonly LogNews[];
  };
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
  transact<T>(write: (tx: StateTransaction) => T): T;
  watchCommits(onCommit: () => void): () => void;
}
