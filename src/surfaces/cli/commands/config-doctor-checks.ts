import { AgentTowerError } from '../../../domain/errors.ts';
import type { Surroundings } from '../../../domain/surroundings.ts';
import type { StatusResult } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import type { CliClient } from '../world.ts';
import { type Finding, unasked } from './config-doctor-finding.ts';
import { checkIdentity, checkPane, checkTmux } from './config-doctor-inside.ts';

const CALL_MS = { timeoutMs: 1_000 };

/** All six rows, in their order. What depends on a row that failed is not looked at. */
export async function examineClient(context: CommandContext): Promise<readonly Finding[]> {
  const { world } = context;
  const around = await world.machine.surroundings();
  const resolved = checkSocket(context, around);
  const path = resolved.status === 'fail' ? undefined : world.paths.socket;
  const reached = path === undefined ? undefined : await reach(context, path, around);
  const daemon = await checkDaemon(context, reached?.client);
  try {
    return [
      resolved,
      reached?.finding ?? unasked('socket_reachable', 'there is no socket to try'),
      daemon.finding,
      daemon.status === undefined
        ? unasked('container_identity')
        : checkIdentity(daemon.status.caller, around),
      checkTmux(world.env),
      await checkPane(context, { around, client: reached?.client, status: daemon.status }),
    ];
  } finally {
    reached?.client?.close();
  }
}

function checkSocket({ world }: CommandContext, { socketProblem }: Surroundings): Finding {
  const name = 'socket_resolved';
  if (socketProblem === undefined) {
    const { socket, socketSource } = world.paths;
    return { name, status: 'pass', detail: `${socket} (${socketSource})` };
  }
  const detail = `AGENTTOWER_SOCKET ${socketProblem}`;
  const hint = 'correct AGENTTOWER_SOCKET, or unset it: nothing else is tried while it is set';
  return { name, status: 'fail', code: 'socket_override_invalid', detail, hint };
}

interface Reached {
  readonly finding: Finding;
  readonly client?: CliClient;
}

async function reach(
  { world }: CommandContext,
  path: string,
  { kindOf, isInContainer }: Surroundings,
): Promise<Reached> {
  const name = 'socket_reachable';
  const fail = (code: string, detail: string, hint = ''): Reached => ({
    finding: { name, status: 'fail', code, detail, ...(hint !== '' && { hint }) },
  });
  const start = isInContainer
    ? 'on the host: agenttower ensure-daemon; mount its run/ directory, and not the socket file, at /run/agenttower'
    : 'agenttower ensure-daemon';
  const kind = kindOf(path);
  if (kind === 'missing') return fail('socket_missing', `${path} is not there`, start);
  if (kind === 'other') return fail('socket_not_unix', `${path} is no socket, or hidden from us`);
  let client: CliClient | undefined;
  try {
    client = await world.connect({ socketPath: path, ...CALL_MS });
    await client.call('ping', {}, CALL_MS);
    return { client, finding: { name, status: 'pass', detail: path } };
  } catch (error) {
    client?.close();
    const detail = error instanceof Error ? error.message : String(error);
    const code = client === undefined ? codeOfConnect(error) : codeOfAnswer(error);
    return fail(code, detail, HINTS[code] ?? start);
  }
}

const HINTS: Readonly<Record<string, string>> = {
  permission_denied: 'run as the user the daemon runs as: the ids must be equal inside and outside',
  protocol_error: 'another program listens there, or a daemon of another age',
  connect_timeout: 'the daemon is busy; try again',
};

/** What prevented the connection, by the error the kernel gave. */
function codeOfConnect(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  switch (cause?.code) {
    case 'ENOENT':
      return 'socket_missing';
    case 'EACCES':
    case 'EPERM':
      return 'permission_denied';
    case 'EAGAIN':
    case 'ETIMEDOUT':
      return 'connect_timeout';
    case 'ENOTSOCK':
      return 'socket_not_unix';
    default:
      return 'connection_refused';
  }
}

/** A daemon that does not serve this user says so instead of answering. */
function codeOfAnswer(error: unknown): string {
  return error instanceof AgentTowerError && error.code === 'internal_error'
    ? 'permission_denied'
    : 'protocol_error';
}

interface Daemon {
  readonly finding: Finding;
  readonly status?: StatusResult;
}

async function checkDaemon(
  { world }: CommandContext,
  client: CliClient | undefined,
): Promise<Daemon> {
  const name = 'daemon_status';
  if (client === undefined) return { finding: unasked(name) };
  try {
    const status = await client.call<StatusResult>('status', {}, CALL_MS);
    return { finding: compareSchemas(status, await world.machine.schemaVersion()), status };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { finding: { name, status: 'fail', code: 'daemon_error', detail } };
  }
}

function compareSchemas(status: StatusResult, ours: number | undefined): Finding {
  const { pid, daemon_version, schema_version } = status;
  const name = 'daemon_status';
  const detail = `pid ${pid}, version ${daemon_version}, schema ${schema_version}`;
  if (ours === undefined || ours === schema_version) return { name, status: 'pass', detail };
  return schema_version > ours
    ? {
        name,
        status: 'fail',
        code: 'schema_version_newer',
        detail: `${detail}; this program knows ${ours}`,
        hint: 'install the version of agenttower here that the daemon has',
      }
    : {
        name,
        status: 'warn',
        code: 'schema_version_older',
        detail: `${detail}; this program knows ${ours}`,
        hint: 'on the host: agenttower stop-daemon, then ensure-daemon of the newer version',
      };
}
