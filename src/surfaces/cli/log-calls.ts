import type {
  AttachedView,
  AttachmentStatusView,
  AttachmentView,
  FollowNext,
  FollowOpened,
} from '../api/log-protocol.ts';

interface AgentParams {
  readonly agent_id: string;
}

export interface LogEventFilter {
  readonly target?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

interface ClassifierRules {
  readonly rules: readonly {
    readonly rule_id: string;
    readonly event_type: string;
    readonly priority: number;
  }[];
  readonly synthetic_rule_ids: readonly string[];
}

/** The methods about logs and what they tell, as the command line calls them. */
export interface LogCalls {
  attach_log: [
    params: AgentParams & { readonly log_path?: string | undefined },
    result: AttachedView,
  ];
  detach_log: [params: AgentParams, result: AttachmentView];
  attach_log_status: [params: AgentParams, result: AttachmentStatusView];
  attach_log_preview: [
    params: AgentParams & { readonly lines: number },
    result: { readonly lines: readonly string[] },
  ];
  'events.follow_open': [params: LogEventFilter, result: FollowOpened];
  'events.follow_next': [
    params: { readonly session_id: string; readonly max_wait_seconds?: number },
    result: FollowNext,
  ];
  'events.classifier_rules': [params: Readonly<Record<string, never>>, result: ClassifierRules];
}
