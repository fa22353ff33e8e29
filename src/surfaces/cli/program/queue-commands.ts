import { Option } from 'commander';
import { MESSAGE_STATES } from '../../../domain/messages.ts';
import {
  addExample,
  type CommandLine,
  jsonOption,
  parseCount,
  parseDurationArgument,
} from './command-line.ts';

const ID = '1f0c9c1e-7a52-4a8e-9a0e-3f1f3c1d2b4a';

/** send-input, queue, routing: prompts on their way from agent to agent. */
export function addQueueCommands(line: CommandLine): void {
  addSendCommand(line);
  addQueueGroup(line);
  addRoutingGroup(line);
}

function addSendCommand({ program, runs }: CommandLine): void {
  const send = program
    .command('send-input')
    .description('send a prompt to an agent: pasted once, then Enter')
    .requiredOption('--target <agent>', 'id or label of the agent')
    .option('--message <text>', 'the prompt')
    .option('--message-file <path>', 'file that holds the prompt, or - for stdin')
    .option('--operator', 'send it as the operator of this host, not as the agent of this pane')
    .option('--raw', 'paste the text alone, without the headers that say who sent it')
    .option('--no-wait', 'do not wait for its delivery')
    .addOption(
      new Option('--wait-timeout <duration>', 'how long to wait at most')
        .argParser(parseDurationArgument)
        .default(10_000, '10s'),
    )
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/queue.ts')).sendInput));
  addExample(
    send,
    'send-input --target reviewer --message "Review the last commit."',
    'send-input --target s1 --message-file task.md --operator',
  );
}

function addQueueGroup({ program, runs }: CommandLine): void {
  const queue = program.command('queue').description('prompts, and what became of them');
  addExample(queue, 'queue --state blocked');
  const list = queue
    .command('list', { isDefault: true })
    .description('list prompts, the oldest first')
    .addOption(new Option('--state <state>', 'only in this state').choices(MESSAGE_STATES))
    .option('--target <agent>', 'only to this agent')
    .option('--sender <agent>', 'only from this agent')
    .option('--since <time>', 'only enqueued since, e.g. 2026-01-31T08:00:00Z')
    .addOption(new Option('--limit <count>', 'at most so many').argParser(parseCount))
    .addOption(new Option('--origin <origin>', 'only these').choices(['direct', 'route']))
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/queue.ts')).listQueue));
  addExample(list, 'queue list --state blocked');

  const operations = [
    ['approve', 'let a blocked prompt go'],
    ['delay', 'hold a queued prompt back until it is approved'],
    ['cancel', 'give a prompt up that was not pasted yet'],
  ] as const;
  for (const [operation, description] of operations) {
    const command = queue
      .command(operation)
      .description(description)
      .argument('<message-id>', 'id of the prompt')
      .addOption(jsonOption())
      .action(runs(async () => (await import('../commands/queue.ts')).operateOn(operation)));
    addExample(command, `queue ${operation} ${ID}`);
  }
}

function addRoutingGroup({ program, runs }: CommandLine): void {
  const routing = program.command('routing').description('the switch that holds all prompts back');
  addExample(routing, 'routing status');
  const operations = [
    ['enable', 'let prompts go'],
    ['disable', 'hold every prompt back; one that is being pasted is finished'],
  ] as const;
  for (const [operation, description] of operations) {
    const command = routing
      .command(operation)
      .description(description)
      .addOption(jsonOption())
      .action(runs(async () => (await import('../commands/routing.ts')).switchRouting(operation)));
    addExample(command, `routing ${operation}`);
  }
  const status = routing
    .command('status')
    .description('tell how the switch stands')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/routing.ts')).showRouting));
  addExample(status, 'routing status');
}
