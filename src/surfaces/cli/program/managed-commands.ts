import { type Command, Option } from 'commander';
import { PANE_STATES } from '../../../domain/states.ts';
import {
  addExample,
  type CommandLine,
  jsonOption,
  parseCount,
  timeoutOption,
} from './command-line.ts';

/** managed layout|pane: panes made by request instead of by a manifest. */
export function addManagedCommands({ program, runs }: CommandLine): void {
  const managed = program
    .command('managed')
    .description('layouts made by request, and the panes of all layouts by their ids');
  const layout = managed.command('layout').description('create, list, show and remove layouts');
  addLayoutCommands({ program: layout, runs });
  addExample(layout, CREATE_EXAMPLE, 'managed layout list');
  const pane = managed.command('pane').description('list, show, remove and recreate panes');
  addPaneCommands({ program: pane, runs });
  addExample(pane, 'managed pane list --state failed', `managed pane recreate ${ID}`);
  addExample(managed, CREATE_EXAMPLE, 'managed pane list');
}

const ID = '9b2f6c1e-5a0d-4c3b-8e7f-1d2c3b4a5968';
const CREATE_EXAMPLE = 'managed layout create --template 1m+2s --session work --wait';

function addLayoutCommands({ program, runs }: CommandLine): void {
  const create = program
    .command('create')
    .description('make the panes of a template in a new tmux session')
    .option('--container <id>', 'which container; where this runs if not given')
    .requiredOption('--template <name>', 'which template, e.g. 1m+2s')
    .requiredOption('--session <name>', 'tmux session to make; it must not exist')
    .option('--launch <role:label=profile...>', 'launch profile of one pane')
    .option('--key <key>', 'asking again with the same key makes nothing new')
    .option('--wait', 'wait until every pane is ready or given up')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-layout.ts')).createLayout));
  addExample(create, CREATE_EXAMPLE, `${CREATE_EXAMPLE} --launch slave:s1=codex --key nightly`);

  const list = addPageOptions(program.command('list').description('list layouts, removed ones too'))
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-layout.ts')).listLayouts));
  addExample(list, 'managed layout list --state ready');

  const detail = program
    .command('detail')
    .description('show a layout with its panes')
    .argument('<layout-id>', 'id of the layout')
    .option('--all', 'show removed panes too')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-layout.ts')).showLayout));
  addExample(detail, `managed layout detail ${ID} --all`);

  const remove = program
    .command('remove')
    .description('remove every pane of a layout')
    .argument('<layout-id>', 'id of the layout')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-layout.ts')).removeLayout));
  addExample(remove, `managed layout remove ${ID}`);
}

function addPaneCommands({ program, runs }: CommandLine): void {
  const list = addPageOptions(program.command('list').description('list panes, removed ones too'))
    .option('--layout <id>', 'only panes of this layout')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-pane.ts')).listPanes));
  addExample(list, `managed pane list --layout ${ID}`);

  const detail = program
    .command('detail')
    .description('show a pane')
    .argument('<pane-id>', 'id of the pane')
    .option('--chain', 'show the panes it was recreated from')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-pane.ts')).showPane));
  addExample(detail, `managed pane detail ${ID} --chain`);

  const remove = program
    .command('remove')
    .description('end panes; what is known of them stays')
    .argument('<pane-id...>', 'ids of panes')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-pane.ts')).removePanes));
  addExample(remove, `managed pane remove ${ID}`);

  const recreate = program
    .command('recreate')
    .description('make a successor for a pane that was removed or failed')
    .argument('<pane-id>', 'id of the removed or failed pane')
    .option('--launch <profile>', 'another launch profile than before')
    .option('--key <key>', 'asking again with the same key makes nothing new')
    .option('--wait', 'wait until every pane of its layout is ready or given up')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/managed-pane.ts')).recreatePane));
  addExample(recreate, `managed pane recreate ${ID} --wait`);
}

function addPageOptions(command: Command): Command {
  return command
    .option('--container <id>', 'only in this container')
    .addOption(new Option('--state <state>', 'only in this state').choices(PANE_STATES))
    .addOption(new Option('--limit <count>', 'one page of so many').argParser(parseCount))
    .option('--after <id>', 'the page after this id');
}
