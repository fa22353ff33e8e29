import { requireScope, type Scope } from '../../../declare/managed/scope.ts';
import {
  type Operated,
  restartSlots,
  resumeLayout,
  type SlotTarget,
  startSlots,
  stopSlots,
  suspendLayout,
} from '../../../declare/operate.ts';
import { tmuxSessionName } from '../../../domain/ids.ts';
import type { LayoutRecord } from '../../../domain/records.ts';
import { exportLayout } from '../../../manifest/export-layout.ts';
import type { Access, CallContext, Method } from '../method.ts';
import { defineMethod } from '../params.ts';
import type { LayoutDetailView, LayoutView } from '../protocol.ts';
import { toEventView, toLayoutView, toSpecView } from '../views.ts';
import { knownLayout } from './known-layout.ts';
import { isOfSource, toLeftOutView } from './left-out.ts';
import { findWithin, layoutsWithin } from './own-container.ts';
import type { Services } from './services.ts';

const ADDRESS = {
  name: { type: 'string', minLength: 1 },
  container: { type: 'string', minLength: 1 },
} as const;

const ONE_SCHEMA = { type: 'object', required: ['name'], properties: ADDRESS } as const;

const VERB_SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    ...ADDRESS,
    slot: { type: 'string', minLength: 1 },
    reason: { type: 'string', maxLength: 1_024 },
    by: { type: 'string', maxLength: 64 },
    for_ms: { type: 'integer', minimum: 1, maximum: 31_536_000_000 },
  },
} as const;

interface VerbParams extends SlotTarget {
  readonly for_ms?: number;
  readonly reason?: string;
  /** Who asks, for the record; the peer's user when absent. */
  readonly by?: string;
}

const EVENTS_SHOWN = 20;
/** How far back the newest events of one layout are looked for. */
const EVENTS_SEARCHED = 2_000;

/** Layouts: read them, and the operator's verbs on them. */
export function layoutMethods(services: Services): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [
      'layout.list',
      defineMethod<{ container?: string; name?: string }>({
        access: 'own-container',
        schema: { type: 'object', properties: ADDRESS },
        run: (params, { scope }) => ({ items: list(params, scope, services) }),
      }),
    ],
    [
      'layout.get',
      defineMethod<{ name: string; container?: string }>({
        access: 'own-container',
        schema: ONE_SCHEMA,
        run: (params, { scope }) => detail(findWithin(scope, params, services), scope, services),
      }),
    ],
    [
      // For the owner of the layout: environment values come in clear, secret ones too.
      'layout.export',
      defineMethod<{ name: string; container?: string }>({
        access: 'host',
        schema: ONE_SCHEMA,
        run: (params, { scope }) => ({
          manifest: exportLayout(findWithin(scope, params, services).spec),
        }),
      }),
    ],
    [
      'layout.stop',
      verb('own-container', services, (params, by) => {
        const { for_ms: forMs, reason = '' } = params;
        return stopSlots(params, { by, reason, ...(forMs && { forMs }) }, services);
      }),
    ],
    [
      'layout.start',
      verb('own-container', services, (params, by) => startSlots(params, by, services)),
    ],
    [
      'layout.restart',
      verb('own-container', services, (params, by) => restartSlots(params, by, services)),
    ],
    // What the host declares goes on being seen to: a container may not end that for itself.
    [
      'layout.suspend',
      verb('host', services, (params, by) =>
        suspendLayout(params, { by, reason: params.reason ?? '' }, services),
      ),
    ],
    ['layout.resume', verb('host', services, (params, by) => resumeLayout(params, by, services))],
  ]);
}

function verb(
  access: Access,
  services: Services,
  run: (params: VerbParams, by: string) => Operated,
): Method {
  return defineMethod<VerbParams>({
    access,
    schema: VERB_SCHEMA,
    run: (params, context) => {
      const { spec, container } = findWithin(context.scope, params, services);
      return run({ ...params, name: spec.name, container }, callerOf(params, context));
    },
  });
}

/** For the record. A caller in a container does not get to sign with another name. */
function callerOf({ by }: VerbParams, { peer, scope }: CallContext): string {
  if (scope.kind === 'container') return `container ${scope.container ?? 'unknown'}`;
  return by ?? `uid ${peer.uid}`;
}

function list(
  { container: named, name }: { readonly container?: string; readonly name?: string },
  scope: Scope,
  services: Services,
): readonly LayoutView[] {
  const container = named === undefined ? undefined : (services.resolveContainer(named) ?? named);
  if (container !== undefined) requireScope(scope, container);
  const moment = { now: services.clock.now(), policy: services.policy };
  return layoutsWithin(scope, services.store.layouts())
    .filter((layout) => container === undefined || layout.container === container)
    .filter((layout) => name === undefined || layout.spec.name === name)
    .map((layout) => toLayoutView(knownLayout(layout, services), moment));
}

function detail(layout: LayoutRecord, scope: Scope, services: Services): LayoutDetailView {
  const { store, clock, policy, attachArgv } = services;
  const session = tmuxSessionName(layout.spec.session);
  const newest = store.lastSeq();
  const events = store
    .eventsAfter(Math.max(0, newest - EVENTS_SEARCHED), EVENTS_SEARCHED)
    .filter(({ layoutId }) => layoutId === layout.id)
    .slice(-EVENTS_SHOWN)
    .toReversed();
  return {
    ...toLayoutView(knownLayout(layout, services), { now: clock.now(), policy }),
    spec: toSpecView(layout.spec),
    attach: argvWithin(scope, attachArgv(layout.container, session)),
    left_out: leftOut(layout, scope, services),
    unmanaged: findUnmanaged(layout, services),
    events: events.map(toEventView),
  };
}

/** Of the other containers a selector chose, those in one learn nothing. */
function leftOut(
  { spec, source }: LayoutRecord,
  scope: Scope,
  { unstamped }: Services,
): LayoutDetailView['left_out'] {
  if (scope.kind !== 'host' || spec.selector === undefined) return [];
  return unstamped()
    .filter((one) => one.layout === spec.name && isOfSource(one, source))
    .map(toLeftOutView);
}

/** Inside a container, tmux is there already: the part by which the host's engine gets to it is left out. */
function argvWithin(scope: Scope, argv: readonly string[]): readonly string[] {
  return scope.kind === 'host' ? argv : argv.slice(Math.max(0, argv.lastIndexOf('tmux')));
}

/** Panes a person made inside the layout's session: shown, never touched. */
function findUnmanaged(
  layout: LayoutRecord,
  { lastObservation }: Services,
): LayoutDetailView['unmanaged'] {
  const observation = lastObservation(layout.container);
  if (observation?.kind !== 'seen') return [];
  const sessions = new Set(
    observation.sessions.filter(({ layoutId }) => layoutId === layout.id).map(({ id }) => id),
  );
  return observation.panes
    .filter(({ sessionId, paneId }) => sessions.has(sessionId) && paneId === undefined)
    .map(({ id, title }) => ({ tmux_pane_id: id, title }));
}
