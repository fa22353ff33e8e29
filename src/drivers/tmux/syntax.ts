import type { Command, Word } from './command.ts';
import { quote, quoteForSplitter } from './quote.ts';

/** Writes a command as one line, such that every word arrives as it is. Throws on NUL. */
export type WriteLine = (command: Command) => string;

/** For the parser that came with tmux 3.0: blocks stand in braces. */
export const writeWithBraces: WriteLine = (command) => command.map(wordInBraces).join(' ');

/** For tmux before 3.0: a block is one word, whose text is parsed when it is run. */
export const writeNested: WriteLine = (command) => command.map(nestedWord).join(' ');

function wordInBraces(word: Word): string {
  if (typeof word === 'string') return isPlain(word) ? word : quote(word);
  return `{ ${word.commands.map(writeWithBraces).join(' ; ')} }`;
}

function nestedWord(word: Word): string {
  if (typeof word !== 'string') {
    return quoteForSplitter(word.commands.map(writeNested).join(' ; '));
  }
  return isPlain(word) ? word : quoteForSplitter(word);
}

/** Names of commands, flags and options. */
function isPlain(word: string): boolean {
  return /^[A-Za-z@_-][A-Za-z0-9@_-]*$/.test(word);
}
