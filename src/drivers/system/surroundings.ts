import { readFileSync } from 'node:fs';
import type { Surroundings } from '../../domain/surroundings.ts';
import { containerIdsIn } from './cgroup.ts';
import { isInContainer, kindOf, overrideProblem, ownCgroup } from './client-socket.ts';
import type { Environment } from './paths.ts';

/** Looks, and writes nothing. */
export function observeSurroundings(env: Environment): Surroundings {
  const override = env['AGENTTOWER_SOCKET'];
  const socketProblem = override === undefined ? undefined : overrideProblem(override);
  return {
    ...(socketProblem !== undefined && { socketProblem }),
    isInContainer: isInContainer(),
    containerIds: findCandidates(env),
    ancestors: readAncestors(process.pid),
    kindOf,
  };
}

function findCandidates(env: Environment): readonly string[] {
  const told = env['AGENTTOWER_CONTAINER_ID'] ?? '';
  if (told !== '') return [told];
  const ids = containerIdsIn(ownCgroup());
  if (ids.length > 0) return ids;
  const named = [readText('/etc/hostname').trim(), env['HOSTNAME'] ?? ''];
  return named.filter((name) => name !== '').slice(0, 1);
}

/** Process 1 ends it, and so does a process that ended meanwhile. */
function readAncestors(pid: number): readonly number[] {
  const [, parent = ''] = /^PPid:\s*(\d+)$/m.exec(readText(`/proc/${pid}/status`)) ?? [];
  return [pid, ...(Number(parent) > 0 ? readAncestors(Number(parent)) : [])];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
