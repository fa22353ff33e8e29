import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { TestContainer, TestContainers } from '../tests/support/docker.ts';

/** Makes a container hang, and lets it go on; both do nothing when it is so already. */
export interface WayToHang {
  hang(): Promise<void>;
  goOn(): Promise<void>;
}

/** `tmux`: its tmux server is stopped. `shim`: what the engine talks to is, so that `docker exec` hangs. `pause`: all of it is, by the engine. */
const WAYS = ['tmux', 'shim', 'pause'] as const;

/** The way that BENCH_HANG_BY names. */
export function wayToHang(victim: TestContainer, containers: TestContainers): WayToHang {
  const name = WAYS.find((way) => way === (process.env['BENCH_HANG_BY'] ?? 'tmux'));
  if (name === undefined) throw new Error(`BENCH_HANG_BY is one of ${WAYS.join(', ')}`);
  return { tmux: byTmux, shim: byShim, pause: byPause }[name](victim, containers);
}

function byTmux(victim: TestContainer): WayToHang {
  const signal = async (name: string): Promise<void> => {
    await victim.exec('pkill', `-${name}`, '-f', '^tmux: server|^tmux .*new-session');
  };
  return { hang: () => signal('STOP'), goOn: () => signal('CONT') };
}

function byShim(victim: TestContainer): WayToHang {
  const signal = async (name: string): Promise<void> => {
    execFileSync('kill', [`-${name}`, String(parentOf(await victim.pid()))]);
  };
  return { hang: () => signal('STOP'), goOn: () => signal('CONT') };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function byPause({ id }: TestContainer, containers: TestContainers): WayToHang {
  let isPaused = false;
  const turn = async (toPaused: boolean): Promise<void> => {
    if (isPaused !== toPaused) await containers.cli(toPaused ? 'pause' : 'unpause', id);
    isPaused = toPaused;
  };
  return { hang: () => turn(true), goOn: () => turn(false) };
}
