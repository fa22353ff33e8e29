import type { CommandContext } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { choosePaint } from './render/paint.ts';
import type { CliWorld } from './world.ts';

/** Runs one command line from beginning to end and gives the exit code. Never rejects for a user's mistake. */
export async function runCli(world: CliWorld): Promise<ExitCode> {
  const interrupt = new AbortController();
  const stopListening = world.onInterrupt(() => interrupt.abort());
  const context = { world, paint: choosePaint(world), interrupted: interrupt.signal };
  try {
    return await run(context);
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    const { reportFailure } = await import('./failure.ts');
    return await reportFailure(context, error);
  } finally {
    stopListening();
  }
}

async function run(context: CommandContext): Promise<ExitCode> {
  const [first, ...rest] = context.world.argv;
  if (first === '__complete') {
    const { complete } = await import('./commands/complete.ts');
    return await complete(context, rest);
  }
  // An agent waits for its hooks: they start without the rest of the command line.
  if (
    first === 'hook' &&
    rest.length > 0 &&
    !rest.some((word) => word === '-h' || word === '--help')
  ) {
    const { hookOfWords } = await import('./commands/hook.ts');
    return await hookOfWords(context, rest);
  }
  const { buildProgram } = await import('./program/build-program.ts');
  const words = await withHelpLast(context.world.argv);
  const program = await buildProgram(context, words[0]);
  await program.command.parseAsync(words, { from: 'user' });
  return program.exitCode();
}

/** `help source add` is `source add --help`; of a word that is no command, the word alone, which is refused by name. */
async function withHelpLast(argv: readonly string[]): Promise<readonly string[]> {
  const [first, second, ...rest] = argv;
  if (first === undefined) return ['--help'];
  if (first !== 'help' || second === undefined || second.startsWith('-')) return argv;
  const { isCommandWord } = await import('./program/groups.ts');
  return isCommandWord(second) ? [second, ...rest, '--help'] : [second];
}
