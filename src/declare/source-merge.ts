import { refuse } from '../domain/errors.ts';
import { canonicalJson } from '../lib/hash.ts';
import type { SourceConfig, SourceRecord } from './ports.ts';
import { UNTRIED } from './source-status.ts';

export interface MergedSources {
  /** The sources to run, ordered by name. */
  readonly records: readonly SourceRecord[];
  /** Those among them that the store does not have in this form. */
  readonly changed: readonly SourceRecord[];
  /** Stored ones that no longer stand in the configuration file. */
  readonly removed: readonly SourceRecord[];
}

/**
 * Brings the stored sources in line with those of the configuration file.
 * @throws {AgentTowerError} `source_exists` when a name is used twice.
 */
export function mergeSources(
  stored: readonly SourceRecord[],
  configured: readonly SourceConfig[],
): MergedSources {
  const names = new Set<string>();
  for (const { name } of configured) {
    if (names.has(name)) throw exists(name, 'the configuration file has two sources of that name');
    names.add(name);
  }
  const known = new Map(stored.map((record) => [record.config.name, record]));
  const fromFile = configured.map((config) => adopt(config, known.get(config.name)));
  const others = stored.filter(({ config }) => !names.has(config.name));
  const added = others.filter(({ config }) => config.origin === 'command');
  return {
    records: [...fromFile, ...added].toSorted((a, b) => (a.config.name < b.config.name ? -1 : 1)),
    changed: fromFile.filter(
      (record) => canonicalJson(record) !== canonicalJson(known.get(record.config.name)),
    ),
    removed: others.filter(({ config }) => config.origin === 'config'),
  };
}

function adopt(config: SourceConfig, known: SourceRecord | undefined): SourceRecord {
  if (known === undefined) return { config, status: UNTRIED };
  const isSamePlace = placeOf(known.config) === placeOf(config);
  if (known.config.origin === 'command' && !isSamePlace) {
    throw exists(
      config.name,
      'it stands in the configuration file and was added by command with another place; rename the one in the file',
    );
  }
  // Revisions of another place say nothing about this one.
  return { config, status: isSamePlace ? known.status : UNTRIED };
}

function placeOf(config: SourceConfig): string {
  return config.kind === 'git'
    ? canonicalJson([config.url, config.branch, config.path])
    : canonicalJson([config.path]);
}

function exists(name: string, why: string): Error {
  return refuse('source_exists', `source ${name}: ${why}`, { name });
}
