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

/** Around the one transaction of a turn of the routes. */
export const ROUTE_FAILPOINTS = ['routes.commit.before', 'routes.commit.after'] as const;
export type RouteFailpoint = (typeof ROUTE_FAILPOINTS)[number];
