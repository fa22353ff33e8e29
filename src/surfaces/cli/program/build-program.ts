import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { wantsJson } from '../failure.ts';
import { addAgentCommands } from './agent-commands.ts';
import type { CommandLine, Implementation } from './command-line.ts';
import { addDaemonCommands } from './daemon-commands.ts';
import { addDeclareCommands } from './declare-commands.ts';
import { addHookCommands } from './hook-commands.ts';
import { addLearnCommands } from './learn-commands.ts';
import { addLogCommands } from './log-commands.ts';
import { addManagedCommands } from './managed-commands.ts';
import { addObserveCommands } from './observe-commands.ts';
import { addOperateCommands } from './operate-commands.ts';
import { addQueueCommands } from './queue-commands.ts';
import { addRouteCommands } from './route-commands.ts';
import { addSourceCommands } from './source-commands.ts';

export interface Program {
  readonly command: Command;
  /** What the command that ran ended with. */
  exitCode(): ExitCode;
}

/** The whole command tree, writing to the world given and never ending the process. */
export function buildProgram(context: CommandContext): Program {
  const { stdout, stderr, argv, version } = context.world;
  const command = new Command('agenttower')
    .description('The control tower for AI agents in tmux panes.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // Errors are told in one place, in the form the user asked for; help that was not asked for is not an error.
      writeErr: (text) => void (text.startsWith('error:') || wantsJson(argv) || stderr.write(text)),
      getOutHelpWidth: () => stdout.columns || 80,
      getErrHelpWidth: () => stderr.columns || 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  let exitCode: ExitCode = EXIT.done;
  const runs =
    <Args extends readonly unknown[]>(load: () => Promise<Implementation<Args>>) =>
    async (...args: readonly [...Args, Command]) => {
      const run = await load();
      // Commander adds the command itself at the end.
      exitCode = await run(context, ...(args.slice(0, -1) as unknown as Args));
    };
  const line: CommandLine = { program: command, runs };
  addDeclareCommands(line);
  addObserveCommands(line);
  addOperateCommands(line);
  addSourceCommands(line);
  addManagedCommands(line);
  addAgentCommands(line);
  addQueueCommands(line);
  addHookCommands(line);
  addRouteCommands(line);
  addLogCommands(line);
  addDaemonCommands(line);
  addLearnCommands(line);
  command.addHelpText('after', FIRST_STEPS);
  return { command, exitCode: () => exitCode };
}

const FIRST_STEPS = `
First steps:
  $ agenttower ensure-daemon
  $ agenttower apply -f team.yaml --wait
  $ agenttower attach NAME

Exit codes: 0 done, 1 error, 2 changes (--detailed-exitcode), 3 usage or invalid manifest,
  4 stale plan, 5 ended not ready, 6 refused, 7 daemon unreachable, 124 timed out waiting`;
