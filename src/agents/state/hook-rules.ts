import type { ClaimedState, PromptMark } from '../../domain/agent-states.ts';

/** What a hook of an agent's program tells us: names and numbers, nothing the agent reads or writes. */
export interface HookReport {
  /** The name the program has for the moment. */
  readonly event: string;
  /** What a notification is about. */
  readonly notification?: string | undefined;
  /** Why a session began or ended, or a turn failed. */
  readonly reason?: string | undefined;
  readonly tool?: string | undefined;
  readonly session?: string | undefined;
  /** The prompt that was submitted. */
  readonly prompt?: PromptMark | undefined;
}

type Claim = ClaimedState | undefined;
type Rule = Claim | ((report: HookReport) => Claim);

/** Tools by which an agent asks the person. */
const ASKING_TOOLS: ReadonlySet<string> = new Set([
  'AskUserQuestion',
  'ExitPlanMode',
  'request_user_input',
  'ask_user',
]);

/** Notifications by which a program says that it cannot go on alone. */
const ASKING_NOTIFICATIONS: ReadonlySet<string> = new Set([
  'permission_prompt',
  'agent_needs_input',
  'elicitation_dialog',
  'ToolPermission',
  'approval-requested',
]);

const beginTool: Rule = ({ tool = '' }) =>
  ASKING_TOOLS.has(tool) ? 'waiting_for_input' : 'working';

/**
 * What each hook says of its agent. Claude Code and Codex share their names, Gemini's are its own; no name means two
 * things. A helper of the agent's that ends says nothing of the agent itself.
 */
const HOOK_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // A session that is compacted goes on with what it did.
  ['SessionStart', ({ reason }) => (reason === 'compact' ? undefined : 'idle')],
  ['UserPromptSubmit', 'working'],
  ['PreToolUse', beginTool],
  ['PostToolUse', 'working'],
  ['PostToolUseFailure', 'working'],
  ['PermissionRequest', 'waiting_for_input'],
  ['PermissionDenied', 'working'],
  ['Elicitation', 'waiting_for_input'],
  ['ElicitationResult', 'working'],
  ['Notification', toNotificationClaim],
  ['PreCompact', 'working'],
  ['PostCompact', undefined],
  ['SubagentStart', undefined],
  ['SubagentStop', undefined],
  ['Interrupt', 'idle'],
  ['Stop', 'idle'],
  ['StopFailure', ({ reason }) => (reason === 'rate_limit' ? 'rate_limited' : 'idle')],
  // Cleared, or left for another one: the program goes on.
  [
    'SessionEnd',
    ({ reason = '' }) => (['clear', 'resume'].includes(reason) ? undefined : 'exited'),
  ],

  ['BeforeAgent', 'working'],
  ['AfterAgent', 'idle'],
  ['BeforeModel', 'working'],
  ['BeforeTool', beginTool],
  ['AfterTool', 'working'],
  ['PreCompress', undefined],

  // Codex's older way tells what it is about inside.
  ['notify', toNotificationClaim],
]);

/** What the report says of the agent; `undefined` when it says nothing, or is not known. */
export function toClaim(report: HookReport): Claim {
  const rule = HOOK_RULES.get(report.event);
  return typeof rule === 'function' ? rule(report) : rule;
}

/** Names of all hooks that are known. */
export function knownHooks(): readonly string[] {
  return [...HOOK_RULES.keys()];
}

/** What told of it, in few words. */
export function detailOf({ event, notification, reason, tool }: HookReport): string {
  const about = notification ?? reason ?? tool;
  return about === undefined ? event : `${event} ${about}`;
}

function toNotificationClaim({ notification = '' }: HookReport): Claim {
  if (ASKING_NOTIFICATIONS.has(notification)) return 'waiting_for_input';
  if (notification === 'idle_prompt' || notification === 'agent-turn-complete') return 'idle';
  return undefined;
}
