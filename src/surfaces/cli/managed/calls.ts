/** The managed-session methods as the command line calls them; the contract stands in specs/managed-sessions.md. */
export interface ManagedMethods {
  'managed.layout.create': [params: CreateParams, result: CreatedLayout];
  'managed.layout.list': [params: LayoutListParams, result: Page<LayoutItem>];
  'managed.layout.detail': [
    params: { readonly layout_id: string; readonly include_terminal_panes?: boolean | undefined },
    result: LayoutDetail,
  ];
  'managed.layout.remove': [
    params: { readonly layout_id: string },
    result: { readonly layout_id: string; readonly state: string },
  ];
  'managed.pane.list': [params: PaneListParams, result: Page<PaneItem>];
  'managed.pane.detail': [
    params: { readonly pane_id: string; readonly include_predecessor_chain?: boolean | undefined },
    result: PaneDetail,
  ];
  'managed.pane.remove': [
    params: { readonly pane_id: string },
    result: { readonly pane_id: string; readonly state: string },
  ];
  'managed.pane.recreate': [params: RecreateParams, result: RecreatedPane];
}

interface CreateParams {
  readonly container_id: string;
  readonly template_name: string;
  readonly tmux_session_name: string;
  /** Profile names by `role:label`. */
  readonly launch_command_overrides?: Readonly<Record<string, string>> | undefined;
  readonly idempotency_key?: string | undefined;
}

export interface PageParams {
  readonly container_id?: string | undefined;
  readonly state?: string | undefined;
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

export type LayoutListParams = PageParams;

export interface PaneListParams extends PageParams {
  readonly layout_id?: string | undefined;
}

interface RecreateParams {
  readonly predecessor_pane_id: string;
  readonly launch_command_override?: string | undefined;
  readonly idempotency_key?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to ask for as `after` to get the rest; null on the last page. */
  readonly next: string | null;
}

export interface CreatedLayout {
  readonly layout_id: string;
  readonly state: string;
  readonly intended_pane_count: number;
  readonly panes: readonly CreatedPane[];
  /** The key was used before: nothing was made, this is what was made then. */
  readonly replay: boolean;
}

export interface CreatedPane {
  readonly pane_id: string;
  readonly role: string;
  readonly label: string;
  readonly state: string;
}

export interface RecreatedPane {
  readonly pane_id: string;
  readonly predecessor_id: string;
  readonly chain_depth: number;
  readonly state: string;
  readonly replay: boolean;
}

interface LayoutBase {
  readonly layout_id: string;
  readonly container_id: string;
  readonly template_name: string;
  readonly state: string;
  readonly intended_pane_count: number;
  readonly created_at: string;
}

export interface LayoutItem extends LayoutBase {
  readonly ready_pane_count: number;
}

export interface LayoutDetail extends LayoutBase {
  readonly failed_stage: string | null;
  readonly panes: readonly PaneItem[];
  readonly updated_at: string;
}

export interface PaneItem {
  readonly pane_id: string;
  readonly layout_id: string;
  readonly container_id: string;
  readonly role: string;
  readonly capability: string;
  readonly label: string;
  readonly state: string;
  readonly failed_stage?: string;
  readonly tmux_session_name: string;
  readonly tmux_pane_index: number;
  readonly chain_depth: number;
  readonly agent_id: string | null;
  readonly predecessor_id: string | null;
  readonly log_attached: boolean;
}

export interface PaneDetail extends PaneItem {
  readonly predecessor_chain?: readonly {
    readonly pane_id: string;
    readonly state: string;
    readonly chain_depth: number;
    readonly predecessor_id: string | null;
  }[];
}
