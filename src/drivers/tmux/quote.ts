/**
 * One word of tmux's command language, also inside braces. Every byte arrives as written: nothing is expanded.
 * Throws on NUL, which no argument of a program can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new Error('a word for tmux cannot contain a NUL byte');
  if (/[\u0001-\u001f\u007f]/.test(word)) return inDoubleQuotes(word);
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The same for tmux before 3.0, which knows no backslash outside of double quotes, no octal bytes, and takes a word
 * that ends in `;`, however it is quoted, for the end of a command.
 */
export function quoteForSplitter(word: string): string {
  if (word.includes('\0')) throw new Error('a word for tmux cannot contain a NUL byte');
  if (word === '') return "''";
  const text = word.endsWith(';') ? `${word.slice(0, -1)}\\;` : word;
  return text.replaceAll(/['\n\r]+|[^'\n\r]+/g, (part) =>
    /['\n\r]/.test(part)
      ? `"${part.replaceAll('\n', String.raw`\n`).replaceAll('\r', String.raw`\r`)}"`
      : `'${part}'`,
  );
}

/**
 * Text that tmux expands as a format, such that the expansion gives the text back. A run of `#` before `[` is a
 * style to tmux and passes as it is; every other `#` is doubled.
 */
export function escapeFormat(text: string): string {
  return text.replaceAll(/#+(?!#|\[)/g, (run) => run + run);
}

/** The same for tmux before 3.2, to which a style is nothing special. */
export function escapePlainFormat(text: string): string {
  return text.replaceAll('#', '##');
}

/** One word of a POSIX shell command line. */
export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Line breaks cannot stand in single quotes here: a newline would end the line tmux reads. */
function inDoubleQuotes(word: string): string {
  const escaped = word
    .replaceAll(/[\\"$~`]/g, String.raw`\$&`)
    .replaceAll(
      /[\u0001-\u001f\u007f]/g,
      (control) => `\\${control.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
  return `"${escaped}"`;
}
