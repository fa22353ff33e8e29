/** Every effect of a delivery, before and after: the places where a crash must neither lose nor double a prompt. */
export const QUEUE_FAILPOINTS = [
  'queue.stamp.before',
  'queue.stamp.after',
  'queue.paste.before',
  'queue.paste.after',
  'queue.enter.before',
  'queue.enter.after',
] as const;
export type QueueFailpoint = (typeof QUEUE_FAILPOINTS)[number];
