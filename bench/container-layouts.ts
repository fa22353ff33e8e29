import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContainer } from '../tests/support/docker.ts';
import type { Tower } from './tower.ts';

export const BENCH_KEYS = ['a', 'b', 'c', 'd'] as const;

/** What is read of a layout. */
export interface LayoutSeen {
  readonly name: string;
  readonly health: string;
  readonly panes: readonly { readonly tmux_pane_id: string | null; readonly pid: number | null }[];
}

export async function layoutOf(tower: Tower, name: string): Promise<LayoutSeen> {
  return await tower.client.call<LayoutSeen>('layout.get', { name });
}

export function layoutText(name: string, container: TestContainer): string {
  const panes = BENCH_KEYS.map((key) => ({
    key,
    label: `${name}-${key}`,
    role: 'slave',
    settle: '100ms',
    log: false,
    command: ['sleep', '100000'],
  }));
  const spec = { container: container.name, panes };
  return JSON.stringify({ apiVersion: 'agenttower/v1', kind: 'Layout', metadata: { name }, spec });
}

export async function apply(tower: Tower, text: string): Promise<void> {
  await tower.client.call('manifest.apply', { files: [{ path: '/bench.yaml', text }] });
}

/** Every pane of these layouts has a process. */
export async function untilRunning(tower: Tower, names: ReadonlySet<string>): Promise<void> {
  for (let attempt = 0; attempt < 20_000; attempt += 1) {
    const { items } = await tower.client.call<{ items: readonly LayoutSeen[] }>('layout.list', {});
    const running = items.filter(
      ({ name, panes }) => names.has(name) && panes.every(({ pid }) => pid !== null),
    );
    if (running.length === names.size) return;
    await sleep(2);
  }
  throw new Error('not all panes run');
}

export async function untilSeen(tower: Tower, count: number): Promise<void> {
  for (;;) {
    const { items } = await tower.client.call<{ items: readonly unknown[] }>('container.list', {});
    if (items.length >= count) return;
    await sleep(20);
  }
}

/** The daemon sees what is in this container. */
export async function untilObserved(tower: Tower, container: string): Promise<void> {
  for (;;) {
    const { items } = await tower.client.call<{
      items: readonly { readonly name: string; readonly observed: boolean }[];
    }>('container.list', {});
    if (items.some(({ name, observed }) => name === container && observed)) return;
    await sleep(100);
  }
}

export async function removeAll(tower: Tower): Promise<void> {
  const { items } = await tower.client.call<{ items: readonly LayoutSeen[] }>('layout.list', {});
  const layouts = items.map(({ name }) => ({ name }));
  if (layouts.length > 0) await tower.client.call('manifest.delete', { layouts });
  for (;;) {
    const left = await tower.client.call<{ items: readonly unknown[] }>('layout.list', {});
    if (left.items.length === 0) return;
    await sleep(10);
  }
}

/** A process and all its descendants. */
export function familyOf(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    if (parent !== undefined)
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (pid: number): readonly number[] => [
    pid,
    ...(children.get(pid) ?? []).flatMap((child) => below(child)),
  ];
  return below(root);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Processes and threads started since the machine came up. */
export function forksOf(): number {
  return Number(/^processes (\d+)/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
}
