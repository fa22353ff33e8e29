import type {
  AgentId,
  ContainerId,
  Epoch,
  LayoutId,
  PaneId,
  SlotId,
  TmuxPaneId,
} from '../../domain/ids.ts';
import type { LayoutSpec, SlotSpec } from '../../domain/spec.ts';
import type { FailedStage, LayoutState, PaneState } from '../../domain/states.ts';

/** What the managed-session methods read: every layout and pane ever recorded, those that have ended included. */

export interface ManagedLayout {
  readonly id: LayoutId;
  readonly container: ContainerId;
  readonly spec: LayoutSpec;
  readonly sourceKind: string;
  readonly state: LayoutState;
  readonly failedStage?: FailedStage;
  readonly readyPanes: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** No longer part of the desired state. */
  readonly closed: boolean;
}

export interface ManagedPane {
  readonly id: PaneId;
  readonly layout: LayoutId;
  readonly container: ContainerId;
  readonly slot: SlotId;
  /** Order of its slot within the layout, from 0. */
  readonly position: number;
  readonly spec: SlotSpec;
  readonly session: string;
  readonly state: PaneState;
  readonly failedStage?: FailedStage;
  readonly agentId: AgentId;
  /** Its agent is in the registry, so that `agentId` means something to others. */
  readonly wasRegistered: boolean;
  readonly predecessorId?: PaneId;
  readonly chainDepth: number;
  readonly logAttached: boolean;
  readonly epoch?: Epoch;
  readonly tmuxPaneId?: TmuxPaneId;
}

/** A page of a list. `after` is the id of the last item before it; an id nobody has gives an empty page. */
export interface PageQuery {
  readonly container?: string;
  readonly states?: readonly PaneState[];
  readonly limit: number;
  readonly after?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export interface ManagedReader {
  layout(id: string): ManagedLayout | undefined;
  layoutByKey(container: ContainerId, key: string): ManagedLayout | undefined;
  /** Layouts that count towards the limit: those not removed, in every container. */
  countLayouts(): number;
  /** By state, then newest first. */
  layouts(query: PageQuery): Page<ManagedLayout>;
  pane(id: string): ManagedPane | undefined;
  /** In slot order, older incarnations first. */
  panesOf(layout: LayoutId): readonly ManagedPane[];
  /** By state, layout, slot. */
  panes(query: PageQuery & { readonly layout?: string }): Page<ManagedPane>;
  /** The successor that was made with this key, in whatever state it is now. */
  successorByKey(predecessor: PaneId, key: string): ManagedPane | undefined;
  /** The live pane that an operator or the loop has put in the place of this one. */
  liveSuccessor(predecessor: PaneId): ManagedPane | undefined;
  /** Whether a live pane holds this place of a session. `session` as tmux spells it. */
  isPlaceTaken(container: ContainerId, session: string, position: number): boolean;
  isLabelTaken(container: ContainerId, label: string): boolean;
  /** Where an agent comes from; `undefined` when nobody has this id. */
  agentOrigin(id: string): 'managed' | 'adopted' | undefined;
}
