/** Where this process finds itself, as far as it can tell from inside. */
export interface Surroundings {
  /** What is wrong with AGENTTOWER_SOCKET; absent when it is right or not set. */
  readonly socketProblem?: string;
  readonly isInContainer: boolean;
  /** What might be this container's id, best first. Ids of the own control group, else names that prove nothing. */
  readonly containerIds: readonly string[];
  /** This process, its parent, and so on. */
  readonly ancestors: readonly number[];
  readonly kindOf: (path: string) => 'missing' | 'socket' | 'other';
}
