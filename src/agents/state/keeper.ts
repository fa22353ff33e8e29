import type {
  AgentState,
  ClaimedState,
  Evidence,
  StateRecord,
  Verdict,
} from '../../domain/agent-states.ts';
import type { NewEvent } from '../../domain/events.ts';
import type { AgentId } from '../../domain/ids.ts';
import { decideState } from './decide.ts';
import { openEarlyHooks } from './early-hooks.ts';
import { detailOf, type HookReport, toClaim } from './hook-rules.ts';
import { isQuietMoment, toLogEvidence } from './log-evidence.ts';
import type { AgentEvidence, StateStore, StateTransaction, WatchedAgent } from './ports.ts';
import { openReceipts } from './receipts.ts';
import { openScreens, type ScreensDeps } from './screens.ts';

export interface KeeperDeps extends ScreensDeps {
  readonly store: StateStore;
  /** Whether the process in the agent's pane has ended, by the last look at the pane. */
  readonly hasEnded: (agent: WatchedAgent) => boolean;
}

/** The one authority on what agents do: takes in all evidence, keeps the newest of each source, and tells of changes. */
export interface StateKeeper {
  /** Takes in what the agent's own program says. */
  hear(agent: AgentId, report: HookReport): StateRecord | undefined;
  /** Takes in what a pane says that may become an agent soon; `find` tells whether it has. */
  hearEarly(find: () => AgentId | undefined, report: HookReport): void;
  /** Looks at the screen now, unless that was done within a second. */
  look(agent: AgentId): Promise<void>;
  /** Takes in what logs and processes tell, looks at screens that have come to rest, and lets old evidence age. */
  pass(): Promise<void>;
}

/** What screen and log say has to hold so long before it is told of: both flicker. */
const SETTLE_MS = 2_000;
/** The same claim again is recorded at most this often. */
const RECORD_EVERY_MS = 30_000;
/** What a screen says after this long is heard in the next pass: one that hangs holds up nobody else. */
const PATIENCE_MS = 500;
/** A hook that said `working` this long ago may have been the last of an interrupted turn: the screen knows. */
const LOOK_AFTER_HOOK_MS = 60_000;
const BACKLOG_MS = 600_000;

export function openStateKeeper(deps: KeeperDeps): StateKeeper {
  return new Keeper(deps);
}

