import { type ContainerFilter, leftOutBecause } from '../domain/container-filter.ts';
import { keyFor } from '../domain/container-names.ts';
import type { ContainerListing, ContainerRecord, EngineContainer } from '../domain/containers.ts';

/** How the status begins of a container that is there, but which the filter leaves out. */
export const LEFT_OUT = 'left out: ';
/** The same of one that has another name now, which follows. */
export const RENAMED = 'renamed to ';

export interface ListingInput {
  /** Every container recorded, of whatever engine. */
  readonly records: readonly ContainerRecord[];
  readonly engine: string;
  readonly listing: ContainerListing;
  readonly filter: ContainerFilter;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether another engine answers for the container of this id: `podman` may stand behind the command `docker`. */
  readonly isElsewhere: (id: string) => boolean;
}

export interface MergedListing {
  /** The records of this engine as they are now, those that have gone too. */
  readonly records: readonly ContainerRecord[];
  /** Of them, those that must be written down; what only counts the time since is not. */
  readonly changed: readonly ContainerRecord[];
  /** Why the filter leaves a container out, by its name. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * What a listing changes in the records of its engine. A container is the same one as long as it has its name: made
 * anew it keeps its record and is another incarnation. Nothing is concluded about what could not be described.
 */
export function mergeListing(input: ListingInput): MergedListing {
  const { records, engine, listing, filter, now } = input;
  const taken = new Set(records.map(({ key }) => key));
  const before = new Map(
    records.filter((record) => record.engine === engine).map((record) => [record.name, record]),
  );
  const knownIds = new Set([...before.values()].map(({ id }) => id));
  const undescribed = [...listing.problems.keys()];
  // A container made anew under its name has an id we do not know: any unknown one may be it.
  const anyMayBeBack = undescribed.some((id) => !knownIds.has(id));
  const isDoubtful = ({ id }: ContainerRecord): boolean => anyMayBeBack || listing.problems.has(id);
  const leftOut = new Map<string, string>();
  const listed = new Map<string, ContainerRecord>();
  for (const container of listing.containers) {
    const reason = leftOutBecause(container, filter);
    if (reason !== undefined) leftOut.set(container.name, reason);
    else if (!input.isElsewhere(container.id)) {
      const known = before.get(container.name);
      const key = known?.key ?? keyFor({ engine, name: container.name }, (one) => taken.has(one));
      taken.add(key);
      const firstSeenAt = known?.firstSeenAt ?? now;
      listed.set(container.name, { ...container, key, engine, firstSeenAt, lastScannedAt: now });
    }
  }
  const namesNow = new Map(listing.containers.map(({ id, name }) => [id, name]));
  const unlisted = [...before.values()].filter(({ name }) => !listed.has(name));
  const merged = [
    ...listed.values(),
    ...unlisted.map((record) =>
      afterAbsence(record, {
        now,
        leftOut: leftOut.get(record.name),
        nameNow: namesNow.get(record.id),
        isDoubtful: isDoubtful(record),
      }),
    ),
  ];
  const changed = merged.filter((record) => !isSame(record, before.get(record.name)));
  return { records: merged, changed, leftOut };
}

/** Not in the listing by its name: gone, left out by the filter, renamed, or one that could not be described. */
function afterAbsence(
  record: ContainerRecord,
  {
    now,
    leftOut,
    nameNow,
    isDoubtful,
  }: {
    readonly now: number;
    readonly leftOut: string | undefined;
    readonly nameNow: string | undefined;
    readonly isDoubtful: boolean;
  },
): ContainerRecord {
  const gone: ContainerRecord = { ...record, state: 'missing', lastScannedAt: now };
  if (leftOut !== undefined) return { ...gone, status: `${LEFT_OUT}${leftOut}` };
  if (nameNow !== undefined) return { ...gone, status: `${RENAMED}${nameNow}` };
  return isDoubtful ? { ...record, lastScannedAt: now } : { ...gone, status: 'removed' };
}

/** Alike in all that matters later. While it is there, the engine's status only counts the time since the last change. */
function isSame(now: ContainerRecord, before: ContainerRecord | undefined): boolean {
  return before !== undefined && essence(now) === essence(before);
}

function essence(record: EngineContainer | ContainerRecord): string {
  const { id, image, state, labels, mounts, user, workingDir, startedAt, status } = record;
  const why = state === 'missing' ? status : '';
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id, image, state, why, sorted, mounts, user, workingDir, startedAt]);
}
