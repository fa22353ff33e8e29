import { SHELLS } from '../render/completion-scripts.ts';
import { addExample, type CommandLine } from './command-line.ts';
import { choiceArgument } from './observe-commands.ts';

const KINDS = ['Layout', 'LayoutTemplate', 'LaunchProfile', 'Route'] as const;

/** schema, explain, completion: how to write and how to type. */
export function addLearnCommands({ program, runs }: CommandLine): void {
  const schema = program
    .command('schema')
    .description('print the JSON Schema of a kind, for editors')
    .argument('<kind>', `one of ${KINDS.join(', ')}`)
    .action(
      runs(async () => {
        const { schema } = await import('../commands/schema.ts');
        return (context, kind: string) => schema(context, kind);
      }),
    );
  addExample(schema, 'schema Layout > layout.schema.json');

  const explain = program
    .command('explain')
    .description('explain a kind or one of its fields')
    .argument('<field>', 'as KIND or KIND.path, e.g. layout.spec.panes.restartPolicy')
    .action(
      runs(async () => {
        const { explain } = await import('../commands/explain.ts');
        return (context, path: string) => explain(context, path);
      }),
    );
  addExample(explain, 'explain layout.spec.updateStrategy');

  const completion = program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(choiceArgument('shell', SHELLS))
    .action(
      runs(async () => {
        const { completion } = await import('../commands/completion.ts');
        return (context, shell: (typeof SHELLS)[number]) => completion(context, shell);
      }),
    );
  completion.addHelpText('after', '\nExample:\n  $ source <(agenttower completion bash)');
}
