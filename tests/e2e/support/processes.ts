import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../../support/until.ts';

/** Kills every process that was started with this HOME, stopped ones too: a fresh directory tells them from all others. */
export async function killProcessesOf(home: string): Promise<void> {
  if (home === '') return;
  await until(
    () => {
      const pids = findProcesses(home);
      for (const pid of pids) kill(pid);
      return pids.length === 0;
    },
    { timeoutMs: 10_000, label: `no process of ${home} is left` },
  );
}

function findProcesses(home: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(`HOME=${home}`));
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** Whether the process is there and no zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
