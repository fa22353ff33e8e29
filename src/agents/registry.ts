import { refuse } from '../domain/errors.ts';
import type { FoundPane } from '../domain/found-pane.ts';
import type { AgentId, ContainerId, TmuxPaneId } from '../domain/ids.ts';
import { toCapability, toLabel, toProjectPath, toRole } from './labels.ts';
import { checkParent } from './parents.ts';
import type {
  AgentPatch,
  AgentStore,
  AgentTransaction,
  PaneFinder,
  RegisteredAgent,
} from './ports.ts';

export interface RegistryDeps {
  readonly store: AgentStore;
  readonly panes: PaneFinder;
  readonly newAgentId: () => AgentId;
  /** The container of a name, an id or the beginning of one. */
  readonly resolveContainer: (name: string) => ContainerId | undefined;
}

/** Which pane: `%N`, or where it stands now. Of the key's six fields only server and `%N` are its identity. */
export interface PaneAddress {
  readonly container: string;
  /** Absent means any server on which exactly one pane answers to the rest. */
  readonly socket?: string | undefined;
  readonly pane?: string | undefined;
  readonly session?: string | undefined;
  readonly windowIndex?: number | undefined;
  readonly paneIndex?: number | undefined;
}

/** What is said of an agent. Fields left out stay as they are, or begin unknown. */
export interface Registration {
  readonly role?: string | undefined;
  readonly capability?: string | undefined;
  readonly label?: string | undefined;
  readonly projectPath?: string | undefined;
  readonly parent?: string | undefined;
}

export interface Registered {
  readonly agent: RegisteredAgent;
  readonly outcome: 'created' | 'reactivated' | 'updated';
}

/** A registration whose every check has passed, for a pane that was found, and nothing written yet. */
export interface PreparedRegistration {
  readonly container: ContainerId;
  readonly found: FoundPane;
  /** The agent it already is. */
  readonly known: RegisteredAgent | undefined;
  readonly agentId: AgentId;
  readonly wanted: ReturnType<typeof check>;
  readonly parent: AgentId | undefined;
}

/**
 * Makes a pane an agent, or says something new of one that is. The pane is looked for, never touched. A pane of a
 * server that has started anew is another pane, whatever its number. `uid` is the user who asks.
 * @throws `pane_unknown_to_daemon`, `pane_ambiguous`, `master_via_register_self_rejected`, the checks of every field.
 */
export async function register(
  address: PaneAddress,
  said: Registration & { readonly uid: number },
  deps: RegistryDeps,
): Promise<Registered> {
  const prepared = await prepareRegistration(address, said, deps);
  deps.store.transact((tx) => recordRegistration(prepared, said.uid, tx));
  return toRegistered(prepared, deps);
}

/** Finds the pane and checks what is said of it. Throws what `register` throws. */
export async function prepareRegistration(
  address: PaneAddress,
  said: Registration,
  deps: RegistryDeps,
): Promise<PreparedRegistration> {
  const wanted = check(said);
  const { container, found } = await findPane(address, deps);
  const { registry } = deps.store;
  const known = knownAt({ container, found }, registry);
  if (found.owner !== undefined && known === undefined) {
    throw unknownPane(`${found.pane} is a managed pane that is still being started`);
  }
  const parent = checkParent(said.parent, { role: wanted.role, known, registry });
  return { container, found, known, agentId: known?.agentId ?? deps.newAgentId(), wanted, parent };
}

/** The agent that the pane is by now. */
export function knownAt(
  { container, found }: Pick<PreparedRegistration, 'container' | 'found'>,
  registry: AgentStore['registry'],
): RegisteredAgent | undefined {
  return found.owner === undefined
    ? registry.adoptedAt(container, found)
    : registry.managedOf(found.owner);
}

/** Writes a registration with its events. */
export function recordRegistration(
  prepared: PreparedRegistration,
  uid: number,
  tx: Pick<AgentTransaction, 'insertAgent' | 'updateAgent' | 'emit'>,
): void {
  const { known, agentId, wanted } = prepared;
  const role = wanted.role ?? known?.role ?? 'unknown';
  const label = wanted.label ?? known?.label ?? '';
  write(prepared, tx);
  const outcome = toRegistrationOutcome(known);
  tx.emit({
    type: 'agent_registered',
    actor: 'operator',
    payload: { agent_id: agentId, label, role, outcome },
  });
  if (role === known?.role) return;
  tx.emit({
    type: 'agent_role_change',
    actor: 'operator',
    agentId,
    payload: {
      agent_id: agentId,
      prior_role: known?.role ?? null,
      new_role: role,
      confirm_provided: false,
      socket_peer_uid: uid,
    },
  });
}

