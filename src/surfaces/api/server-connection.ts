import type { Socket } from 'node:net';
import type { Scope } from '../../declare/managed/scope.ts';
import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import type { Log } from '../../lib/log.ts';
import { findMethod, requireParams, runMethod, toErrorResponse, tooLarge } from './dispatch.ts';
import { type ParsedRequest, parseRequest } from './dispatch-request.ts';
import { LineFramer } from './framing.ts';
import type { Method, Peer } from './method.ts';
import type { Response } from './protocol.ts';
import { Call } from './server-call.ts';
import type { Budget, Limits } from './server-limits.ts';

export interface ConnectionSetup {
  readonly peer: Peer;
  /** What the client may touch now: a container may become known, or be forgotten, while it is connected. */
  readonly scope: () => Scope;
  readonly methods: ReadonlyMap<string, Method>;
  readonly budget: Budget;
  readonly limits: Limits;
  readonly log: Log;
  /** Asks for a turn: `step` will be called soon. */
  wake(connection: Connection): void;
}

/** One client: reads lines when it is its turn, answers each when its method is done. */
export class Connection {
  readonly #socket: Socket;
  readonly #setup: ConnectionSetup;
  readonly #framer = new LineFramer();
  readonly #calls = new Set<Call>();
  /** The client has sent its last byte; it may still read. */
  #hasInputEnded = false;
  /** No further request is taken; what is in flight is still answered. */
  #isClosing = false;
  #isDaemonClosing = false;
  #discardedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, setup: ConnectionSetup) {
    this.#socket = socket;
    this.#setup = setup;
    // Every call that streams may wait for the same 'drain'.
    socket.setMaxListeners(4 * setup.limits.callsInFlight);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#inputEnded());
    socket.on('drain', () => setup.wake(this));
    // A client that went away is no news; 'close' follows and ends its calls.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  /** Takes one request, if one is complete and there is room to work on it. Answers whether to come back. */
  step(): boolean {
    if (this.#isClosing || this.#socket.destroyed || !this.#hasRoom()) return false;
    const framed = this.#framer.next();
    this.#setup.budget.note(this, this.#framer.heldBytes);
    if (framed === undefined) return this.#wantMore();
    if (framed.kind === 'too-large') this.refuseAndClose(tooLarge(framed.limitBytes));
    else this.#take(framed.bytes);
    return !this.#isClosing;
  }

  /** Sends one last error, then lets the client read it: bytes it still sends are thrown away for a while. */
  refuseAndClose(error: AgentTowerError, call: { readonly id?: string | number } = {}): void {
    this.#closeWith(toErrorResponse(call, error, this.#setup.log), this.#setup.limits.lingerMs);
  }

  /** The daemon ends: takes nothing more, ends streams, and closes once what is in flight is answered. */
  finish(): void {
    this.#isDaemonClosing = true;
    for (const call of this.#calls) if (call.method.streams) call.abort();
    this.#stopTaking();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#isClosing) {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > this.#setup.limits.discardedBytes) this.#socket.destroy();
      return;
    }
    this.#framer.push(chunk);
    this.#setup.budget.note(this, this.#framer.heldBytes);
    if (this.#isClosing) return;
    if (this.#framer.unreadChunks >= this.#setup.limits.unreadChunks) this.#socket.pause();
    this.#setup.wake(this);
  }

  #hasRoom(): boolean {
    return (
      this.#calls.size < this.#setup.limits.callsInFlight &&
      this.#socket.writableLength < this.#setup.limits.unsentAnswerBytes
    );
  }

  /** Every complete line is taken. */
  #wantMore(): boolean {
    if (this.#hasInputEnded) this.#finishInput();
    else this.#socket.resume();
    return false;
  }

  #finishInput(): void {
    if (this.#framer.isInsideLine) {
      this.#framer.clear();
      const message = 'the request ended without a newline';
      this.#send(toErrorResponse({}, refuse('malformed_request', message, {}), this.#setup.log));
    }
    this.#stopTaking();
  }

  #take(line: Buffer): void {
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      this.#send(toErrorResponse(parsed, parsed.error, this.#setup.log));
      return;
    }
    try {
      const method = findMethod(this.#setup.methods, parsed.request.method, line.length + 1);
      requireParams(method, parsed.request);
      if (this.#setup.budget.admits(line.length)) this.#start(method, parsed.request, line.length);
      else throw tooBusy(this.#setup.limits.totalRequestBytes);
    } catch (error) {
      this.#refuseRequest(parsed.request, error as AgentTowerError);
    }
  }

  #refuseRequest(request: ParsedRequest, error: AgentTowerError): void {
    if (error.code === 'request_too_large') this.refuseAndClose(error, request);
    else this.#send(toErrorResponse(request, error, this.#setup.log));
  }

  #start(method: Method, request: ParsedRequest, bytes: number): void {
    const call = new Call(method, request, {
      peer: this.#setup.peer,
      scope: this.#setup.scope(),
      socket: this.#socket,
      limits: this.#setup.limits,
      drop: (error) => {
        const last = toErrorResponse(request, error, this.#setup.log);
        this.#closeWith(last, this.#setup.limits.slowClientMs);
      },
    });
    const answer = runMethod(method, request, call, this.#setup.log);
    if (!(answer instanceof Promise)) {
      this.#send(answer);
      return;
    }
    this.#calls.add(call);
    this.#setup.budget.begin(bytes);
    void answer.then((response) => {
      this.#calls.delete(call);
      this.#setup.budget.finish(bytes);
      if (!call.isDropped) this.#send(response);
      this.#settled();
    });
  }

  #settled(): void {
    if (this.#isClosing) this.#endWhenAnswered();
    else this.#setup.wake(this);
  }

  #send(response: Response): void {
    if (!this.#socket.writable) return;
    this.#socket.write(encode(response, this.#setup.log));
  }

  #closeWith(last: Response, lingerMs: number): void {
    if (this.#isClosing) return;
    this.#send(last);
    this.#stopTaking();
    this.#destroyAfter(lingerMs);
  }

  #stopTaking(): void {
    this.#isClosing = true;
    this.#framer.clear();
    this.#setup.budget.note(this, 0);
    this.#socket.resume();
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#calls.size > 0 || this.#socket.writableEnded) return;
    if (this.#isDaemonClosing) this.#socket.end(() => this.#socket.destroy());
    else this.#socket.end();
  }

  #inputEnded(): void {
    this.#hasInputEnded = true;
    this.#setup.wake(this);
    this.#probe();
    if (this.#timer === undefined && !this.#socket.destroyed) {
      this.#timer = setInterval(() => this.#probe(), this.#setup.limits.probeMs).unref();
    }
  }

  /**
   * A client that sent its last byte may be waiting for answers or may be gone, and reading cannot tell.
   * Writing nothing can: it fails on a socket whose other end is closed.
   */
  #probe(): void {
    if (this.#socket.writable && this.#socket.writableLength === 0) this.#socket.write('');
  }

  #destroyAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.destroy(), ms).unref();
  }

  #closed(): void {
    clearTimeout(this.#timer);
    this.#isClosing = true;
    this.#framer.clear();
    this.#setup.budget.note(this, 0);
    for (const call of this.#calls) call.abort();
  }
}

function tooBusy(limitBytes: number): AgentTowerError {
  const message = `the daemon is working on ${limitBytes} bytes of requests already; try again`;
  return refuse('request_too_large', message, { limit_bytes: limitBytes });
}

function encode(response: Response, log: Log): string {
  try {
    return `${JSON.stringify(response)}\n`;
  } catch (error) {
    const failed = toErrorResponse(response, error, log);
    return `${JSON.stringify(failed)}\n`;
  }
}
