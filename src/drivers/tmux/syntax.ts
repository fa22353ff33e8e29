import type { Command, Word } from './command.ts';
import { quote, quoteForSplitter } from './quote.ts';

/** Writes a command as one line, such that every word arrives as it is. Throws on NUL. */
export type WriteLine = (command: Command) => string;

/** Blocks stand in braces. */
export const writeWithBraces: WriteLine = writer(
  quote,
  (commands) => `{ ${commands.map(writeWithBraces).join(' ; ')} }`,
);

/**
 * For tmux 3.2, which writes what stands in braces anew, without quotes around `%if` and the like: a block is one word,
 * whose text is parsed when it is run.
 */
export const writeNested: WriteLine = writer(quote, (commands) =>
  quote(commands.map(writeNested).join(' ; ')),
);

/** The same for tmux before 3.0, whose parser is another one and has no braces. */
export const writeForSplitter: WriteLine = writer(quoteForSplitter, (commands) =>
  quoteForSplitter(commands.map(writeForSplitter).join(' ; ')),
);

function writer(
  writeText: (text: string) => string,
  writeBlock: (commands: readonly Command[]) => string,
): WriteLine {
  const writeWord = (word: Word): string => {
    if (typeof word !== 'string') return writeBlock(word.commands);
    return isPlain(word) ? word : writeText(word);
  };
  return (command) => command.map(writeWord).join(' ');
}

/** Names of commands, flags and options. */
function isPlain(word: string): boolean {
  return /^[A-Za-z@_-][A-Za-z0-9@_-]*$/.test(word);
}
