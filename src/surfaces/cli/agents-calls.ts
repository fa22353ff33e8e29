import type {
  AgentChangeView,
  AgentDetailView,
  AgentView,
  CallerPaneView,
  MessageView,
  PaneKeyView,
  RegisteredView,
  RouteDetailView,
  RouteOperationView,
  RouteView,
  RoutingChangeView,
  RoutingView,
} from '../api/agent-protocol.ts';

interface RegisterParams {
  readonly container_id?: string | undefined;
  readonly pane_composite_key: PaneKeyView;
  readonly role?: string | undefined;
  readonly capability?: string | undefined;
  readonly label?: string | undefined;
  readonly project_path?: string | undefined;
  readonly parent_agent_id?: string | undefined;
  readonly attach_log?: { readonly log_path?: string } | undefined;
}

interface ListParams {
  readonly role?: readonly string[] | undefined;
  readonly container_id?: string | undefined;
  readonly active_only?: boolean | undefined;
  readonly parent_agent_id?: string | undefined;
}

interface QueueListParams {
  readonly state?: string | undefined;
  readonly target?: string | undefined;
  readonly sender?: string | undefined;
  readonly since?: string | undefined;
  readonly origin?: string | undefined;
  readonly limit?: number | undefined;
}

interface OperateParams {
  readonly message_id: string;
  readonly caller_pane?: CallerPaneView | undefined;
}

interface RouteParams {
  readonly event_type: string;
  readonly source_scope_kind: string;
  readonly source_scope_value?: string | undefined;
  readonly target_rule: string;
  readonly target_value?: string | undefined;
  readonly master_rule: string;
  readonly master_value?: string | undefined;
  readonly template: string;
}

interface RouteId {
  readonly route_id: string;
}

type NoParams = Readonly<Record<string, never>>;

/** The methods about agents and prompts as the command line calls them. */
export interface AgentCalls {
  register_agent: [params: RegisterParams, result: RegisteredView];
  list_agents: [params: ListParams, result: { readonly agents: readonly AgentView[] }];
  set_role: [
    params: { readonly agent_id: string; readonly role: string; readonly confirm?: boolean },
    result: AgentChangeView,
  ];
  'agent.describe': [
    params: { readonly target: string; readonly look?: boolean },
    result: AgentDetailView,
  ];
  set_label: [
    params: { readonly agent_id: string; readonly value: string },
    result: AgentChangeView,
  ];
  set_capability: [
    params: { readonly agent_id: string; readonly value: string },
    result: AgentChangeView,
  ];
  'queue.list': [params: QueueListParams, result: { readonly rows: readonly MessageView[] }];
  'queue.approve': [params: OperateParams, result: MessageView];
  'queue.delay': [params: OperateParams, result: MessageView];
  'queue.cancel': [params: OperateParams, result: MessageView];
  'routing.enable': [params: NoParams, result: RoutingChangeView];
  'routing.disable': [params: NoParams, result: RoutingChangeView];
  'routing.status': [params: NoParams, result: RoutingView];
  'routes.add': [params: RouteParams, result: RouteView];
  'routes.list': [
    params: { readonly enabled_only?: boolean | undefined },
    result: { readonly routes: readonly RouteView[] },
  ];
  'routes.show': [params: RouteId, result: RouteDetailView];
  'routes.remove': [params: RouteId, result: RouteOperationView];
  'routes.enable': [params: RouteId, result: RouteOperationView];
  'routes.disable': [params: RouteId, result: RouteOperationView];
}
