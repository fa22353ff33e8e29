import type { Socket } from 'node:net';
import type { Scope } from '../../declare/managed/scope.ts';
import type { AgentTowerError } from '../../domain/errors.ts';
import type { ParsedRequest } from './dispatch-request.ts';
import type { CallContext, Method, Peer } from './method.ts';
import type { Limits } from './server-limits.ts';

interface CallSetup {
  readonly peer: Peer;
  readonly scope: Scope;
  readonly socket: Socket;
  /** Ends the connection with this error as its last line. */
  readonly drop: (error: AgentTowerError) => void;
  readonly limits: Limits;
}

/** One request being worked on. */
export class Call implements CallContext {
  readonly method: Method;
  readonly peer: Peer;
  readonly scope: Scope;
  readonly #request: ParsedRequest;
  readonly #socket: Socket;
  readonly #drop: CallSetup['drop'];
  readonly #limits: Limits;
  #controller: AbortController | undefined;
  /** Its last line has been sent; what it answers is for nobody. */
  isDropped = false;

  constructor(method: Method, request: ParsedRequest, setup: CallSetup) {
    this.method = method;
    this.peer = setup.peer;
    this.scope = setup.scope;
    this.#request = request;
    this.#socket = setup.socket;
    this.#drop = setup.drop;
    this.#limits = setup.limits;
  }

  /** Made on first use: most calls are over before anyone could ask. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isClientGone()) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller ??= new AbortController();
    this.#controller.abort();
  }

  async stream(event: object, whenTooSlow?: () => AgentTowerError): Promise<boolean> {
    if (this.#isClientGone()) return false;
    if (this.#socket.writableLength > this.#limits.unsentAnswerBytes && whenTooSlow !== undefined) {
      return this.#dropClient(whenTooSlow);
    }
    const { id } = this.#request;
    const line = JSON.stringify(id === undefined ? { event } : { id, event });
    if (this.#socket.write(`${line}\n`)) return true;
    if (await this.#hasDrained()) return true;
    return this.#isClientGone() || whenTooSlow === undefined
      ? false
      : this.#dropClient(whenTooSlow);
  }

  #dropClient(whenTooSlow: () => AgentTowerError): false {
    this.isDropped = true;
    this.#drop(whenTooSlow());
    this.abort();
    return false;
  }

  #isClientGone(): boolean {
    return !this.#socket.writable;
  }

  /** Resolves false when the client went or read nothing for too long. */
  #hasDrained(): Promise<boolean> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      const settle = (hasDrained: boolean) => (): void => {
        clearTimeout(timer);
        socket.off('drain', drained).off('close', gone);
        resolve(hasDrained);
      };
      const drained = settle(true);
      const gone = settle(false);
      const timer = setTimeout(gone, this.#limits.slowClientMs).unref();
      socket.on('drain', drained).on('close', gone);
    });
  }
}
