/** A word as a POSIX shell reads it back unchanged: bare when nothing in it is special. */
export function toShellWord(word: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
