/** Time as an argument, so that rules about it can be proved without waiting. */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01 UTC. For people and for deadlines that outlive the process. */
  now(): number;
  /** Milliseconds that never run backwards. For durations and time-outs inside the process. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts (never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** RFC 3339 in UTC with six fractional digits, the form every timestamp on the wire has. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
