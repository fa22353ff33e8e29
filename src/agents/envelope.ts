import { refuse } from '../domain/errors.ts';
import type { Correspondent, MessageRecord } from '../domain/messages.ts';
import { redactLine } from './logs/redact.ts';

/** Bytes of headers and body together. */
const ENVELOPE_MAX_BYTES = 65_536;
const EXCERPT_MAX = 240;

/** The body as text. Throws `body_empty`, `body_invalid_encoding`, `body_invalid_chars`, in this order. */
export function toBody(bytes: Uint8Array): string {
  if (bytes.length === 0) throw refuse('body_empty', 'the prompt is empty', {});
  const body = decode(bytes);
  const control = /[\u0000-\u0008\u000b-\u001f\u007f]/.exec(body)?.[0];
  if (control === undefined) return body;
  const code = control.charCodeAt(0).toString(16).padStart(2, '0');
  throw refuse(
    'body_invalid_chars',
    `the prompt holds the control character 0x${code}; only line breaks and tabs may stand in it`,
    {},
  );
}

export interface Envelope {
  readonly id: string;
  readonly sender: Correspondent;
  readonly target: Correspondent;
  readonly body: string;
  /** The body alone. */
  readonly raw: boolean;
}

/** What is pasted: the headers, an empty line, the body. */
export function renderEnvelope({ id, sender, target, body, raw }: Envelope): string {
  if (raw) return body;
  return [
    `Message-Id: ${id}`,
    `From: ${renderCorrespondent(sender)}`,
    `To: ${renderCorrespondent(target)}`,
    'Type: prompt',
    'Priority: normal',
    'Requires-Reply: yes',
    '',
    body,
  ].join('\n');
}

/** Bytes of what will be pasted. Throws `body_too_large`. */
export function measure(envelope: Envelope): number {
  const size = Buffer.byteLength(renderEnvelope(envelope));
  if (size <= ENVELOPE_MAX_BYTES) return size;
  throw refuse(
    'body_too_large',
    `the prompt with its headers has ${size} bytes, and ${ENVELOPE_MAX_BYTES} are allowed`,
    { limit_bytes: ENVELOPE_MAX_BYTES, actual_bytes: size },
  );
}

/** The beginning of a prompt on one line, without secrets: the only part of it that is ever shown. */
export function toExcerpt(body: string): string {
  const safe = body.split('\n').map(redactLine).join(' ').replaceAll(/\s+/g, ' ').trim();
  const letters = Array.from(safe);
  return letters.length <= EXCERPT_MAX ? safe : `${letters.slice(0, EXCERPT_MAX).join('')}…`;
}

/** What is pasted for a recorded message. */
export function textOf({ id, sender, target, body, raw }: MessageRecord): string {
  return renderEnvelope({ id, sender, target, body, raw });
}

function renderCorrespondent({ id, label, role, capability }: Correspondent): string {
  const suffix = capability === undefined ? '' : ` [capability=${capability}]`;
  return `${id} "${label}" ${role}${suffix}`;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('body_invalid_encoding', 'the prompt is not valid UTF-8', {});
  }
}