function write(
  { container, found, known, agentId, wanted, parent }: PreparedRegistration,
  tx: Pick<AgentTransaction, 'insertAgent' | 'updateAgent'>,
): void {
  if (known === undefined) {
    const blank = { label: '', role: 'unknown', capability: 'unknown', projectPath: '' } as const;
    const born = parent === undefined ? {} : { parent };
    tx.insertAgent({ agentId, container, found, ...blank, ...wanted, ...born });
  } else {
    const isAdopted = known.origin === 'adopted';
    const patch: AgentPatch = { ...wanted, ...(isAdopted && { found, active: true }) };
    tx.updateAgent(agentId, { ...patch, registered: true });
  }
}

/** What became of a registration that was written. */
export function toRegistered(
  { agentId, known }: PreparedRegistration,
  { store }: Pick<RegistryDeps, 'store'>,
): Registered {
  return { agent: requireAgent(agentId, store), outcome: toRegistrationOutcome(known) };
}

/** Throws `agent_not_found`. */
export function requireAgent(id: string, { registry }: Pick<AgentStore, 'registry'>) {
  const agent = registry.agent(id);
  if (agent !== undefined) return agent;
  throw refuse('agent_not_found', `there is no agent ${id}; see: agenttower list-agents`, {
    target: id,
  });
}

/** The pane an address names, as it is right now. Throws `pane_unknown_to_daemon`, `pane_ambiguous`. */
async function findPane(
  address: PaneAddress,
  { panes, resolveContainer }: RegistryDeps,
): Promise<{ readonly container: ContainerId; readonly found: FoundPane }> {
  const container = resolveContainer(address.container);
  if (container === undefined) throw unknownPane(`there is no container ${address.container}`);
  const isOwn = address.socket === panes.ownSocket(container);
  const socket = isOwn ? undefined : address.socket;
  const answers = await panes.find(container, socketsFor(address.socket, socket));
  const asked = answers.filter((each) => address.socket === undefined || each.socket === socket);
  const found = asked.flatMap((each) => (each.kind === 'seen' ? each.panes : []));
  const matching = found.filter((pane) => isAt(pane, address) && !pane.dead);
  const [first, ...others] = matching;
  if (first === undefined) {
    const trouble = asked.flatMap((each) => (each.kind === 'unknown' ? [each.message] : []));
    const advice = 'see the panes there are with: tmux list-panes -a';
    throw unknownPane([`no living pane answers to that address`, ...trouble, advice].join('; '));
  }
  if (others.length === 0) return { container, found: first };
  const sockets = matching.map((pane) => pane.socket ?? panes.ownSocket(container));
  throw refuse(
    'pane_ambiguous',
    `${matching.length} tmux servers have such a pane; name one with --socket: ${sockets.join(', ')}`,
    { sockets },
  );
}

/** All servers when none is named; of the container's own one nobody says more. */
function socketsFor(
  named: string | undefined,
  other: string | undefined,
): readonly string[] | undefined {
  if (named === undefined) return undefined;
  return other === undefined ? [] : [other];
}

function isAt(found: FoundPane, { pane, session, windowIndex, paneIndex }: PaneAddress): boolean {
  if (pane !== undefined) return found.pane === (pane as TmuxPaneId);
  return (
    found.session === session && found.windowIndex === windowIndex && found.paneIndex === paneIndex
  );
}

function check(said: Registration) {
  const { role, capability, label, projectPath } = said;
  if (role === 'master') {
    throw refuse(
      'master_via_register_self_rejected',
      'an agent cannot register as master; register it, then: agenttower set-role --target ID --role master --confirm',
      {},
    );
  }
  return {
    ...(role !== undefined && { role: toRole(role) }),
    ...(capability !== undefined && { capability: toCapability(capability) }),
    ...(label !== undefined && { label: toLabel(label) }),
    ...(projectPath !== undefined && { projectPath: toProjectPath(projectPath) }),
  };
}

function toRegistrationOutcome(known: RegisteredAgent | undefined): Registered['outcome'] {
  if (known === undefined) return 'created';
  return known.active ? 'updated' : 'reactivated';
}

function unknownPane(problem: string) {
  return refuse('pane_unknown_to_daemon', problem, {});
}
