import { type Command, Option } from 'commander';
import { CAPABILITIES } from '../../../domain/agents.ts';
import { ROLES } from '../../../domain/roles.ts';
import { addExample, type CommandLine, jsonOption } from './command-line.ts';

const ID = 'agt_0123456789ab';

/** register-self, adopt, list-agents, set-role, set-label, set-capability: who works in which pane. */
export function addAgentCommands({ program, runs }: CommandLine): void {
  const register = addDescription(
    program
      .command('register-self')
      .description('make the tmux pane this runs in an agent; run again, it says something new'),
  )
    .option('--attach-log', 'have what it prints copied to a file too, or register nothing')
    .option(
      '--log <path>',
      'with --attach-log: absolute path of the file; one of its own if absent',
    )
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).registerSelf));
  addExample(
    register,
    'register-self --role slave --capability claude --label reviewer',
    'register-self --label reviewer --attach-log',
  );

  const adopt = addDescription(
    program
      .command('adopt')
      .description('make a tmux pane an agent from outside; the pane itself is never touched')
      .argument('<container>', 'container the pane is in; local is this machine')
      .argument('<pane>', '%N, or session:window.pane'),
  )
    .option('--socket <path>', 'tmux server, where the pane stands on several')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).adopt));
  addExample(adopt, 'adopt local %3 --role slave --label reviewer', 'adopt local work:0.1');

  const list = program
    .command('list-agents')
    .description('list agents of every origin as tab-separated values')
    .addOption(new Option('--role <role...>', 'only these roles').choices(ROLES))
    .option('--container <id>', 'only in this container')
    .option('--active-only', 'only those whose pane stands')
    .option('--parent <agent-id>', 'only the swarm of this agent')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).listAgents));
  addExample(list, 'list-agents --active-only --role slave');
  addChangeCommands({ program, runs });
}

function addChangeCommands({ program, runs }: CommandLine): void {
  const role = addTarget(program.command('set-role').description('give an agent another role'))
    .addOption(new Option('--role <role>', 'the role').choices(ROLES).makeOptionMandatory())
    .option('--confirm', 'yes, it may be a master')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).setRole));
  addExample(role, `set-role --target ${ID} --role master --confirm`);

  const label = addTarget(program.command('set-label').description('give an agent another label'))
    .requiredOption('--label <label>', 'the label, by which prompts are addressed')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).setLabel));
  addExample(label, `set-label --target ${ID} --label reviewer`);

  const capability = addTarget(
    program.command('set-capability').description('say what program an agent is'),
  )
    .addOption(
      new Option('--capability <word>', 'the program').choices(CAPABILITIES).makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/agents.ts')).setCapability));
  addExample(capability, `set-capability --target ${ID} --capability codex`);
}

function addTarget(command: Command): Command {
  return command.requiredOption('--target <agent-id>', 'the agent');
}

function addDescription(command: Command): Command {
  return command
    .addOption(
      new Option('--role <role>', 'what it is for; master only by set-role').choices(ROLES),
    )
    .addOption(new Option('--capability <word>', 'what program it is').choices(CAPABILITIES))
    .option('--label <label>', 'name by which prompts are addressed')
    .option('--project <path>', 'directory it works on')
    .option('--parent <agent-id>', 'the slave whose swarm it belongs to');
}
