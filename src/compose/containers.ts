import type { ContainerRecord } from '../domain/containers.ts';
import { type AgentTowerError, refuse } from '../domain/errors.ts';
import { type ContainerId, LOCAL_CONTAINER } from '../domain/ids.ts';
import type { Observation } from '../domain/observed.ts';
import { lifeOf } from '../reconcile/container-life.ts';
import type { Controller } from '../reconcile/controller.ts';
import type { EngineStatus, Registry } from '../reconcile/registry.ts';
import type { ContainerView } from '../surfaces/api/protocol.ts';

/** The host and everybody's containers, as requests name them and answers show them. */
export interface Containers {
  /** The container meant by a key, name, `engine:name`, or id of 12 to 64 digits. */
  readonly resolve: (name: string) => ContainerId | undefined;
  /** For messages. */
  readonly known: () => readonly string[];
  /** The record of an engine's container; `undefined` for the host. */
  readonly record: (container: ContainerId) => ContainerRecord | undefined;
  /** What clients of the socket know it by. */
  readonly wireId: (container: ContainerId) => string;
  /** Why nothing can be started in it now, as far as is known: a probe that failed refuses nothing. */
  readonly problem: (container: ContainerId) => AgentTowerError | undefined;
  readonly views: (looks: Looks) => readonly Omit<ContainerView, 'layouts'>[];
}

/** What the loop has seen last, and why it came to nothing if it did. */
type Looks = Pick<Controller, 'lastObservation' | 'lastFailure'>;

/** Reads the registry; keeps nothing itself. */
export function readContainers(registry: Registry): Containers {
  return {
    resolve: (name) => (name === LOCAL_CONTAINER ? LOCAL_CONTAINER : registry.find(name)?.key),
    known: () => [LOCAL_CONTAINER, ...registry.list().map(({ key }) => key)],
    record: (container) => registry.get(container),
    wireId: (container) => registry.get(container)?.id ?? container,
    problem: (container) => findProblem(container, registry),
    views: ({ lastObservation, lastFailure }) => [
      withFailure(toLocalView(lastObservation(LOCAL_CONTAINER)), lastFailure(LOCAL_CONTAINER)),
      ...registry
        .list()
        .map((record) =>
          withFailure(
            toView(record, registry.engineOf(record.key), lastObservation(record.key)),
            lastFailure(record.key),
          ),
        ),
    ],
  };
}

/** A look that could not be recorded is none: what stands in the records may be long past. */
function withFailure(view: View, problem: string | undefined): View {
  return problem === undefined ? view : { ...view, observed: false, message: problem };
}

type View = Omit<ContainerView, 'layouts'>;

function findProblem(container: ContainerId, registry: Registry): AgentTowerError | undefined {
  const record = registry.get(container);
  const engine = registry.engineOf(container);
  if (record === undefined) return undefined;
  if (engine === undefined) return unavailable(`this daemon does not use ${record.engine}`);
  const { answer } = engine;
  if (answer.kind === 'failed') {
    return answer.problem.code === 'docker_unavailable'
      ? unavailable(answer.problem.message)
      : undefined;
  }
  if (answer.kind === 'none' || record.state === 'running') return undefined;
  const life = lifeOf(record, 0);
  const why = 'message' in life ? life.message : `container ${container} does not run`;
  const message = `${why}; nothing can be started in it before`;
  return refuse('container_inactive', message, { container_id: record.id });
}

function unavailable(message: string): AgentTowerError {
  return refuse('docker_unavailable', message, {});
}

function toLocalView(observation: Observation | undefined): Omit<ContainerView, 'layouts'> {
  return {
    id: LOCAL_CONTAINER,
    name: LOCAL_CONTAINER,
    engine: 'local',
    image: '',
    state: 'running',
    observed: observation?.kind === 'seen',
    message: describe(observation),
  };
}

function toView(
  record: ContainerRecord,
  engine: EngineStatus | undefined,
  observation: Observation | undefined,
): Omit<ContainerView, 'layouts'> {
  const { key, id, image, state, status } = record;
  const failure = engine?.answer.kind === 'failed' ? engine.answer.problem.message : undefined;
  const unused = engine === undefined ? `this daemon does not use ${record.engine}` : undefined;
  return {
    id,
    name: key,
    engine: record.engine,
    image,
    state,
    observed: observation?.kind === 'seen',
    message: failure ?? unused ?? (state === 'running' ? describe(observation) : status),
  };
}

function describe(observation: Observation | undefined): string {
  if (observation === undefined) return 'nothing is declared here yet';
  return observation.kind === 'seen' ? '' : observation.message;
}
