import type { ContainerRecord } from './containers.ts';
import { type ContainerId, LOCAL_CONTAINER } from './ids.ts';

/** How people, manifests and processes inside name a container, and which of our records that is. */

/** The shortest form of an id that engines themselves show. */
const ID_FORM = /^[0-9a-f]{12,64}$/;

/** The key a container gets at first sight: its name, while no other engine had a container of that name before. */
export function keyFor(
  { engine, name }: Pick<ContainerRecord, 'engine' | 'name'>,
  isTaken: (key: ContainerId) => boolean,
): ContainerId {
  const plain = name as ContainerId;
  if (plain !== LOCAL_CONTAINER && !isTaken(plain)) return plain;
  return `${engine}:${name}` as ContainerId;
}

/**
 * The record meant by `text`: a key, `engine:name` or `engine/name`, an id of 64 or at least 12 digits.
 * `undefined` when there is none, or when an id fits more than one container.
 */
export function findContainer(
  records: readonly ContainerRecord[],
  text: string,
): ContainerRecord | undefined {
  const byKey = records.find(({ key }) => key === text);
  if (byKey !== undefined) return byKey;
  const separator = text.search(/[:/]/);
  if (separator === -1) return findByEngineId(records, text);
  const engine = text.slice(0, separator);
  const name = text.slice(separator + 1);
  return records.find((record) => record.engine === engine && record.name === name);
}

/**
 * The record of the container an engine knows by this id (64 digits, or the first 12 or more of them). One that was
 * renamed is found under its present name. `undefined` when none fits, or more than one.
 */
export function findByEngineId(
  records: readonly ContainerRecord[],
  id: string,
): ContainerRecord | undefined {
  if (!ID_FORM.test(id)) return undefined;
  const fitting = records.filter((record) => record.id.startsWith(id));
  const present = fitting.filter(({ state }) => state !== 'missing');
  const [found, second] = present.length > 0 ? present : fitting;
  return second === undefined ? found : undefined;
}
