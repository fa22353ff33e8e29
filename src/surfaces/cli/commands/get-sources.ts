import { AgentTowerError, refuse } from '../../../domain/errors.ts';
import type { ContainerView, EngineView, SourceView } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import type { Listing } from '../print-rows.ts';
import { listNames } from '../references.ts';
import { toPlainText } from '../render/plain-text.ts';
import { containerColumns, sourceColumns } from '../render/source-table.ts';
import type { CliClient } from '../world.ts';
import type { Selection } from './get-selection.ts';

/** The configured and added sources. Throws `source_not_found` when a name matches none. */
export async function listSources(
  context: CommandContext,
  client: CliClient,
  selection: Pick<Selection, 'name' | 'isWide'>,
): Promise<Listing<SourceView>> {
  const { name, isWide } = selection;
  return {
    rows: name === undefined ? await allSources(client) : [await findSource(client, name)],
    columns: sourceColumns({ wide: isWide, now: context.world.now() }),
    nameOf: (source) => `source/${source.name}`,
    isSingle: name !== undefined,
    empty: 'no sources; add one: agenttower source add dir PATH',
  };
}

/** One source by its name. Throws `source_not_found`. */
export async function findSource(client: CliClient, name: string): Promise<SourceView> {
  const items = await allSources(client);
  const found = items.find((source) => source.name === name);
  if (found !== undefined) return found;
  const known = items.map((source) => source.name);
  throw refuse('source_not_found', `there is no source ${name}; ${listNames(known)}`, {
    name,
    known,
  });
}

/** The containers the daemon knows, the host itself among them. */
export async function listContainers(
  client: CliClient,
  selection: Pick<Selection, 'name'>,
): Promise<Listing<ContainerView>> {
  const { name } = selection;
  const { items } = await callDaemon(client, 'container.list', {});
  const engines = await listEngines(client);
  const rows = items.filter(
    (container) =>
      name === undefined ||
      [container.name, ...longNames(container)].includes(name) ||
      container.id.startsWith(name),
  );
  if (rows.length === 0 && name !== undefined) {
    const message = `there is no container ${name} (agenttower get containers lists them)`;
    throw refuse('container_not_found', message, { container_id: name });
  }
  return {
    rows,
    columns: containerColumns(),
    nameOf: (container) => `container/${container.name}`,
    isSingle: name !== undefined,
    warnings: engines
      .filter(({ state, unused }) => state === 'failed' && !unused)
      .map((engine) => toPlainText(`engine ${engine.name}: ${engine.message}`)),
    empty: 'no containers',
  };
}

/** What the daemon understands besides: the name a container has at its engine is the last part of the one it has here. */
function longNames({ engine, name }: ContainerView): readonly string[] {
  const there = name.slice(name.indexOf(':') + 1);
  return [`${engine}:${there}`, `${engine}/${there}`];
}

/** None for a caller in a container, whom the engines are none of the business of. */
async function listEngines(client: CliClient): Promise<readonly EngineView[]> {
  try {
    return (await callDaemon(client, 'engine.list', {})).items;
  } catch (error) {
    if (error instanceof AgentTowerError && error.code === 'host_only') return [];
    throw error;
  }
}

async function allSources(client: CliClient): Promise<readonly SourceView[]> {
  return (await callDaemon(client, 'source.list', {})).items;
}
