import { hostOnly } from '../../declare/managed/scope.ts';
import { AgentTowerError, refuse } from '../../domain/errors.ts';
import type { Log } from '../../lib/log.ts';
import { nearest } from '../../lib/nearest.ts';
import type { ParsedRequest } from './dispatch-request.ts';
import type { CallContext, Method } from './method.ts';
import { MAX_REQUEST_BYTES, type Response } from './protocol.ts';

/** The method a request names; throws `unknown_method`, or `request_too_large` for its line of `lineBytes`. */
export function findMethod(
  methods: ReadonlyMap<string, Method>,
  name: string,
  lineBytes: number,
): Method {
  const method = methods.get(name);
  if (method === undefined) throw unknownMethod(methods, name);
  const limit = method.maxBytes ?? MAX_REQUEST_BYTES;
  if (lineBytes > limit) throw tooLarge(limit);
  return method;
}

/** Refuses params of the wrong shape, for the methods that mind. Throws `bad_request`. */
export function requireParams(method: Method, request: ParsedRequest): void {
  if (request.hasBadParams !== true || method.lenientParams === true) return;
  throw refuse('bad_request', 'params is a JSON object', {});
}

/** Runs one call, if its caller may make it. Never throws: whatever goes wrong becomes an answer, and a bug is logged with its stack. */
export function runMethod(
  method: Method,
  request: ParsedRequest,
  context: CallContext,
  log: Log,
): Response | Promise<Response> {
  const { envelope } = method;
  const failed = (error: unknown): Response => {
    const response = toErrorResponse(request, error, log);
    return envelope === undefined || response.ok
      ? response
      : { ...response, ...envelope, error: { details: {}, ...response.error } };
  };
  const answered = (value: unknown): Response => ({
    ...idOf(request),
    ok: true,
    ...envelope,
    result: value ?? {},
  });
  try {
    if (method.access === 'host' && context.scope.kind !== 'host')
      throw method.hostRefusal?.() ?? hostOnly();
    const result = method.run(request.params, context);
    return isThenable(result) ? Promise.resolve(result).then(answered, failed) : answered(result);
  } catch (error) {
    return failed(error);
  }
}

/** The answer that carries an error. Anything but an AgentTowerError is ours alone: clients see `internal_error`. */
export function toErrorResponse(
  call: { readonly id?: string | number; readonly method?: string },
  error: unknown,
  log: Log,
): Response {
  if (error instanceof AgentTowerError) {
    const { code, message, details } = error;
    return { ...idOf(call), ok: false, error: { code, message, details } };
  }
  log('error', 'method_failed', {
    method: call.method,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  const message = 'the daemon failed on this request; its log has the details';
  return { ...idOf(call), ok: false, error: { code: 'internal_error', message } };
}

/** The refusal of a line that is longer than its limit. */
export function tooLarge(limitBytes: number): AgentTowerError<'request_too_large'> {
  return refuse(
    'request_too_large',
    `a request line has at most ${limitBytes} bytes, its newline included`,
    { limit_bytes: limitBytes },
  );
}

function unknownMethod(methods: ReadonlyMap<string, Method>, name: string): AgentTowerError {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  const guesses = nearest(name, methods.keys(), 3);
  const hint = guesses.length > 0 ? `; did you mean ${guesses.join(', ')}?` : '';
  return refuse('unknown_method', `there is no method "${shown}"${hint}`, { method: shown });
}

function idOf(call: { readonly id?: string | number }): { readonly id?: string | number } {
  return call.id === undefined ? {} : { id: call.id };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
