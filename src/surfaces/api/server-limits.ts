import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import { MAX_MANIFEST_REQUEST_BYTES } from './protocol.ts';

/** What one client, or all together, may make the daemon hold. */
export const DEFAULT_LIMITS = {
  /** Calls of one connection that are worked on at once; more wait unread. */
  callsInFlight: 64,
  /** A connection with this much unsent gets no further request started. */
  unsentAnswerBytes: 1024 * 1024,
  /** Chunks read ahead of the requests being worked on. */
  unreadChunks: 16,
  /** Unfinished and waiting request bytes over all connections; the largest holder is dropped beyond. */
  totalHeldBytes: 8 * MAX_MANIFEST_REQUEST_BYTES,
  /** Request bytes in the hands of methods; larger requests are refused beyond. */
  totalRequestBytes: 8 * MAX_MANIFEST_REQUEST_BYTES,
  /** Requests up to this size are never refused for the sake of memory. */
  smallRequestBytes: 4_096,
  /** After a refusal, what the client still sends is thrown away so that it gets to read the error. */
  discardedBytes: 2 * MAX_MANIFEST_REQUEST_BYTES,
  lingerMs: 1_000,
  /** How often a client that half-closed is asked whether it still listens. */
  probeMs: 1_000,
  /** A stream that could not be written for this long has a client that does not read. */
  slowClientMs: 10_000,
  closeMs: 2_000,
};

export type Limits = Readonly<typeof DEFAULT_LIMITS>;

interface Holder {
  refuseAndClose(error: AgentTowerError): void;
}

export interface Budget {
  /** Tells how many bytes of requests not yet started a connection holds now. */
  note(holder: Holder, heldBytes: number): void;
  admits(requestBytes: number): boolean;
  begin(requestBytes: number): void;
  finish(requestBytes: number): void;
}

/**
 * Memory shared by all connections. When unstarted requests take too much, the one who holds most is dropped:
 * everybody else is still served.
 */
export function createBudget(limits: Limits): Budget {
  const held = new Map<Holder, number>();
  let totalHeld = 0;
  let inHand = 0;
  return {
    note(holder, heldBytes) {
      totalHeld += heldBytes - (held.get(holder) ?? 0);
      if (heldBytes === 0) held.delete(holder);
      else held.set(holder, heldBytes);
      if (totalHeld > limits.totalHeldBytes) {
        largest(held)?.refuseAndClose(tooMuchHeld(limits.totalHeldBytes));
      }
    },
    admits: (bytes) =>
      bytes <= limits.smallRequestBytes || inHand + bytes <= limits.totalRequestBytes,
    begin(bytes) {
      inHand += bytes;
    },
    finish(bytes) {
      inHand -= bytes;
    },
  };
}

function largest(held: ReadonlyMap<Holder, number>): Holder | undefined {
  let found: Holder | undefined;
  let most = 0;
  for (const [holder, bytes] of held) {
    if (bytes > most) [found, most] = [holder, bytes];
  }
  return found;
}

function tooMuchHeld(limitBytes: number): AgentTowerError {
  const message = `unfinished requests take ${limitBytes} bytes, and this client holds most of them`;
  return refuse('request_too_large', message, { limit_bytes: limitBytes });
}
