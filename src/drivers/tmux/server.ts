import { type InstallationId, makeEpoch } from '../../domain/ids.ts';
import type { Observation, UnknownObservation } from '../../domain/observed.ts';
import type { OpOutcome, TmuxOp } from '../../domain/tmux-ops.ts';
import type { Clock } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { TmuxServer } from '../../reconcile/ports.ts';
import { Connection, type Log } from './connection.ts';
import type { TmuxHost } from './host.ts';
import { LOOK_LINE, type Look, parseLook } from './look.ts';
import { timedOut, type Unreachable } from './open-failure.ts';
import { toOutcome } from './outcome.ts';
import { renderOp } from './render.ts';
import type { RenderContext } from './render-context.ts';

export interface TmuxServerOptions {
  readonly host: TmuxHost;
  readonly installation: InstallationId;
  readonly clock: Clock;
  /** A reason to look again; carries no data and may be spurious. */
  readonly onChange: () => void;
  readonly log?: Log;
}

export interface OpenTmuxServer extends TmuxServer {
  /** Ends our client; the server and its panes live on. */
  close(): Promise<void>;
}

const LOOK_DEADLINE_MS = 3_000;
const RUN_DEADLINE_MS = 10_000;

/** The tmux server of one container. Nothing is started before the first look or run. */
export function openTmuxServer(options: TmuxServerOptions): OpenTmuxServer {
  const { host, installation } = options;
  const connection = new Connection(options);
  return {
    look: () => look(connection, host, installation),
    run: (ops) => run(connection, ops, options),
    close: async () => connection.close(),
  };
}

async function look(
  connection: Connection,
  host: TmuxHost,
  installation: InstallationId,
): Promise<Observation> {
  const { container } = host;
  const before = await host.incarnation();
  if (before.kind !== 'running') return { ...before, container };

  const seen = await listPanes(connection, host, installation);
  if (!seen.ok) return { kind: 'unknown', container, ...seen.error };

  const after = await host.incarnation();
  if (after.kind !== 'running' || after.id !== before.id) {
    const message = `container ${container} restarted while it was looked at; the next look will tell`;
    return { kind: 'unknown', container, reason: 'TmuxFailed', message };
  }
  const { server, sessions, panes } = seen.value;
  return { kind: 'seen', container, epoch: makeEpoch(before.id, server), sessions, panes };
}

/** Looking changes nothing, so a channel lost under way is a reason to look again at once. */
async function listPanes(
  connection: Connection,
  host: TmuxHost,
  installation: InstallationId,
): Promise<Result<Look, Unreachable>> {
  for (let attempt = 1; ; attempt += 1) {
    const exchanged = await connection.exchange([LOOK_LINE], LOOK_DEADLINE_MS);
    if (!exchanged.ok) return exchanged;
    const [reply] = exchanged.value;
    if (reply?.kind === 'answered') {
      const parsed =
        reply.errors.length > 0
          ? err(`list-panes failed: ${reply.errors.join('; ')}`)
          : parseLook(reply.lines, installation);
      return parsed.ok ? ok(parsed.value) : err(malformed(host, parsed.error));
    }
    if (reply?.cause === 'deadline') return err(timedOut(host, reply.message));
    if (attempt === 2) return err({ reason: 'TmuxFailed', message: reply?.message ?? 'no reply' });
  }
}

function malformed(
  host: TmuxHost,
  problem: string,
): Pick<UnknownObservation, 'reason' | 'message'> {
  return {
    reason: 'OutputMalformed',
    message: `tmux in container ${host.container} answered something else than its panes: ${problem}`,
  };
}

async function run(
  connection: Connection,
  ops: readonly TmuxOp[],
  options: TmuxServerOptions,
): Promise<readonly OpOutcome[]> {
  const { host, installation } = options;
  const rendered = ops.map((op) => tryRender(op, { installation, homeDir: host.homeDir }));
  const lines = rendered.filter((result) => result.ok).map((result) => result.value);
  if (lines.length === 0) return rendered.map(toRenderError);

  const exchanged = await connection.exchange(lines, RUN_DEADLINE_MS);
  const replies = exchanged.ok ? exchanged.value.values() : [].values();
  const fallback = exchanged.ok ? 'tmux gave no reply' : exchanged.error.message;
  return rendered.map((result) => {
    if (!result.ok) return toRenderError(result);
    const { value: reply } = replies.next();
    return reply === undefined ? { kind: 'unknown', message: fallback } : toOutcome(reply);
  });
}

/** A word that no argument can hold fails its own op, not the batch. */
function tryRender(op: TmuxOp, context: RenderContext): Result<string, string> {
  try {
    return ok(renderOp(op, context));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function toRenderError(result: Result<string, string>): OpOutcome {
  return { kind: 'error', message: result.ok ? 'not sent' : result.error };
}