class Keeper implements StateKeeper {
  readonly #deps: KeeperDeps;
  readonly #receipts: ReturnType<typeof openReceipts>;
  readonly #early = openEarlyHooks();
  readonly #evidence = new Map<AgentId, Map<Evidence['source'], AgentEvidence>>();
  readonly #recordedAt = new Map<string, number>();
  readonly #unsettled = new Map<AgentId, { readonly state: string; readonly since: number }>();
  readonly #screens: ReturnType<typeof openScreens>;
  #agents: ReadonlyMap<AgentId, WatchedAgent> = new Map();
  #hasNew = false;
  #logSeq: number;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#receipts = openReceipts(deps.store);
    this.#screens = openScreens(deps);
    this.#logSeq = deps.store.states.logSeq();
  }

  hear(id: AgentId, report: HookReport): StateRecord | undefined {
    if (!this.#agents.has(id)) this.#refresh();
    const agent = this.#agents.get(id);
    if (agent === undefined) return undefined;
    this.#hear(agent, report, this.#deps.clock.now());
    return this.#deps.store.states.stateOf(id);
  }

  #hear(agent: WatchedAgent, report: HookReport, at: number): void {
    const { agentId: id } = agent;
    const state = toClaim(report);
    this.#deps.store.transact((tx) => {
      if (report.prompt !== undefined) {
        tx.recordPrompt(id, { ...report.prompt, at });
        this.#receipts.expect(id, { ...report.prompt, at });
      }
      if (state === undefined) return;
      this.#take({ agentId: id, source: 'hook', state, at, detail: detailOf(report) }, tx);
      this.#conclude(agent, tx);
    });
  }

  hearEarly(find: () => AgentId | undefined, report: HookReport): void {
    this.#early.keep({ find, report, at: this.#deps.clock.now() });
  }

  async look(id: AgentId): Promise<void> {
    this.#refresh();
    const agent = this.#agents.get(id);
    if (agent === undefined || !(await this.#see(agent))) return;
    this.#deps.store.transact((tx) => this.#conclude(agent, tx));
  }

  async pass(): Promise<void> {
    const { store, clock } = this.#deps;
    this.#refresh();
    this.#hearEarlyOnes();
    const resting = this.#readLogs();
    this.#receipts.settle(clock.now());
    const agents = [...this.#agents.values()];
    for (const agent of agents) this.#readProcess(agent);
    const due = agents.filter((agent) => resting.has(agent.agentId) || this.#isHookOld(agent));
    await this.#seeAll(due);
    const known = store.states.states();
    const changed = agents.filter((agent) => this.#isNews(agent, known.get(agent.agentId)));
    if (changed.length === 0) return;
    store.transact((tx) => {
      for (const agent of changed) this.#conclude(agent, tx);
    });
  }

  /** Only agents that are new can have said something before they were agents. */
  #hearEarlyOnes(): void {
    if (!this.#hasNew) return;
    this.#hasNew = false;
    for (const { agent: id, report, at } of this.#early.take(this.#deps.clock.now())) {
      const agent = this.#agents.get(id);
      const isOutdated = (this.#evidence.get(id)?.get('hook')?.at ?? 0) > at;
      if (agent !== undefined && !isOutdated) this.#hear(agent, report, at);
    }
  }

  /** Takes up agents that are new, with the evidence there was, and lays down those that have ended. */
  #refresh(): void {
    const { states } = this.#deps.store;
    this.#agents = new Map(states.watched().map((agent) => [agent.agentId, agent]));
    const fresh = [...this.#agents.keys()].filter((id) => !this.#evidence.has(id));
    for (const id of fresh) {
      this.#evidence.set(id, new Map(states.evidenceOf(id).map((each) => [each.source, each])));
    }
    for (const id of this.#evidence.keys()) {
      if (!this.#agents.has(id)) this.#forget(id);
    }
    this.#hasNew ||= fresh.length > 0;
  }

  #forget(id: AgentId): void {
    this.#evidence.delete(id);
    this.#unsettled.delete(id);
    this.#screens.forget(id);
    for (const key of this.#recordedAt.keys()) {
      if (key.startsWith(`${id} `)) this.#recordedAt.delete(key);
    }
  }

  /** Answers the agents whose log has come to rest. */
  #readLogs(): ReadonlySet<AgentId> {
    const { store, clock } = this.#deps;
    const since = clock.now() - BACKLOG_MS;
    const { seq, news } = store.states.logNews({ seq: this.#logSeq, since });
    this.#logSeq = seq;
    const ours = news.filter(({ agentId }) => this.#agents.has(agentId));
    const claims = ours.flatMap((each): readonly AgentEvidence[] => {
      const { agentId } = each;
      const claim = toLogEvidence(each, this.#evidence.get(agentId)?.get('log'));
      return claim === undefined ? [] : [{ ...claim, agentId, eventSeq: each.seq }];
    });
    this.#takeAll(claims);
    return new Set(ours.filter(isQuietMoment).map(({ agentId }) => agentId));
  }

  #readProcess(agent: WatchedAgent): void {
    const { agentId } = agent;
    const known = this.#evidence.get(agentId)?.has('process') === true;
    const hasEnded = !agent.active || this.#deps.hasEnded(agent);
    if (hasEnded === known) return;
    if (hasEnded) this.#takeAll([this.#claim(agentId, 'process', 'exited')]);
    else this.#begin(agentId);
  }

  /** What was said of the process before is not of the one there is now. */
  #begin(agentId: AgentId): void {
    const before = this.#evidence.get(agentId) ?? new Map();
    this.#deps.store.transact((tx) => {
      for (const source of before.keys()) tx.dropEvidence(agentId, source);
    });
    this.#evidence.set(agentId, new Map());
  }

  #isHookOld({ agentId, active }: WatchedAgent): boolean {
    const hook = this.#evidence.get(agentId)?.get('hook');
    const now = this.#deps.clock.now();
    const isOld = hook?.state === 'working' && now - hook.at > LOOK_AFTER_HOOK_MS;
    return active && isOld && now - this.#screens.lookedAt(agentId) > LOOK_AFTER_HOOK_MS;
  }

  /** Looks at one screen; whether it told anything. */
  async #see(agent: WatchedAgent): Promise<boolean> {
    const rule = await this.#screens.see(agent);
    if (rule === undefined) return false;
    this.#takeAll([{ ...this.#claim(agent.agentId, 'screen', rule.state), detail: rule.id }]);
    return true;
  }

  async #seeAll(agents: readonly WatchedAgent[]): Promise<void> {
    if (agents.length === 0) return;
    const enough = new AbortController();
    const seen = Promise.all(agents.map((agent) => this.#see(agent)));
    await Promise.race([seen, this.#deps.clock.sleep(PATIENCE_MS, enough.signal)]);
    enough.abort();
  }

  #claim(agentId: AgentId, source: Evidence['source'], state: ClaimedState): AgentEvidence {
    return { agentId, source, state, at: this.#deps.clock.now(), detail: state };
  }

  #takeAll(evidence: readonly AgentEvidence[]): void {
    const news = evidence.filter((each) => !this.#keep(each));
    if (news.length === 0) return;
    this.#deps.store.transact((tx) => {
      for (const each of news) this.#take(each, tx);
    });
  }

  /** Keeps what says the same as before in memory alone; whether that was enough. */
  #keep(evidence: AgentEvidence): boolean {
    const { agentId, source, state, at } = evidence;
    const before = this.#evidence.get(agentId)?.get(source);
    const recordedAt = this.#recordedAt.get(`${agentId} ${source}`) ?? 0;
    if (before?.state !== state || at - recordedAt >= RECORD_EVERY_MS) return false;
    this.#evidence.get(agentId)?.set(source, evidence);
    return true;
  }

  #take(evidence: AgentEvidence, tx: StateTransaction): void {
    if (this.#keep(evidence)) return;
    const { agentId, source, at } = evidence;
    tx.recordEvidence(evidence);
    this.#evidence.get(agentId)?.set(source, evidence);
    this.#recordedAt.set(`${agentId} ${source}`, at);
  }

  #verdictOn(id: AgentId): Verdict {
    return decideState([...(this.#evidence.get(id)?.values() ?? [])], this.#deps.clock.now());
  }

  /** Whether there is something to write of the agent; notes when a new state was first seen. */
  #isNews({ agentId }: WatchedAgent, known: StateRecord | undefined): boolean {
    const verdict = this.#verdictOn(agentId);
    const isSame = known !== undefined && toKey(known) === toKey(verdict);
    if (isSame || verdict.state === known?.state) this.#unsettled.delete(agentId);
    if (isSame) return false;
    return verdict.state === known?.state || this.#hasSettled(agentId, verdict);
  }

  #hasSettled(id: AgentId, { state, source }: Verdict): boolean {
    if (source === undefined || source === 'hook' || source === 'process') return true;
    const now = this.#deps.clock.monotonic();
    const before = this.#unsettled.get(id);
    if (before?.state !== state) this.#unsettled.set(id, { state, since: now });
    return before?.state === state && now - before.since >= SETTLE_MS;
  }

  #conclude({ agentId, label }: WatchedAgent, tx: StateTransaction): void {
    const verdict = this.#verdictOn(agentId);
    const known = this.#deps.store.states.stateOf(agentId);
    if (known !== undefined && toKey(known) === toKey(verdict)) return;
    this.#unsettled.delete(agentId);
    const isChange = known?.state !== verdict.state;
    const begun = verdict.state === 'unknown' ? undefined : verdict.at;
    const since = isChange ? (begun ?? this.#deps.clock.now()) : known.since;
    tx.recordState(agentId, { ...verdict, since });
    const before = known?.state ?? 'unknown';
    if (before !== verdict.state) tx.emit(toEvent({ agentId, label }, before, verdict));
  }
}

function toEvent(
  { agentId, label }: Pick<WatchedAgent, 'agentId' | 'label'>,
  before: AgentState,
  { state, source, confidence, detail }: Verdict,
): NewEvent {
  return {
    type: 'agent_state_changed',
    actor: 'daemon',
    agentId,
    payload: {
      label,
      prev_state: before,
      new_state: state,
      source: source ?? null,
      confidence,
      detail,
    },
  };
}

/** What makes a verdict worth writing: not by which of many hooks, and when, it was last confirmed. */
function toKey({ state, source, confidence }: Verdict): string {
  return [state, source, confidence].join(' ');
}
