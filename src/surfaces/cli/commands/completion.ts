import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { COMPLETION_SCRIPTS, type Shell } from '../render/completion-scripts.ts';

/** Prints the script that teaches a shell to complete; the script asks us for candidates. */
export function completion(context: CommandContext, shell: Shell): Promise<ExitCode> {
  context.world.stdout.write(COMPLETION_SCRIPTS[shell]);
  return Promise.resolve(EXIT.done);
}
