import { connect } from 'node:net';
import { expect } from 'vitest';
import { until } from '../../support/until.ts';

/** An answer as it stands on the wire. */
export interface Answer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
  readonly app_contract_version?: string;
}

export const NAMESPACES = ['managed', 'app.managed'] as const;
export type Namespace = (typeof NAMESPACES)[number];

export const METHODS = [
  'layout.create',
  'layout.list',
  'layout.detail',
  'layout.remove',
  'pane.list',
  'pane.detail',
  'pane.remove',
  'pane.recreate',
  'pane.promote_from_adopted',
] as const;
export type ManagedMethod = (typeof METHODS)[number];

export interface Pane {
  readonly pane_id: string;
  readonly layout_id: string;
  readonly role: string;
  readonly label: string;
  readonly state: string;
  readonly failed_stage?: string;
  readonly tmux_pane_index: number;
  readonly chain_depth: number;
  readonly agent_id: string | null;
  readonly predecessor_id: string | null;
  readonly log_attached: boolean;
}

export interface Layout {
  readonly layout_id: string;
  readonly state: string;
  readonly failed_stage: string | null;
  readonly panes: readonly Pane[];
}

export interface Created {
  readonly layout_id: string;
  readonly state: string;
  readonly replay: boolean;
  readonly intended_pane_count: number;
  readonly panes: readonly Pick<Pane, 'pane_id' | 'role' | 'label' | 'state'>[];
}

export interface Recreated {
  readonly pane_id: string;
  readonly predecessor_id: string;
  readonly chain_depth: number;
  readonly state: string;
  readonly replay: boolean;
}

export interface Items<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** A client that knows nothing of the program but the contract. */
export interface ManagedClient {
  readonly namespace: Namespace;
  /** The answer, whatever it is, checked for the shape that every answer has. */
  ask(method: ManagedMethod, params?: object): Promise<Answer>;
  /** The result; throws when the call was refused. */
  get<T>(method: ManagedMethod, params?: object): Promise<T>;
  create(session: string, template: string, more?: object): Promise<Created>;
  detail(layoutId: string): Promise<Layout>;
  pane(paneId: string): Promise<Pane>;
  /** The layout once none of its panes is being made. */
  settled(layoutId: string): Promise<Layout>;
}

/** Sends one line over a connection of its own and reads one. */
export function askOnce(socketPath: string, request: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      socket.destroy();
      resolve(JSON.parse(text) as Answer);
    });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error(`no answer to ${JSON.stringify(request)}`)));
  });
}

/** Opens an app session, as a client of `app.*` does first. */
async function sayHello(socketPath: string): Promise<string> {
  const { result } = await askOnce(socketPath, {
    method: 'app.hello',
    params: { client_id: 'e2e', client_version: '1', client_app_contract_major: 1 },
  });
  return (result as { app_session_token: string }).app_session_token;
}

/** The name of a method in a namespace: `app.managed_pane_list`. */
export function methodName(namespace: Namespace, method: ManagedMethod): string {
  return namespace === 'managed' ? `managed.${method}` : `app.managed_${method.replace('.', '_')}`;
}

export async function openClient(socketPath: string, namespace: Namespace): Promise<ManagedClient> {
  const session = namespace === 'managed' ? {} : { app_session_token: await sayHello(socketPath) };
  const ask = async (method: ManagedMethod, params: object = {}): Promise<Answer> => {
    const request = { method: methodName(namespace, method), params: { ...session, ...params } };
    const answer = await askOnce(socketPath, request);
    checkShape(answer, namespace);
    return answer;
  };
  const get = async <T>(method: ManagedMethod, params: object = {}): Promise<T> => {
    const answer = await ask(method, params);
    if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result as T;
  };
  const detail = (layoutId: string): Promise<Layout> =>
    get('layout.detail', { layout_id: layoutId, include_terminal_panes: true });
  return {
    namespace,
    ask,
    get,
    detail,
    create: (session, template, more = {}) =>
      get('layout.create', {
        container_id: 'local',
        template_name: template,
        tmux_session_name: session,
        ...more,
      }),
    pane: (paneId) => get('pane.detail', { pane_id: paneId }),
    settled: (layoutId) =>
      until(
        async () => {
          const layout = await detail(layoutId);
          const isBusy = layout.panes.some(({ state }) => state === 'creating');
          return !isBusy && layout.state !== 'creating' ? layout : undefined;
        },
        { timeoutMs: 30_000, label: `layout ${layoutId} has settled` },
      ),
  };
}

function checkShape(answer: Answer, namespace: Namespace): void {
  const frame = namespace === 'managed' ? ['ok'] : ['app_contract_version', 'ok'];
  const { ok, error } = answer;
  expect(Object.keys(answer).toSorted()).toEqual([...frame, ok ? 'result' : 'error'].toSorted());
  if (namespace === 'app.managed') expect(answer.app_contract_version).toMatch(/^1\.\d+$/);
  if (ok) return;
  expect(error).toEqual({
    code: expect.any(String),
    message: expect.stringMatching(/\w+ \w+/),
    details: expect.any(Object),
  });
}
