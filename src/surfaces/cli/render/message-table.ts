import type { CorrespondentView, MessageView } from '../../api/agent-protocol.ts';
import type { Tone } from './paint.ts';
import { toPlainText } from './plain-text.ts';
import type { Column } from './table.ts';
import { renderAge } from './times.ts';

/** Columns of `queue list`. */
export function messageColumns(now: number): readonly Column<MessageView>[] {
  return [
    { title: 'MESSAGE', cell: (message) => message.message_id },
    { title: 'STATE', cell: (message) => message.state, tone: (message) => toneOf(message) },
    { title: 'WHY', cell: whyOf },
    { title: 'FROM', cell: ({ sender }) => nameOf(sender) },
    { title: 'TO', cell: ({ target }) => nameOf(target) },
    { title: 'BYTES', cell: (message) => String(message.envelope_size_bytes) },
    { title: 'AGE', cell: (message) => renderAge(message.enqueued_at, now), isAge: true },
    { title: 'EXCERPT', cell: (message) => message.excerpt },
  ];
}

/** One message in a sentence. */
export function messageLine(message: MessageView): string {
  const why = whyOf(message);
  const what = `message/${message.message_id} to ${nameOf(message.target)}: ${message.state}`;
  return toPlainText(why === '' ? what : `${what} (${why})`);
}

function whyOf({ block_reason: block, failure_reason: failure, submission }: MessageView): string {
  return block ?? failure ?? submission ?? '';
}

function nameOf({ agent_id: id, label }: CorrespondentView): string {
  return label === '' ? id : label;
}

function toneOf({ state }: MessageView): Tone | undefined {
  if (state === 'delivered') return 'good';
  return state === 'failed' ? 'bad' : undefined;
}
