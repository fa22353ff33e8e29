import type { AgentDetailView } from '../../api/agent-protocol.ts';
import { type CommandContext, printJson, printLines, terminalSize } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { renderAgent } from '../render/describe-agent.ts';

/** Tells everything known of one agent, after a look at its screen. */
export async function describeAgent(
  context: CommandContext,
  target: string,
  { output }: { readonly output: 'text' | 'json' },
): Promise<void> {
  const agent = await withDaemon<AgentDetailView>(context, (client) =>
    callDaemon(client, 'agent.describe', { target, look: true }),
  );
  if (output === 'json') {
    printJson(context, agent);
    return;
  }
  const { columns } = terminalSize(context);
  printLines(
    context,
    renderAgent(agent, { paint: context.paint, columns, now: context.world.now() }),
  );
}
