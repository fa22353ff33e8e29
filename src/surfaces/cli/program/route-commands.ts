import { Option } from 'commander';
import { LOG_EVENT_TYPES } from '../../../domain/log-events.ts';
import { MASTER_RULES, SCOPE_KINDS, TARGET_RULES } from '../../../domain/routes.ts';
import { addExample, type CommandLine, jsonOption } from './command-line.ts';

const ID = '1f0c9c1e-7a52-4a8e-9a0e-3f1f3c1d2b4a';

/** route: what turns events of one agent into prompts for another. */
export function addRouteCommands({ program, runs }: CommandLine): void {
  const route = program.command('route').description('events of agents as prompts for others');
  addExample(route, 'route list');
  const add = route
    .command('add')
    .description('turn events that are yet to come into prompts')
    .addOption(
      new Option('--event-type <type>', 'which events')
        .choices(LOG_EVENT_TYPES)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--source-scope <kind>', 'of whom').choices(SCOPE_KINDS).default('any'))
    .option('--source-scope-value <value>', 'agent id, or role:ROLE[,capability:WORD]')
    .addOption(
      new Option('--target-rule <rule>', 'who gets the prompt')
        .choices(TARGET_RULES)
        .makeOptionMandatory(),
    )
    .option('--target <value>', 'agent id or label, or role:ROLE[,capability:WORD]')
    .addOption(
      new Option('--master-rule <rule>', 'who sends it').choices(MASTER_RULES).default('auto'),
    )
    .option('--master <agent-id>', 'the master, with --master-rule explicit')
    .requiredOption('--template <text>', 'the prompt, with fields such as {event_excerpt}')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/route.ts')).addRoute));
  addExample(
    add,
    "route add --event-type test_failed --target-rule explicit --target reviewer --template 'Look at {source_label}: {event_excerpt}'",
  );
  addLookCommands({ program: route, runs });

  const operations = [
    ['enable', 'let a route go on where it was'],
    ['disable', 'hold a route; its events wait'],
    ['remove', 'forget a route; prompts it has made stay'],
  ] as const;
  for (const [operation, description] of operations) {
    const command = route
      .command(operation)
      .description(description)
      .argument('<route-id>', 'id of the route')
      .addOption(jsonOption())
      .action(runs(async () => (await import('../commands/route.ts')).operateOnRoute(operation)));
    addExample(command, `route ${operation} ${ID}`);
  }
}

function addLookCommands({ program: route, runs }: CommandLine): void {
  const list = route
    .command('list')
    .description('list routes in order of creation')
    .option('--enabled-only', 'only those that are enabled')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/route.ts')).listRoutes));
  addExample(list, 'route list');

  const show = route
    .command('show')
    .description('show a route, and what it did since the daemon started')
    .argument('<route-id>', 'id of the route')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/route.ts')).showRoute));
  addExample(show, `route show ${ID}`);
}
