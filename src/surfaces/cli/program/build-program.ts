import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { wantsJson } from '../failure.ts';
import type { CommandLine, Implementation } from './command-line.ts';
import { loadGroups } from './groups.ts';

export interface Program {
  readonly command: Command;
  /** What the command that ran ended with. */
  exitCode(): ExitCode;
}

/**
 * The command tree, as much of it as a command line that starts with `first` needs: writes to the world given and never
 * ends the process.
 */
export async function buildProgram(context: CommandContext, first?: string): Promise<Program> {
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
  for (const add of await loadGroups(first)) add(line);
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
