import { toHookReport } from '../../../agents/state/hook-report.ts';
import type { HookReport } from '../../../agents/state/hook-rules.ts';
import type { HeardView, PaneKeyView } from '../../api/agent-protocol.ts';
import { callerPane } from '../caller-pane.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

export interface HookOptions {
  readonly verbose?: boolean;
}

/**
 * A daemon that is there or not says so at once, and what the agent's program has to say it says at once: on a busy
 * machine this process itself is what is late. The answer is waited for out of courtesy; by then all is said.
 */
const PATIENCE_MS = { connect: 200, read: 100, answer: 100 };

/**
 * Passes on what an agent's program tells. The agent waits for this command: it never fails, prints nothing an agent
 * might read as an answer, and gives up early. With `--verbose` it says on standard error what came of it.
 */
export async function hook(
  context: CommandContext,
  event: string,
  text: string | undefined,
  { verbose = false }: HookOptions,
): Promise<ExitCode> {
  const said = await report(context, event, text).catch(
    (error: unknown) => `not told: ${String(error)}`,
  );
  if (verbose) context.world.stderr.write(`${said}\n`);
  return EXIT.done;
}

/** The same from words that nobody has looked at yet, for a start without the whole command line. */
export function hookOfWords(context: CommandContext, words: readonly string[]): Promise<ExitCode> {
  const [event = '', text] = words.filter((word) => word !== '--verbose');
  return hook(context, event, text, { verbose: words.includes('--verbose') });
}

async function report(
  { world }: CommandContext,
  event: string,
  text: string | undefined,
): Promise<string> {
  const pane = callerPane(world);
  if (pane === undefined) return 'not told: this is no tmux pane';
  const connecting = world.connect({
    socketPath: world.paths.socket,
    timeoutMs: PATIENCE_MS.connect,
  });
  const reading = text === undefined ? world.stdinWithin(PATIENCE_MS.read) : Promise.resolve(text);
  const [client, input] = await Promise.all([connecting, reading]);
  try {
    const params = toParams(pane, toHookReport(event, input));
    const heard = await client.call<HeardView>('agent.hook', params, {
      timeoutMs: PATIENCE_MS.answer,
    });
    if (heard.agent_id === null) return 'told, but this pane is no agent: agenttower register-self';
    return `told: agent/${heard.agent_id} is ${heard.state ?? 'unknown'}`;
  } finally {
    client.close();
  }
}

function toParams(pane: PaneKeyView, { prompt, ...said }: HookReport): object {
  const words = Object.entries(said).filter(([, value]) => value !== undefined);
  return {
    pane_composite_key: pane,
    ...Object.fromEntries(words),
    ...(prompt !== undefined && {
      prompt: {
        sha256: prompt.sha256,
        ...(prompt.messageId !== undefined && { message_id: prompt.messageId }),
      },
    }),
  };
}
