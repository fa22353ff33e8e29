import type { Clock } from '../../lib/clock.ts';
import { type OpenProcess, openProcess, type ProcessExit } from '../process/open-process.ts';
import { type ControlEvent, createControlStream } from './control-stream.ts';
import { type Reply, sentinel, sentinelLine } from './reply.ts';
import { isWake } from './wake.ts';

export interface ChannelOptions {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** As the host's. */
  readonly ownsServer: boolean;
  readonly clock: Clock;
  /** Something changed in tmux. At most once per chunk of output, and without saying what. */
  readonly onChange: () => void;
  /** Called once, when the client has gone or was given up. */
  readonly onClose: (end: ChannelEnd) => void;
}

export interface ChannelEnd {
  /** `dismissed`: tmux had answered, and then bade the client go, as it does when its session ends. */
  readonly cause: 'closed' | 'deadline' | 'malformed' | 'exited' | 'dismissed';
  readonly exit?: ProcessExit;
  /** What the client said last, for a person. */
  readonly message: string;
}

interface Pending {
  readonly sentinel: string;
  readonly lines: string[];
  readonly errors: string[];
  readonly settle: (reply: Reply) => void;
}

/** One control-mode client of one tmux server, in a process of its own. It lives until it is closed or lost. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #client: OpenProcess;
  readonly #stream = createControlStream((event) => this.#takeEvent(event));
  readonly #pending: Pending[] = [];
  #sent = 0;
  #end: ChannelEnd | undefined;
  #farewell = '';
  #hasChanged = false;
  #hasAnswered = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#client = openProcess(options.argv, {
      ...(options.env && { env: options.env }),
      onStdout: (chunk) => this.#take(chunk),
      onExit: (exit) => this.#exited(exit),
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /**
   * Sends the lines in one write, pipelined behind whatever is under way; one reply per line, in order. Past the
   * deadline the channel counts as wedged: it is closed and every unanswered line is unknown. Never rejects.
   */
  async request(lines: readonly string[], deadlineMs: number): Promise<readonly Reply[]> {
    if (this.#end !== undefined) {
      const { message } = this.#end;
      return lines.map(() => ({ kind: 'unknown', cause: 'lost', message }));
    }
    const replies = this.#send(lines);
    const answered = new AbortController();
    const deadline = this.#options.clock.sleep(deadlineMs, answered.signal).then(() => {
      if (answered.signal.aborted) return;
      const message = `tmux did not answer within ${deadlineMs} ms`;
      this.#finish({ cause: 'deadline', message });
    });
    const all = await Promise.all(replies);
    // Without a reason Node makes an exception of it, which is most of what a request costs.
    answered.abort('answered');
    await deadline;
    return all;
  }

  close(): void {
    this.#finish({ cause: 'closed', message: 'the channel was closed' });
  }

  /** Each line is followed by a sentinel, whatever number of blocks the line yields. */
  #send(lines: readonly string[]): readonly Promise<Reply>[] {
    let text = '';
    const replies = lines.map((line): Promise<Reply> => {
      this.#sent += 1;
      const number = this.#sent;
      text += `${line}\n${sentinelLine(number)}\n`;
      return new Promise((settle) => {
        this.#pending.push({ sentinel: sentinel(number), lines: [], errors: [], settle });
      });
    });
    this.#client.write(text);
    return replies;
  }

  #take(chunk: Buffer): void {
    if (this.#end !== undefined) return;
    try {
      this.#stream.push(chunk);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#finish({ cause: 'malformed', message });
    }
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    this.#options.onChange();
  }

  #takeEvent(event: ControlEvent): void {
    if (event.kind === 'block') {
      this.#hasAnswered = true;
      takeBlock(this.#pending, event);
    } else if (event.name === '%exit') this.#farewell = event.rest;
    else if (isWake(event, this.#options)) this.#hasChanged = true;
  }

  #exited(exit: ProcessExit): void {
    const said = [exit.problem?.message ?? '', exit.stderr, this.#farewell];
    const message = said.find((text) => text !== '') ?? 'the tmux client ended';
    const isDismissed = this.#hasAnswered && exit.code === 0;
    this.#finish({ cause: isDismissed ? 'dismissed' : 'exited', exit, message });
  }

  #finish(end: ChannelEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#client.kill();
    const cause = end.cause === 'deadline' ? 'deadline' : 'lost';
    for (const one of this.#pending.splice(0)) {
      one.settle({ kind: 'unknown', cause, message: end.message });
    }
    this.#options.onClose(end);
  }
}

/** A line yields any number of blocks; the one that holds only its sentinel ends it. */
function takeBlock(pending: Pending[], block: Extract<ControlEvent, { kind: 'block' }>): void {
  const current = pending[0];
  if (current === undefined) return;
  if (!block.isError && block.lines.length === 1 && block.lines[0] === current.sentinel) {
    pending.shift();
    current.settle({ kind: 'answered', lines: current.lines, errors: current.errors });
  } else if (block.isError) {
    current.errors.push(block.lines.join('\n'));
  } else {
    for (const line of block.lines) current.lines.push(line);
  }
}
