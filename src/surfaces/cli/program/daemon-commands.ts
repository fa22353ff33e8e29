import { addExample, type CommandLine, jsonOption } from './command-line.ts';

/** ensure-daemon, stop-daemon, status, config, doctor: the program itself. */
export function addDaemonCommands({ program, runs }: CommandLine): void {
  const ensure = program
    .command('ensure-daemon')
    .description('start the daemon unless it answers already')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/ensure-daemon.ts')).ensureDaemon));
  addExample(ensure, 'ensure-daemon');

  const stop = program
    .command('stop-daemon')
    .description('end the daemon; the panes go on without it')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/stop-daemon.ts')).stopDaemon));
  addExample(stop, 'stop-daemon');

  const status = program
    .command('status')
    .description('show how the daemon and its layouts are, holds first')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/status.ts')).status));
  addExample(status, 'status');

  const doctor = program
    .command('doctor')
    .description('check everything AgentTower needs, and say what to do')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/doctor.ts')).doctor));
  addExample(doctor, 'doctor');
  addConfigCommands({ program, runs });
}

function addConfigCommands({ program, runs }: CommandLine): void {
  const config = program.command('config').description('the configuration and where things lie');
  const init = config
    .command('init')
    .description('write a commented config.toml, unless there is one')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/config.ts')).initConfig));
  addExample(init, 'config init');

  const paths = config
    .command('paths')
    .description('print where everything lies, as KEY=value')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/config.ts')).showPaths));
  paths.addHelpText('after', '\nExample:\n  $ eval "$(agenttower config paths)"; echo "$STATE_DB"');

  const doctor = config
    .command('doctor')
    .description('check the way to the daemon from here, in a container too')
    .addOption(jsonOption())
    .action(runs(async () => (await import('../commands/config-doctor.ts')).configDoctor));
  addExample(doctor, 'config doctor');
  addExample(config, 'config paths');
}
