import type { AgentChangeView, RegisteredView } from '../../api/agent-protocol.ts';
import { requireCallerPane } from '../caller-pane.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { agentLine, agentRows } from '../render/agent-rows.ts';
import { toPlainText } from '../render/plain-text.ts';
import { UsageError } from '../usage-error.ts';

export interface RegisterOptions {
  readonly role?: string;
  readonly capability?: string;
  readonly label?: string;
  readonly project?: string;
  readonly parent?: string;
  readonly json?: boolean;
}

export interface RegisterSelfOptions extends RegisterOptions {
  readonly attachLog?: boolean;
  readonly log?: string;
}

export interface AdoptOptions extends RegisterOptions {
  readonly socket?: string;
}

export interface ListAgentsOptions {
  readonly role?: readonly string[];
  readonly container?: string;
  readonly activeOnly?: boolean;
  readonly parent?: string;
  readonly json?: boolean;
}

/** Makes the pane this command runs in an agent and, if asked, has what it prints copied: both or neither. */
export async function registerSelf(
  context: CommandContext,
  options: RegisterSelfOptions,
): Promise<ExitCode> {
  const { attachLog = false, log } = options;
  if (log !== undefined && !attachLog) {
    throw new UsageError('--log says where the log lies: add --attach-log');
  }
  const key = requireCallerPane(context.world);
  const attach = attachLog && { attach_log: log === undefined ? {} : { log_path: log } };
  const registered = await withDaemon(context, (client) =>
    callDaemon(client, 'register_agent', {
      pane_composite_key: key,
      ...toParams(options),
      ...attach,
    }),
  );
  return report(context, registered, options);
}

/** Makes a pane an agent from outside; the pane itself is not touched. */
export async function adopt(
  context: CommandContext,
  container: string,
  pane: string,
  options: AdoptOptions,
): Promise<ExitCode> {
  const key = { tmux_socket_path: options.socket, ...parsePane(pane) };
  const present = Object.entries(key).filter(([, value]) => value !== undefined);
  const registered = await withDaemon(context, (client) =>
    callDaemon(client, 'register_agent', {
      container_id: container,
      pane_composite_key: Object.fromEntries(present),
      ...toParams(options),
    }),
  );
  return report(context, registered, options);
}

/** Lists agents of all origins, as tab-separated values with a title line. */
export async function listAgents(
  context: CommandContext,
  options: ListAgentsOptions,
): Promise<ExitCode> {
  const { agents } = await withDaemon(context, (client) =>
    callDaemon(client, 'list_agents', {
      role: options.role,
      container_id: options.container,
      active_only: options.activeOnly,
      parent_agent_id: options.parent,
    }),
  );
  if (options.json === true) printJson(context, { agents });
  else printLines(context, agentRows(agents));
  return EXIT.done;
}

export interface ChangeOptions {
  readonly target: string;
  readonly json?: boolean;
}

/** Gives an agent another role. */
export async function setRole(
  context: CommandContext,
  options: ChangeOptions & { readonly role: string; readonly confirm?: boolean },
): Promise<ExitCode> {
  const { target, role, confirm = false } = options;
  const change = await withDaemon(context, (client) =>
    callDaemon(client, 'set_role', { agent_id: target, role, confirm }),
  );
  return reportChange(context, change, options);
}

/** Gives an agent another label. */
export async function setLabel(
  context: CommandContext,
  options: ChangeOptions & { readonly label: string },
): Promise<ExitCode> {
  const change = await withDaemon(context, (client) =>
    callDaemon(client, 'set_label', { agent_id: options.target, value: options.label }),
  );
  return reportChange(context, change, options);
}

/** Says what program an agent is. */
export async function setCapability(
  context: CommandContext,
  options: ChangeOptions & { readonly capability: string },
): Promise<ExitCode> {
  const change = await withDaemon(context, (client) =>
    callDaemon(client, 'set_capability', { agent_id: options.target, value: options.capability }),
  );
  return reportChange(context, change, options);
}

function toParams({ role, capability, label, project, parent }: RegisterOptions) {
  return { role, capability, label, project_path: project, parent_agent_id: parent };
}

/** `%3`, or `session:window.pane` as tmux lists it. */
function parsePane(text: string) {
  if (/^%\d+$/.test(text)) return { tmux_pane_id: text };
  const [, session, window, pane] = /^(.+):(\d+)\.(\d+)$/.exec(text) ?? [];
  if (session === undefined) {
    throw new UsageError(
      `"${text}" names no pane: write %3, or session:window.pane such as work:0.1`,
    );
  }
  return {
    tmux_session_name: session,
    tmux_window_index: Number(window),
    tmux_pane_index: Number(pane),
  };
}

function report(
  context: CommandContext,
  registered: RegisteredView,
  { json }: { readonly json?: boolean },
): ExitCode {
  if (json === true) printJson(context, registered);
  else {
    const line = `${agentLine(registered)} ${registered.created_or_reactivated}`;
    const log = registered.attach_log?.log_path;
    printLines(context, [line, ...(log === undefined ? [] : [toPlainText(`log ${log}`)])]);
  }
  return EXIT.done;
}

function reportChange(
  context: CommandContext,
  change: AgentChangeView,
  { json }: { readonly json?: boolean },
): ExitCode {
  if (json === true) {
    printJson(context, change);
    return EXIT.done;
  }
  const { agent_id: id, field, prior_value: prior, new_value: value } = change;
  const said = prior === value ? `is ${value} already` : `${prior || '-'} -> ${value || '-'}`;
  printLines(context, [toPlainText(`agent/${id} ${field} ${said}`)]);
  return EXIT.done;
}
