/** The loop's constants, in one place. Times in milliseconds. */
export interface Policy {
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A pane that has been ready this long has its failures forgotten. */
  readonly healthyAfterMs: number;
  readonly crashWindowMs: number;
  /** Exits within the window that make a crash loop. */
  readonly crashLoopExits: number;
  /** Vanishings (killed by someone else) within the window that make a slot contested. */
  readonly contestedVanishings: number;
  /** A pane still `creating` this long after its row is given up. */
  readonly creatingTtlMs: number;
  /** Pauses before the second and third attempt of a stage. */
  readonly stageRetryMs: readonly number[];
  readonly resyncMs: number;
}

export const DEFAULT_POLICY: Policy = {
  backoffBaseMs: 1_000,
  backoffCapMs: 60_000,
  healthyAfterMs: 60_000,
  crashWindowMs: 600_000,
  crashLoopExits: 5,
  contestedVanishings: 5,
  creatingTtlMs: 300_000,
  stageRetryMs: [1_000, 2_000],
  resyncMs: 1_000,
};
