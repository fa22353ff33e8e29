import type { RouteSpec } from './routes.ts';

/** A route as a manifest declares it. It is known by its name; its id is made when it is first declared. */
export interface DeclaredRoute {
  readonly name: string;
  readonly spec: RouteSpec;
  readonly enabled: boolean;
}
