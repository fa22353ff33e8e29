import type { Clock } from '../../lib/clock.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { Channel, type ChannelEnd } from './channel.ts';
import { dialectOf } from './dialect.ts';
import type { Visit } from './find-panes.ts';
import type { TmuxHost } from './host.ts';
import type { Reply } from './reply.ts';
import { setupLines } from './server-setup.ts';
import { runSingleBatch } from './single-batch.ts';
import { clientArgs } from './standing.ts';
import { startServer, startThen } from './start-server.ts';
import { timedOut, type Unreachable } from './unreachable.ts';
import { visitServer } from './visit-server.ts';

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
const START_ATTEMPTS = 4;
const RETRY_PAUSE_MS = 50;
/** After this many channels in a row that were lost this soon, none is opened for a while. */
const SHORT_LIVES = 2;
/** Many more where tmux dismissed them: somebody may kill the sessions they stand in one after the other. */
const SHORT_LIVES_DISMISSED = 20;
const SHORT_LIFE_MS = 1_000;
const SINGLE_BATCH_PERIOD_MS = 10_000;

/** A channel that is kept open, or `undefined` while every batch has to go through a client of its own. */
type Line = Channel | undefined;

/**
 * The way to one tmux server: an open channel, made on first need (with the server, when none runs), and made anew
 * when it is lost. When none can be kept open, every batch goes through one plain client.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #channel: Channel | undefined;
  /** The life of the container that the channel leads into. */
  #life: string | undefined;
  #connecting: Promise<Result<Line, Unreachable>> | undefined;
  #shortLives = 0;
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
    const channel = connected.value;
    if (channel !== undefined) return ok(await channel.request(lines, deadlineMs));
    const { host } = this.#options;
    const setup = setupLines(host);
    const replies = await runSingleBatch(host, [...setup, ...lines], deadlineMs);
    return ok(replies.slice(setup.length));
  }

  /** The same, without starting a server or a channel: through the one that is open, else through a plain client. */
  readonly visit: Visit = async (lines, deadlineMs) => {
    await this.#leaveFormerLife();
    if (this.#channel?.isOpen === true) return ok(await this.#channel.request(lines, deadlineMs));
    const { host } = this.#options;
    const obstacle = await host.prepare?.();
    if (obstacle !== undefined) return err(obstacle);
    return visitServer(host)(lines, deadlineMs);
  };

  close(): void {
    this.#isClosed = true;
    this.#channel?.close();
  }

  async #connected(): Promise<Result<Line, Unreachable>> {
    if (this.#isClosed) return err({ reason: 'TmuxFailed', message: 'the connection was closed' });
    await this.#leaveFormerLife();
    if (this.#channel?.isOpen === true) return ok(this.#channel);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * A channel outlives a change of names: into a container that is called something else now, while another one has
   * the name. What is meant for that one must not go through it.
   */
  async #leaveFormerLife(): Promise<void> {
    const now = await this.#options.host.incarnation();
    if (now.kind !== 'running' || now.id === this.#life) return;
    this.#life = now.id;
    this.#channel?.close();
    this.#shortLives = 0;
    this.#singleBatchUntil = 0;
  }

  async #connect(): Promise<Result<Line, Unreachable>> {
    const { host, clock } = this.#options;
    const opened = await this.#openAtOnce();
    if (opened !== undefined) return opened;
    for (let attempt = 1; ; attempt += 1) {
      const obstacle = await host.prepare?.();
      if (obstacle !== undefined) return err(obstacle);
      const started = await startServer(host, OPEN_DEADLINE_MS);
      if (started.ok) break;
      if (started.error.reason !== 'TmuxTimeout') host.suspect?.();
      if (!started.error.isWorthRetrying || attempt === START_ATTEMPTS || this.#isClosed) {
        const { reason, message } = started.error;
        return err({ reason, message });
      }
      await clock.sleep(RETRY_PAUSE_MS * attempt);
    }
    return this.#canOpen() ? this.#open() : ok(undefined);
  }

  #canOpen(): boolean {
    const { host, clock } = this.#options;
    return dialectOf(host).hasChannel && clock.monotonic() >= this.#singleBatchUntil;
  }

  /** Server and channel in one go, where that saves time; `undefined` when it has to be done step by step. */
  async #openAtOnce(): Promise<Result<Line, Unreachable> | undefined> {
    const { host, clock } = this.#options;
    if (host.shell === undefined || !this.#canOpen()) return undefined;
    const argv = host.shell.argv(startThen(host, host.shell, OPEN_DEADLINE_MS));
    const openedAt = clock.monotonic();
    let isUp = false;
    const channel = this.#startChannel(argv, (end) => {
      if (isUp) this.#lost(end, clock.monotonic() - openedAt);
    });
    const opened = await this.#greet(channel);
    isUp = opened.ok && channel.isOpen;
    return isUp || !opened.ok ? opened : undefined;
  }

  async #open(): Promise<Result<Line, Unreachable>> {
    const { host, clock } = this.#options;
    const openedAt = clock.monotonic();
    const channel = this.#startChannel(host.tmuxArgv(clientArgs(host)), (end) =>
      this.#lost(end, clock.monotonic() - openedAt),
    );
    return this.#greet(channel);
  }

  #startChannel(argv: readonly string[], onClose: (end: ChannelEnd) => void): Channel {
    const { host, clock, onChange } = this.#options;
    const env = host.env && { env: { ...host.env, ...host.clientMark } };
    const { ownsServer } = host;
    const channel = new Channel({ argv, ...env, ownsServer, clock, onChange, onClose });
    this.#channel = channel;
    if (this.#isClosed) channel.close();
    return channel;
  }

  async #greet(channel: Channel): Promise<Result<Line, Unreachable>> {
    const { host } = this.#options;
    const lines = ['display-message -p hello', ...setupLines(host)];
    const [hello] = await channel.request(lines, OPEN_DEADLINE_MS);
    if (hello?.kind === 'unknown' && hello.cause === 'deadline') {
      return err(timedOut(host, OPEN_DEADLINE_MS));
    }
    return ok(channel.isOpen ? channel : undefined);
  }

  #lost(end: ChannelEnd, livedMs: number): void {
    if (end.cause === 'closed') return;
    const { host, clock, log, onChange } = this.#options;
    host.suspect?.();
    log?.('tmux channel lost', { container: host.container, cause: end.cause, said: end.message });
    this.#shortLives = livedMs < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    const limit = end.cause === 'dismissed' ? SHORT_LIVES_DISMISSED : SHORT_LIVES;
    if (this.#shortLives >= limit || end.cause === 'malformed') {
      this.#singleBatchUntil = clock.monotonic() + SINGLE_BATCH_PERIOD_MS;
    }
    onChange();
  }
}
