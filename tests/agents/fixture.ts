import { onTestFinished } from 'vitest';
import type {
  InputOutcome,
  InputTarget,
  PaneFinder,
  PaneInput,
  PasteOutcome,
  RegisteredAgent,
  Trace,
} from '../../src/agents/ports.ts';
import type { QueueDeps } from '../../src/agents/queue.ts';
import { requireAgent } from '../../src/agents/registry.ts';
import type { Capability } from '../../src/domain/agents.ts';
import type { FoundPane, ServerPanes } from '../../src/domain/found-pane.ts';
import { type AgentId, type ContainerId, LOCAL_CONTAINER } from '../../src/domain/ids.ts';
import type { Role } from '../../src/domain/spec.ts';
import { openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import type { OpenStore } from '../../src/drivers/store/open-store.ts';
import { aFoundPane } from '../support/found-pane.ts';
import { realClock } from '../support/real-tmux.ts';

export const SOCKET = '/tmp/tmux-1/default';

/** A store of its own, closed after the test. */
export function openTestStore(): OpenStore {
  const store = openMemoryStore({ clock: realClock, uuid: () => crypto.randomUUID() });
  onTestFinished(() => store.close());
  return store;
}

/** A pane on the server of a person. */
export function foundPane(pane: string, changes: Partial<FoundPane> = {}): FoundPane {
  const index = Number(pane.slice(1));
  const place = { pid: 100 + index, paneIndex: index, workingDir: '/srv', command: 'bash' };
  return aFoundPane(pane, { socket: SOCKET, ...place, ...changes });
}

/** Servers whose panes the test says, and may change. */
export interface FakePanes extends PaneFinder {
  servers: readonly ServerPanes[];
}

export function fakePanes(...panes: readonly FoundPane[]): FakePanes {
  return {
    servers: [{ kind: 'seen', socket: SOCKET, panes }],
    ownSocket: () => '/tmp/tmux-1/agenttower',
    benchUser: () => 'dev',
    find(this: FakePanes) {
      return Promise.resolve(this.servers);
    },
  };
}

let made = 1000;
/** An active adopted agent in a pane of its own. */
export function insertAgent(
  store: OpenStore,
  agent: { role?: Role; label?: string; capability?: Capability; container?: string; id?: string },
): RegisteredAgent {
  made += 1;
  const id = (agent.id ?? `agt_${String(made).padStart(12, '0')}`) as AgentId;
  store.transact((tx) =>
    tx.insertAgent({
      agentId: id,
      container: (agent.container ?? LOCAL_CONTAINER) as ContainerId,
      found: foundPane(`%${made}`),
      label: agent.label ?? id,
      role: agent.role ?? 'slave',
      capability: agent.capability ?? 'unknown',
      projectPath: '',
    }),
  );
  return requireAgent(id, store);
}

export function queueDeps(store: OpenStore, changes: Partial<QueueDeps> = {}): QueueDeps {
  return {
    store,
    clock: realClock,
    uuid: () => crypto.randomUUID(),
    isContainerActive: () => true,
    ...changes,
  };
}

/** What was typed, in order; every step answers what the test says. */
export interface FakeInput extends PaneInput {
  readonly typed: string[];
}

export function fakeInput(
  answer: (
    step: 'paste' | 'enter',
    target: InputTarget,
  ) => Promise<PasteOutcome> | PasteOutcome = () => ({
    kind: 'done',
  }),
  trace: Trace = 'unknown',
): FakeInput {
  const typed: string[] = [];
  const screens = new Map<string, number>();
  const step = async (
    kind: 'paste' | 'enter',
    target: InputTarget,
    text: string,
  ): Promise<PasteOutcome> => {
    typed.push(`${target.pane} ${text}`);
    const outcome = await answer(kind, target);
    if (outcome.kind === 'done') screens.set(target.pane, (screens.get(target.pane) ?? 0) + 1);
    return outcome;
  };
  return {
    typed,
    paste: (target, { text }) => step('paste', target, text),
    enter: async (target) => (await step('enter', target, '<Enter>')) as InputOutcome,
    trace: async (target) => {
      typed.push(`${target.pane} ?`);
      return trace;
    },
    clearLine: async () => true,
    screen: async (target) => {
      const shown = screens.get(target.pane) ?? 0;
      return { text: `0\n${'x'.repeat(shown)}`, cursorX: shown, cursorY: 0 };
    },
  };
}
