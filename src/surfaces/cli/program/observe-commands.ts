import { Argument, Option } from 'commander';
import { OUTPUT_FORMATS } from '../print-rows.ts';
import { RESOURCES } from '../references.ts';
import { GOALS } from '../waiting/verdict.ts';
import {
  addExample,
  type CommandLine,
  containerOption,
  jsonOption,
  parseCount,
  textOrJsonOption,
  timeoutOption,
} from './command-line.ts';

/** get, describe, wait, attach: what is. */
export function addObserveCommands({ program, runs }: CommandLine): void {
  const get = program
    .command('get')
    .description(`list ${RESOURCES.join(', ')}`)
    .argument('<resource>', `one of ${RESOURCES.join(', ')}; or layout/NAME`)
    .argument('[name]', 'only this one')
    .addOption(outputOption())
    .option('-w, --watch', 'keep showing it as it changes, until Ctrl-C')
    .addOption(containerOption())
    .option('-l, --selector <labels>', 'only layouts with these labels, as key=value,…')
    .addOption(
      new Option('--since <seq>', 'events after this sequence number').argParser(parseCount),
    )
    .addOption(new Option('--limit <count>', 'at most so many events').argParser(parseCount))
    .action(runs(async () => (await import('../commands/get.ts')).get));
  addExample(get, 'get layouts', 'get panes payments -o wide', 'get events -w');

  const describe = program
    .command('describe')
    .description('tell everything about a layout, a slot, a source or an agent')
    .argument(
      '<object>',
      'layout/NAME, layout/NAME/SLOT, source/NAME or agent/LABEL; layouts also as CONTAINER/NAME',
    )
    .addOption(containerOption())
    .addOption(textOrJsonOption())
    .action(runs(async () => (await import('../commands/describe.ts')).describe));
  addExample(
    describe,
    'describe layout/payments',
    'describe layout/payments/m1',
    'describe agent/reviewer',
  );

  addScanCommands({ program, runs });

  const wait = program
    .command('wait')
    .description('wait until layouts are ready, or whatever else is asked for')
    .argument('<layout...>', 'layouts, as NAME or layout/NAME')
    .addOption(new Option('--for <goal>', 'what to wait for').choices(GOALS).default('ready'))
    .addOption(timeoutOption())
    .addOption(containerOption())
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/wait.ts')).wait));
  addExample(wait, 'wait layout/payments --for ready --timeout 2m');

  const attach = program
    .command('attach')
    .description('show a layout on this terminal (leave it with Ctrl-b d)')
    .argument('<layout-or-slot>', 'NAME, or NAME/SLOT to choose a pane')
    .addOption(containerOption())
    .option('--print', 'only print the command that does it')
    .action(runs(async () => (await import('../commands/attach.ts')).attach));
  addExample(attach, 'attach payments/m1');
}

/** What is there beside the layouts: everybody's containers and panes. */
function addScanCommands({ program, runs }: CommandLine): void {
  const scan = program
    .command('scan')
    .description('ask the container engines now, or look at the panes of every tmux server')
    .option('--containers', 'look for containers (the default)')
    .option('--panes', 'look for panes, whoever made them')
    .addOption(new Option('--container <name>', 'only panes of this container'))
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/scan.ts')).scan));
  addExample(scan, 'scan --containers', 'scan --panes');

  const listContainers = program
    .command('list-containers')
    .description('list the containers of the engines, one per line, tab-separated')
    .option('--active-only', 'only those that run')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/containers.ts')).listContainers));
  addExample(listContainers, 'list-containers --active-only');

  const listPanes = program
    .command('list-panes')
    .description('list the panes that scans have found, one per line, tab-separated')
    .option('--active-only', 'only those that are there')
    .addOption(new Option('--container <name>', 'only those of this container'))
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/panes.ts')).listPanes));
  addExample(listPanes, 'list-panes --active-only');
}

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print it; a table if absent').choices(
    OUTPUT_FORMATS,
  );
}

/** An argument of which only certain words make sense. */
export function choiceArgument(name: string, words: readonly string[]): Argument {
  return new Argument(`<${name}>`, `one of ${words.join(', ')}`).choices(words);
}
