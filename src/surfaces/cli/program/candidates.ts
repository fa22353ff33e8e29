import type { Argument, Command, Option } from 'commander';

/** What could stand at the cursor: fixed words, and names that only the daemon knows. */
export interface Candidates {
  readonly words: readonly string[];
  readonly live: 'layouts' | 'slots' | 'sources' | 'objects' | undefined;
}

const NOTHING: Candidates = { words: [], live: undefined };

/** Finds what may follow `words`, the last of which is being typed. Read from the command tree: never out of date. */
export function findCandidates(program: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? '';
  const { command, positional, valueOf } = walk(program, words.slice(0, -1));
  if (valueOf !== undefined) return { words: valueOf.argChoices ?? [], live: undefined };
  if (current.startsWith('-')) return { words: flagsOf(command), live: undefined };
  if (command.commands.length > 0) return { words: namesOf(command), live: undefined };
  return candidatesFor(command, positional);
}

interface Place {
  readonly command: Command;
  /** Positional arguments before the cursor. */
  readonly positional: readonly string[];
  /** The option whose value is being typed. */
  readonly valueOf: Option | undefined;
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  let positional: readonly string[] = [];
  let valueOf: Option | undefined;
  for (const word of words) {
    if (valueOf !== undefined) {
      valueOf = undefined;
    } else if (word.startsWith('-') && word !== '-') {
      valueOf = command.options.find(
        (option) =>
          (option.short === word || option.long === word) && (option.required || option.optional),
      );
    } else {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) positional = [...positional, word];
      else command = next;
    }
  }
  return { command, positional, valueOf };
}

function flagsOf(command: Command): readonly string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help'];
}

function namesOf(command: Command): readonly string[] {
  return command.commands.map((each) => each.name());
}

function candidatesFor(command: Command, positional: readonly string[]): Candidates {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[positional.length] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return NOTHING;
  const { argChoices } = argument;
  if (argChoices !== undefined) return { words: argChoices, live: undefined };
  return candidatesByName(argument, positional);
}

/** What an argument takes is told by its name in the help. */
function candidatesByName(argument: Argument, positional: readonly string[]): Candidates {
  switch (argument.name()) {
    case 'layout':
      return { words: [], live: 'layouts' };
    case 'layout-or-slot':
      return { words: [], live: 'slots' };
    case 'source':
      return { words: [], live: 'sources' };
    case 'object':
      return { words: [], live: 'objects' };
    case 'resource':
      return {
        words: ['layouts', 'panes', 'agents', 'containers', 'events', 'sources'],
        live: undefined,
      };
    case 'name':
      return { words: [], live: /^sources?$/.test(positional[0] ?? '') ? 'sources' : 'layouts' };
    case 'kind':
      return { words: ['Layout', 'LayoutTemplate', 'LaunchProfile', 'Route'], live: undefined };
    default:
      return NOTHING;
  }
}
