import type { Clock } from '../../lib/clock.ts';
import type { LogFiles } from './ports.ts';
import { fileAt, type Place, readChain } from './read-chain.ts';

export interface FollowOptions {
  readonly files: LogFiles;
  readonly clock: Clock;
  /** Go on with what comes later. */
  readonly isEndless: boolean;
  readonly signal: AbortSignal;
}

const PIECE_BYTES = 64 * 1_024;
const PAUSE_MS = 200;

/** What a log holds from a place on, over rotations, piece by piece; each piece is good until the next is asked for. */
export async function* followLog(from: Place, options: FollowOptions): AsyncGenerator<Uint8Array> {
  const { files, clock, isEndless, signal } = options;
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let place = from;
  while (!signal.aborted) {
    const read = readChain(files, place, buffer);
    if (read.kind === 'replaced') {
      place = { ...place, file: read.file, offset: 0 };
      continue;
    }
    if (read.kind === 'read' && read.bytes > 0) {
      const offset = place.offset + read.bytes;
      place = { ...place, offset, file: fileAt(read.files, offset) ?? place.file };
      yield buffer.subarray(0, read.bytes);
      continue;
    }
    if (!isEndless) return;
    await clock.sleep(PAUSE_MS, signal);
  }
}
