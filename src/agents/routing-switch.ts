import type { AgentStore, RoutingSwitch } from './ports.ts';

export interface RoutingChange extends RoutingSwitch {
  readonly previous: RoutingSwitch['value'];
  readonly changed: boolean;
}

/** Holds every prompt back, or lets them go again. One that is being pasted is finished. */
export function switchRouting(
  value: RoutingSwitch['value'],
  by: string,
  store: AgentStore,
): RoutingChange {
  const before = store.messages.routing();
  if (before.value === value) return { ...before, previous: before.value, changed: false };
  store.transact((tx) => {
    tx.setRouting(value, by);
    tx.emit({
      type: 'routing_toggled',
      actor: 'operator',
      payload: { previous_value: before.value, current_value: value, operator: by },
    });
  });
  return { ...store.messages.routing(), previous: before.value, changed: true };
}
