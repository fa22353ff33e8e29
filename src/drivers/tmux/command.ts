/** A command of tmux as data: its name, flags and arguments, unquoted. How it is written depends on the tmux. */
export type Command = readonly Word[];

/** Text, which arrives as it is, or commands for a command that takes some. */
export type Word = string | Block;

export interface Block {
  readonly commands: readonly Command[];
}

/** At least one: tmux before 3.0 takes an empty text for an error. */
export function block(...commands: readonly Command[]): Block {
  return { commands };
}

/** `-t TARGET`; nothing for the current one. */
export function targetWords(target: string | undefined): readonly string[] {
  return target === undefined ? [] : ['-t', target];
}
