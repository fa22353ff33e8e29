import { refuse } from '../../../domain/errors.ts';
import type { StatusResult } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { observeDaemon } from '../daemon-presence.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';
import type { StartedDaemon } from '../world.ts';

const PAUSE_MS = 20;
const PATIENCE_MS = 5_000;
/** A daemon that ends at once may have met another one that is just about to answer. */
const PATIENCE_AFTER_EXIT_MS = 1_000;
/** One that met another says so: that one is on its way, and may have a crowd to share the machine with. */
const PATIENCE_WITH_ANOTHER_MS = 15_000;
const MET_ANOTHER = 'code: daemon_running';

/** Starts the daemon unless it answers already, and returns once it does. */
export async function ensureDaemon(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const running = await observeDaemon(context);
  const status = running ?? (await startDaemon(context));
  if (status === undefined) return EXIT.interrupted;
  const { pid, socket_path, state_path } = status;
  if (options.json === true) {
    printJson(context, { ok: true, started: running === undefined, pid, socket_path, state_path });
  } else {
    printLines(context, [
      `agenttowerd ready: pid=${pid} socket=${socket_path} state=${state_path}`,
    ]);
  }
  return EXIT.done;
}

/** `undefined` when the user gave up waiting. */
async function startDaemon(context: CommandContext): Promise<StatusResult | undefined> {
  const { world, interrupted } = context;
  const { socket, daemonSocket, socketSource } = world.paths;
  if (socketSource === 'mounted_default') {
    const message = `no daemon answers at ${socket}, which is the host's: start it there with \`agenttower ensure-daemon\``;
    throw refuse('daemon_unreachable', message, { socket });
  }
  if (socket !== daemonSocket) {
    const message = `no daemon answers at ${socket} (AGENTTOWER_SOCKET), and one started here would listen at ${daemonSocket}; unset AGENTTOWER_SOCKET to use that`;
    throw refuse('daemon_unreachable', message, { socket });
  }
  const daemon = await world.startDaemon();
  let deadline = world.now() + PATIENCE_MS;
  let sawExit = false;
  for (;;) {
    const status = await observeDaemon(context);
    if (status !== undefined) return status;
    if (interrupted.aborted) return undefined;
    if (!sawExit && daemon.hasExited()) {
      sawExit = true;
      deadline = await deadlineAfterExit(context, daemon);
    }
    if (world.now() >= deadline) throw await notReady(context, daemon);
    await world.sleep(PAUSE_MS, interrupted);
  }
}

async function deadlineAfterExit(context: CommandContext, daemon: StartedDaemon): Promise<number> {
  const metAnother = (await daemon.logTail()).includes(MET_ANOTHER);
  return context.world.now() + (metAnother ? PATIENCE_WITH_ANOTHER_MS : PATIENCE_AFTER_EXIT_MS);
}

async function notReady(context: CommandContext, daemon: StartedDaemon): Promise<Error> {
  const { socket } = context.world.paths;
  const tail = (await daemon.logTail()).split('\n').map(toPlainText).join('\n').trimEnd();
  const what = daemon.hasExited() ? 'ended before it was ready' : 'does not answer yet';
  for (const line of tail === '' ? [] : ['agenttowerd logged last:', tail]) {
    context.world.stderr.write(`${line}\n`);
  }
  return refuse('daemon_unreachable', `agenttowerd ${what}; agenttower doctor tells more`, {
    socket,
  });
}
