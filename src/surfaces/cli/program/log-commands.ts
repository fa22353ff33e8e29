import { Option } from 'commander';
import { LOG_EVENT_TYPES } from '../../../domain/log-events.ts';
import { addExample, type CommandLine, jsonOption, parseCount } from './command-line.ts';

const ID = 'agt_0123456789ab';

/** logs, events, attach-log, detach-log: what agents print, and what that tells. */
export function addLogCommands({ program, runs }: CommandLine): void {
  const logs = program
    .command('logs')
    .description('print what an agent printed, without escape sequences and secrets')
    .argument('<agent>', 'agent/LABEL, an agent id, or LAYOUT/SLOT')
    .option('-f, --follow', 'go on with whatever comes, until Ctrl-C')
    .option('--raw', 'bytes as the program printed them, secrets and all')
    .addOption(
      new Option('--tail <lines>', 'begin so many lines before the end')
        .argParser(parseCount)
        .default(100),
    )
    .action(runs(async () => (await import('../commands/logs.ts')).showLogs));
  addExample(logs, 'logs -f agent/reviewer', 'logs payments/m1 --tail 20');

  const events = program
    .command('events')
    .description('list what the logs of agents told, or follow it')
    .option('--target <agent>', 'only of this agent: an id or a label')
    .addOption(new Option('--type <type...>', 'only of these types').choices([...LOG_EVENT_TYPES]))
    .option('--since <time>', 'not before this time, e.g. 2026-01-31T08:00:00Z')
    .option('--until <time>', 'before this time')
    .addOption(new Option('--limit <count>', 'at most so many, up to 50').argParser(parseCount))
    .option('--cursor <cursor>', 'go on from an earlier page')
    .option('--reverse', 'the newest first')
    .option('--follow', 'print whatever comes, until Ctrl-C')
    .option('--json', 'print one JSON object per line')
    .addOption(new Option('--classifier-rules', 'list the rules lines are read by').hideHelp())
    .action(runs(async () => (await import('../commands/events.ts')).events));
  addExample(
    events,
    'events --target reviewer --type error waiting_for_input',
    'events --follow --json',
  );
  addAttachCommands({ program, runs });
}

function addAttachCommands({ program, runs }: CommandLine): void {
  const attach = program
    .command('attach-log')
    .description('have what an agent prints copied to a file and read, or show how that stands')
    .requiredOption('--target <agent>', 'the agent: an id or a label')
    .option('--log <path>', 'absolute path of the file; a file of its own if absent')
    .option('--status', 'only show the attachment and how far it was read')
    .addOption(new Option('--preview <lines>', 'only show the last lines').argParser(parseCount))
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/logs.ts')).attachLog));
  addExample(attach, `attach-log --target ${ID}`, 'attach-log --target reviewer --preview 20');

  const detach = program
    .command('detach-log')
    .description('end the copying of what an agent prints; what was copied stays')
    .requiredOption('--target <agent>', 'the agent: an id or a label')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/logs.ts')).detachLog));
  addExample(detach, `detach-log --target ${ID}`);
}
