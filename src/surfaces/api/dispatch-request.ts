import { isUtf8 } from 'node:buffer';
import { type AgentTowerError, type ErrorCode, refuse } from '../../domain/errors.ts';
import type { Params } from './method.ts';

/** A request line that passed every check that needs no method. */
export interface ParsedRequest {
  readonly id?: string | number;
  readonly method: string;
  readonly params: Params;
  /** They were no object, and `params` is empty in their place. */
  readonly hasBadParams?: true;
}

export type RequestLine =
  | { readonly ok: true; readonly request: ParsedRequest }
  | { readonly ok: false; readonly id?: string | number; readonly error: AgentTowerError };

const MAX_DEPTH = 64;
const [CR, NUL, QUOTE, BACKSLASH] = [0x0d, 0x00, 0x22, 0x5c];
const [OPEN_ARRAY, OPEN_OBJECT, CLOSE_ARRAY, CLOSE_OBJECT] = [0x5b, 0x7b, 0x5d, 0x7d];

/** Checks one line (without its newline): line shape, then JSON, then request shape. Refusals are values. */
export function parseRequest(line: Buffer): RequestLine {
  if (line.length === 0) return refused('malformed_request', 'the request line is empty');
  if (line.includes(CR)) return refused('malformed_request', 'a request line ends with \\n alone');
  if (line.includes(NUL)) return refused('malformed_request', 'the request line has a NUL byte');
  if (!isUtf8(line)) return refused('bad_json', 'the request is not valid UTF-8');
  if (isDeeperThan(line, MAX_DEPTH)) {
    return refused('bad_json', `the request is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return checkShape(JSON.parse(line.toString('utf8')));
  } catch (error) {
    return refused('bad_json', `the request is not valid JSON: ${(error as Error).message}`);
  }
}

/** Looked at before parsing, because a parser that recurses is what deep nesting attacks. */
function isDeeperThan(line: Buffer, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInString = false;
      continue;
    }
    if (byte === QUOTE) isInString = true;
    else depth += depthChange(byte);
    if (depth > limit) return true;
  }
  return false;
}

function depthChange(byte: number | undefined): number {
  if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) return 1;
  return byte === CLOSE_ARRAY || byte === CLOSE_OBJECT ? -1 : 0;
}

function checkShape(value: unknown): RequestLine {
  if (!isObject(value)) return refused('bad_request', 'a request is a JSON object');
  const { id, method, params = {} } = value;
  if (id !== undefined && !isId(id)) return refused('bad_request', 'id is a string or a number');
  const answersTo = id === undefined ? {} : { id };
  if (typeof method !== 'string' || method === '') {
    return { ...refused('bad_request', 'method is a non-empty string'), ...answersTo };
  }
  if (!isObject(params)) {
    return { ok: true, request: { ...answersTo, method, params: {}, hasBadParams: true } };
  }
  return { ok: true, request: { ...answersTo, method, params } };
}

function refused(
  code: ErrorCode & ('malformed_request' | 'bad_json' | 'bad_request'),
  message: string,
): RequestLine {
  return { ok: false, error: refuse(code, message, {}) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}
