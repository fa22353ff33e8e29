import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WAITS = 'exec sleep 100000';

/** Profiles that settle fast; what they do is in their names. */
const PROFILES: Readonly<Record<string, object>> = {
  quick: { command: ['sh', '-c', `echo hello; ${WAITS}`], settle: '100ms' },
  other: { command: ['sh', '-c', `echo other; ${WAITS}`], settle: '100ms', env: { WHO: 'other' } },
  slow: { command: ['sh', '-c', WAITS], settle: '3s' },
  dies: { command: ['sh', '-c', 'exit 7'], settle: '500ms' },
  secret: { command: ['sh', '-c', WAITS], settle: '100ms', env: { API_TOKEN: 's3cr3t-value' } },
};

/** Templates by the label patterns of their panes; all of them are slaves started by `quick`. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  solo: ['{layout}-a'],
  pair: ['{layout}-a', '{layout}-b'],
  trio: ['{layout}-a', '{layout}-b', '{layout}-c'],
  fixed: ['fix{ordinal}'],
  'fixed-later': ['{layout}-a', 'fix1'],
  twins: ['twin', 'twin'],
  spaced: ['a b{ordinal}'],
};

/** Writes the operator's templates and profiles, in the plain form. */
export function writeCatalog(configDir: string): void {
  for (const [name, profile] of Object.entries(PROFILES)) {
    write(join(configDir, 'launch_commands'), `${name}.yaml`, { name, ...profile });
  }
  for (const [name, labels] of Object.entries(TEMPLATES)) {
    writeTemplate(configDir, name, labels, 'quick');
  }
  writeTemplate(configDir, 'orphan', ['{layout}-a'], 'nowhere');
}

/** One template whose panes are slaves started by one profile. */
export function writeTemplate(
  configDir: string,
  name: string,
  labels: readonly string[],
  profile: string,
): void {
  const panes = labels.map((label_pattern) => ({
    role: 'slave',
    capability: 'worker',
    label_pattern,
    default_launch_command_ref: profile,
  }));
  write(join(configDir, 'managed_templates'), `${name}.yaml`, { name, panes });
}

/** JSON is YAML. */
function write(directory: string, name: string, content: object): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), JSON.stringify(content));
}

/** A line of events.jsonl. */
export interface FileEvent {
  readonly seq: number;
  readonly event_id: string;
  readonly event_type: string;
  readonly origin: string;
  readonly actor: string;
  readonly layout_id: string | null;
  readonly pane_id: string | null;
  readonly sequence: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

/** The events file, copies left out. */
export function readEvents(eventsFile: string): readonly FileEvent[] {
  const lines = readFileSync(eventsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as FileEvent);
  return [...new Map(events.map((event) => [event.event_id, event])).values()];
}

/** Numbers that are not one more than those before them, per pane and per layout; empty when all is well. */
export function findSequenceGaps(events: readonly FileEvent[]): readonly string[] {
  const next = new Map<string, number>();
  return events.flatMap(({ layout_id, pane_id, sequence, event_type }) => {
    const key = pane_id ?? layout_id;
    if (key === null) return [];
    const expected = next.get(key) ?? 0;
    next.set(key, sequence + 1);
    return sequence === expected ? [] : [`${key} ${event_type}: ${sequence}, not ${expected}`];
  });
}
