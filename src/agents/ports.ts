import type { AgentId, ContainerId, Epoch, PaneId, TmuxPaneId } from '../domain/ids.ts';

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

/** The agents there are and were. */
export interface AgentDirectory {
  agent(id: string): AgentRecord | undefined;
  /** All of them, inactive ones too. */
  agents(): readonly AgentRecord[];
}
