import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { isAbsence, observeDaemon } from '../daemon-presence.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

const PAUSE_MS = 20;
const PATIENCE_MS = 10_000;

/** Ends the daemon, and returns once another one can start; the panes go on. Stopped already is success. */
export async function stopDaemon(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const { world, interrupted } = context;
  const running = await observeDaemon(context);
  if (running === undefined) {
    if (options.json === true) printJson(context, { ok: true, stopped: false });
    else printLines(context, ['agenttowerd is not running']);
    return EXIT.done;
  }
  await requestShutdown(context);
  const deadline = world.now() + PATIENCE_MS;
  const { pid } = running;
  for (;;) {
    const doing = await whatItStillDoes(context, pid);
    if (doing === undefined) break;
    if (interrupted.aborted) return EXIT.interrupted;
    if (world.now() >= deadline) {
      throw new Error(`agenttowerd ${doing}; end it yourself: kill -9 ${pid}`);
    }
    await world.sleep(PAUSE_MS, interrupted);
  }
  if (options.json === true) printJson(context, { ok: true, stopped: true, pid });
  else printLines(context, [`agenttowerd stopped (pid=${pid}); the panes go on without it`]);
  return EXIT.done;
}

/** It closes its socket first, and lets go of its lock last. One that was not reaped yet has no command line. */
async function whatItStillDoes(context: CommandContext, pid: number): Promise<string | undefined> {
  if ((await observeDaemon(context)) !== undefined) return 'still answers';
  const commandLine = await context.world.machine.readText(`/proc/${pid}/cmdline`);
  return commandLine ? 'no longer answers, but has not ended yet' : undefined;
}

/** A daemon that goes away before it has answered did what was asked. */
async function requestShutdown(context: CommandContext): Promise<void> {
  try {
    await withDaemon(context, (client) => callDaemon(client, 'shutdown', {}));
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}
