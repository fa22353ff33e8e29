import {
  addExample,
  type CommandLine,
  confirmPruneOption,
  containerOption,
  filenameOption,
  jsonOption,
  textOrJsonOption,
  timeoutOption,
} from './command-line.ts';

/** plan, apply, diff, delete, export: what should be. */
export function addDeclareCommands({ program, runs }: CommandLine): void {
  const plan = program
    .command('plan')
    .description('show what the daemon would do, and why')
    .addOption(filenameOption())
    .option('--detailed-exitcode', 'exit with 2 when there is something to do')
    .option('--out <file>', 'save the plan, for apply to carry out exactly')
    .option('--prune', 'also remove what was applied before and is no longer declared')
    .option('--take-ownership', 'also take layouts that another source declares')
    .option('--allow-unknown', 'do not fail when a container could not be observed')
    .addOption(textOrJsonOption())
    .action(runs(async () => (await import('../commands/plan.ts')).plan));
  addExample(plan, 'plan -f team.yaml', 'plan -f agents/ --prune --out next.plan');

  const apply = program
    .command('apply')
    .description('declare layouts; the daemon makes them so and keeps them so')
    .argument('[plan-file]', 'a plan saved by plan --out')
    .addOption(filenameOption())
    .option('--wait', 'wait until everything declared is ready')
    .addOption(timeoutOption())
    .option('--dry-run', 'check and plan, store nothing')
    .option('--prune', 'also remove what was applied before and is no longer declared')
    .addOption(confirmPruneOption())
    .option('--take-ownership', 'take layouts that another source declares')
    .addOption(textOrJsonOption())
    .action(runs(async () => (await import('../commands/apply.ts')).apply));
  addExample(apply, 'apply -f team.yaml --wait', 'apply next.plan');

  const diff = program
    .command('diff')
    .description('show field by field where files differ from what is recorded')
    .addOption(filenameOption().makeOptionMandatory())
    .option('--detailed-exitcode', 'exit with 2 when there are differences')
    .addOption(textOrJsonOption())
    .action(runs(async () => (await import('../commands/diff.ts')).diff));
  addExample(diff, 'diff -f team.yaml');

  const remove = program
    .command('delete')
    .description('withdraw layouts; their panes are ended')
    .argument('[layout...]', 'layouts, as NAME or layout/NAME')
    .addOption(filenameOption())
    .addOption(containerOption())
    .option('--wait', 'wait until the panes are gone')
    .addOption(timeoutOption())
    .addOption(textOrJsonOption())
    .action(runs(async () => (await import('../commands/delete.ts')).remove));
  addExample(remove, 'delete layout/payments --wait', 'delete -f team.yaml');

  const exportCommand = program
    .command('export')
    .description('print a layout as a manifest; applied, it changes nothing')
    .argument('<layout>', 'NAME or layout/NAME')
    .addOption(containerOption())
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/export.ts')).exportManifest));
  exportCommand.addHelpText(
    'after',
    '\nThe manifest holds environment values in clear, secrets too: mind where you keep it.',
  );
  addExample(exportCommand, 'export layout/payments > payments.yaml');
}
