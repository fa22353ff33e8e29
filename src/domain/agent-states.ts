/** What an agent is doing, as far as anyone can tell. */
export const AGENT_STATES = [
  'working',
  'waiting_for_input',
  'idle',
  'rate_limited',
  'exited',
  'unknown',
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** What may be said of an agent; nobody says that a state is unknown. */
export type ClaimedState = Exclude<AgentState, 'unknown'>;

/**
 * Who says so, the best first: the agent's own program, the process in the pane, what the screen shows, what the log
 * tells.
 */
export const EVIDENCE_SOURCES = ['hook', 'process', 'screen', 'log'] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

export type Confidence = 'high' | 'medium' | 'low';

/** The newest thing one source said of an agent. */
export interface Evidence {
  readonly source: EvidenceSource;
  readonly state: ClaimedState;
  /** When it was so, ms since 1970. */
  readonly at: number;
  /** By what it was told: the name of a hook or of a rule. Never text of the agent's. */
  readonly detail: string;
}

/** What is concluded from all evidence. */
export interface Verdict {
  readonly state: AgentState;
  /** Absent when nobody has said anything. */
  readonly source?: EvidenceSource;
  readonly confidence: Confidence;
  /** When the evidence was found, ms since 1970. */
  readonly at?: number;
  readonly detail: string;
}

/** A verdict as it is kept, with when its state began, ms since 1970. */
export interface StateRecord extends Verdict {
  readonly since: number;
}

/** By what a prompt is recognised without being kept. */
export interface PromptMark {
  /** Of our own header, when it carries one. */
  readonly messageId?: string | undefined;
  readonly sha256: string;
}

/** What an agent's program said of the newest prompt it took. */
export interface PromptReceipt extends PromptMark {
  /** When it was told, ms since 1970. */
  readonly at: number;
}
