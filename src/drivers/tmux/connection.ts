import type { Clock } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { Channel, type ChannelEnd, type Reply } from './channel.ts';
import type { TmuxHost } from './host.ts';
import { type OpenFailure, toOpenFailure, type Unreachable } from './open-failure.ts';
import { setupLines } from './server-setup.ts';
import { OWN_SESSION } from './wake.ts';

export type Log = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface ConnectionOptions {
  readonly host: TmuxHost;
  readonly clock: Clock;
  /** Something changed in tmux, or the channel was lost. */
  readonly onChange: () => void;
  readonly log?: Log;
}

const OPEN_DEADLINE_MS = 3_000;
/** Attempts while a server is just coming up or going down. */
const OPEN_ATTEMPTS = 4;
const RETRY_PAUSE_MS = 50;
/** A channel that is lost sooner than this after it was opened is not kept open for a while. */
const SHORT_LIFE_MS = 1_000;
const SINGLE_BATCH_PERIOD_MS = 10_000;

interface Line {
  readonly channel: Channel;
  /** One client per batch, for a tmux that does not let us keep one. It goes when nobody uses it any more. */
  readonly isSingleBatch: boolean;
  users: number;
}

/**
 * The way to one tmux server: an open channel, made on first need (with the server, when none runs), and made anew
 * when it is lost. When it cannot be kept open, every batch gets a client of its own.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #kept: Line | undefined;
  #connecting: Promise<Result<Line, Unreachable>> | undefined;
  /** The client under way, so that closing does not wait for it. */
  #newest: Channel | undefined;
  #singleBatchUntil = 0;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Sends the lines in order: one reply per line, or why none was sent. Never rejects. */
  async exchange(
    lines: readonly string[],
    deadlineMs: number,
  ): Promise<Result<readonly Reply[], Unreachable>> {
    const connected = await this.#connected();
    if (!connected.ok) return connected;
    const line = connected.value;
    line.users += 1;
    const replies = await line.channel.request(lines, deadlineMs);
    line.users -= 1;
    if (line.isSingleBatch && line.users === 0) line.channel.close();
    return ok(replies);
  }

  close(): void {
    this.#isClosed = true;
    this.#newest?.close();
  }

  async #connected(): Promise<Result<Line, Unreachable>> {
    if (this.#isClosed) return err({ reason: 'TmuxFailed', message: 'the connection was closed' });
    if (this.#kept?.channel.isOpen === true) return ok(this.#kept);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<Result<Line, Unreachable>> {
    const { host, clock } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      await host.reviveSocket?.();
      const isLast = attempt === OPEN_ATTEMPTS;
      const isSingleBatch = isLast || clock.monotonic() < this.#singleBatchUntil;
      const opened = await this.#open(isSingleBatch);
      if (opened.ok) {
        if (isSingleBatch && isLast) this.#keepToSingleBatches();
        else if (!isSingleBatch) this.#kept = opened.value;
        return opened;
      }
      if (!opened.error.isWorthRetrying || isLast || this.#isClosed) return opened;
      await clock.sleep(RETRY_PAUSE_MS * attempt);
    }
  }

  async #open(isSingleBatch: boolean): Promise<Result<Line, OpenFailure>> {
    const { host, clock, onChange } = this.#options;
    const openedAt = clock.monotonic();
    let isEstablished = false;
    let end: ChannelEnd = { cause: 'malformed', message: 'no end was told' };
    const channel = new Channel({
      argv: host.tmuxArgv(clientArgs(isSingleBatch)),
      ...(host.env && { env: host.env }),
      clock,
      onChange,
      onClose: (how) => {
        end = how;
        if (isEstablished && !isSingleBatch) this.#lost(how, clock.monotonic() - openedAt);
      },
    });
    this.#newest = channel;
    const replies = await channel.request(
      ['display-message -p hello', ...setupLines(host)],
      OPEN_DEADLINE_MS,
    );
    if (replies.some((reply) => reply.kind === 'unknown')) return err(toOpenFailure(end, host));
    isEstablished = true;
    return ok({ channel, isSingleBatch, users: 0 });
  }

  #lost(end: ChannelEnd, livedMs: number): void {
    if (end.cause === 'closed') return;
    const { host, log, onChange } = this.#options;
    log?.('tmux channel lost', { container: host.container, cause: end.cause, said: end.message });
    if (livedMs < SHORT_LIFE_MS) this.#keepToSingleBatches();
    onChange();
  }

  #keepToSingleBatches(): void {
    this.#singleBatchUntil = this.#options.clock.monotonic() + SINGLE_BATCH_PERIOD_MS;
  }
}

/** A kept client takes over from a stale one of ours; it sizes no window and hears no pane's output. */
function clientArgs(isSingleBatch: boolean): readonly string[] {
  const flags = isSingleBatch ? ['-A'] : ['-A', '-D', '-f', 'no-output,ignore-size'];
  return ['-C', 'new-session', ...flags, '-s', OWN_SESSION, '-c', '/', '--', 'cat', '-'];
}
