import { addExample, type CommandLine } from './command-line.ts';

/** hook: what agents' own programs call. */
export function addHookCommands({ program, runs }: CommandLine): void {
  const hook = program
    .command('hook')
    .description(
      "tell the daemon what happens in an agent's program; for its hook settings, see examples/hooks",
    )
    .argument('<event>', 'name of the hook, such as UserPromptSubmit; notify for codex')
    .argument('[json]', 'what the program says of it; read from standard input if absent')
    .option('--verbose', 'say on standard error what came of it')
    .action(runs(async () => (await import('../commands/hook.ts')).hook));
  addExample(hook, 'hook Stop < /dev/null', 'hook Notification --verbose < notification.json');
}
