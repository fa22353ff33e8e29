/** The command line itself was wrong: what was typed cannot mean anything. Exit code 3. */
export class UsageError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'UsageError';
  }
}
