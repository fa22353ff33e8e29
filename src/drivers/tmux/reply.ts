/** What tmux answered to one line: everything it printed, and every error, in order. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly lines: readonly string[];
      readonly errors: readonly string[];
    }
  /** No complete answer: the line may have taken effect or not. */
  | { readonly kind: 'unknown'; readonly cause: 'deadline' | 'lost'; readonly message: string };

/** Follows each line as a command of its own, so that its answer can be told from the next one's. */
export function sentinelLine(number: number): string {
  return `display-message -p ${sentinel(number)}`;
}

export function sentinel(number: number): string {
  return `answered-${number}`;
}
