import type { Config, EngineEndpoint } from '../drivers/config/config.ts';
import { type CliEngine, openCliEngine } from '../drivers/engines/cli-engine.ts';
import { findProgram } from '../drivers/system/find-program.ts';
import type { Clock } from '../lib/clock.ts';

export interface ChosenEngine {
  readonly engine: CliEngine;
  /** Nobody named it: its command was found on this machine. */
  readonly isImplicit: boolean;
  /** It runs on this machine as far as its endpoint tells, so that what containers mount are files of ours. */
  readonly isOnThisMachine: boolean;
}

const ON_THIS_MACHINE = ['docker', 'podman'] as const;

/**
 * The container engines this daemon asks, in order of precedence: those `[engines] enabled` names, else every
 * configured endpoint after Docker and Podman, as far as their commands are on PATH. The host itself needs none.
 */
export function openEngines(
  { enabled, endpoints }: Config['engines'],
  {
    env,
    clock,
  }: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly clock: Clock;
  },
): readonly ChosenEngine[] {
  const configured = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
  const found = ON_THIS_MACHINE.filter(
    (name) => configured.has(name) || findProgram(name, env) !== undefined,
  );
  const names = enabled ?? [...new Set([...found, ...configured.keys()])];
  return names.flatMap((name) => {
    const builtIn = ON_THIS_MACHINE.find((kind) => kind === name);
    const endpoint = configured.get(name) ?? (builtIn && { name, kind: builtIn });
    if (endpoint === undefined) return [];
    const isImplicit = enabled === undefined && !configured.has(name);
    const engine = openCliEngine({ ...endpoint, env, clock });
    return [{ engine, isImplicit, isOnThisMachine: isOnThisMachine(endpoint, env) }];
  });
}

/** What a context of the engine's own stands for is not known here: it counts as another machine. */
function isOnThisMachine(
  { kind, host, context }: Omit<EngineEndpoint, 'name'>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (context !== undefined) return false;
  const variable = kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST';
  const where = host ?? env[variable] ?? '';
  return where === '' || where.startsWith('unix://');
}
