import { type Command, InvalidArgumentError } from 'commander';
import {
  addExample,
  type CommandLine,
  confirmPruneOption,
  jsonOption,
  parseDurationArgument,
  timeoutOption,
} from './command-line.ts';
import { outputOption } from './observe-commands.ts';

/** source add|list|sync|remove: where declarations come from by themselves. */
export function addSourceCommands({ program, runs }: CommandLine): void {
  const source = program
    .command('source')
    .description('directories and Git repositories whose manifests are kept applied');
  addAddCommands({ program: source, runs });

  const list = source
    .command('list')
    .description('list the sources')
    .addOption(outputOption())
    .action(runs(async () => (await import('../commands/source.ts')).listAllSources));
  addExample(list, 'source list -o wide');

  const sync = source
    .command('sync')
    .description('read a source now instead of at its next interval')
    .argument('<source>', 'name of the source')
    .option('--wait', 'wait until it is applied and its layouts are ready')
    .addOption(timeoutOption())
    .addOption(confirmPruneOption())
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/source-sync.ts')).syncSource));
  addExample(sync, 'source sync cluster --wait');

  const remove = source
    .command('remove')
    .description('stop following a source')
    .argument('<source>', 'name of the source')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/source.ts')).removeSource));
  addExample(remove, 'source remove cluster');
  addExample(source, 'source add dir ~/agents', 'source list');
}

function addAddCommands({ program, runs }: CommandLine): void {
  const add = program.command('add').description('follow a directory or a Git repository');
  const directory = addCommonOptions(
    add
      .command('dir')
      .description('follow a directory of manifests')
      .argument('<path>', 'the directory'),
  ).action(runs(async () => (await import('../commands/source.ts')).addDirectory));
  addExample(directory, 'source add dir ~/agents');

  const git = addCommonOptions(
    add
      .command('git')
      .description('follow a branch of a Git repository')
      .argument('<url>', 'what git clone takes')
      .option('--branch <name>', 'the branch to follow; main if absent')
      .option('--path <directory>', 'read only this directory of the repository'),
  ).action(runs(async () => (await import('../commands/source.ts')).addGit));
  addExample(
    git,
    'source add git https://example.com/agents.git --branch main --path clusters/dev',
  );
  addExample(add, 'source add dir ~/agents');
}

/** The daemon's own bounds; said here in the words that were typed. */
function parseInterval(text: string): number {
  const ms = parseDurationArgument(text);
  if (ms < 1_000 || ms > 86_400_000) {
    throw new InvalidArgumentError('Write a duration between 1s and 24h.');
  }
  return ms;
}

function addCommonOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what to call the source; from its place if absent')
    .option('--interval <duration>', 'how often to look, e.g. 60s', parseInterval)
    .option('--no-prune', 'keep layouts that are no longer declared there')
    .option('--allow-empty', 'believe an empty source, and remove everything it declared')
    .addOption(jsonOption());
}
