import { parse, TomlError } from 'smol-toml';
import { AgentTowerError, type ManifestProblem } from '../../domain/errors.ts';
import { redactUrls } from '../../lib/redact-url.ts';
import { BUILT_IN_ENGINES, type Config, DEFAULT_CONFIG, type EngineEndpoint } from './config.ts';
import { also, type Complaint, duration, oneOf, text, wholeNumber } from './config-checks.ts';
import { Section } from './config-section.ts';
import { readSources } from './config-sources.ts';
import { locateToml, type Position, type TomlPath } from './toml-positions.ts';

export interface ConfigText {
  /** Path the text is known by in errors. */
  readonly file: string;
  readonly text: string;
  /** What `~` stands for. */
  readonly home: string;
}

/** Parses config.toml. Throws `config_invalid` with every mistake in it, in the order of the file. */
export function parseConfig({ file, text, home }: ConfigText): Config {
  const table = parseToml(file, text);
  const locate = locateToml(text);
  const problems: ManifestProblem[] = [];
  const root = new Section(table, { path: [], name: '' }, (path: TomlPath, complaint) => {
    problems.push(problemAt(file, text, locate(path), complaint));
  });
  const config: Config = {
    containers: readContainers(root.readTable('containers')),
    engines: readEngines(root.readTable('engines')),
    limits: readLimits(root.readTable('limits')),
    loop: readLoop(root.readTable('loop')),
    sources: readSources(root.readTables('sources'), home),
  };
  root.close();
  if (problems.length > 0) throw configInvalid(file, problems);
  return config;
}

/** The error for a file with these mistakes. */
export function configInvalid(
  file: string,
  problems: readonly ManifestProblem[],
  cause?: unknown,
): AgentTowerError<'config_invalid'> {
  const sorted = problems.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const lines = sorted.map((problem) => {
    const place = problem.line === undefined ? file : `${file}:${problem.line}:${problem.column}`;
    const hint = problem.hint === undefined ? '' : `; did you mean "${problem.hint}"?`;
    return `${place}: ${problem.message}${hint}`;
  });
  return new AgentTowerError('config_invalid', lines.join('\n'), {
    details: { file, problems: sorted },
    cause,
  });
}

function parseToml(file: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded', maxDepth: 32 });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [first = ''] = error.message.split('\n');
    const message = `not valid TOML: ${first.replace(/^Invalid TOML document: /, '')}`;
    throw configInvalid(file, [problemAt(file, text, error, { message })], error);
  }
}

function problemAt(
  file: string,
  text: string,
  { line, column }: Position,
  complaint: Complaint,
): ManifestProblem {
  const written = (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
  return { file, line, column, text: redactUrls(written), ...complaint };
}

function readContainers(section: Section | undefined): Config['containers'] {
  const nameContains = section?.readList('name_contains', text(128), { min: 1, max: 32 });
  // Older files have it; containers are watched, not scanned at an interval.
  section?.read('scan_interval_seconds', wholeNumber(1, 86_400));
  const labels =
    section?.readList('labels', also(text(1_024), labelProblem), { min: 0, max: 32 }) ?? [];
  section?.close();
  // Who chooses by label alone means every name.
  const names = labels.length === 0 ? DEFAULT_CONFIG.containers.nameContains : [];
  return { nameContains: nameContains ?? names, labels };
}

function labelProblem(label: string): string | undefined {
  return label.startsWith('=') ? 'must be written key or key=value' : undefined;
}

function readEngines(section: Section | undefined): Config['engines'] {
  if (section === undefined) return DEFAULT_CONFIG.engines;
  const written = section.has('enabled') ? ['enabled'] : [];
  const names = section.unreadKeys().filter((key) => !written.includes(key));
  const known = [...BUILT_IN_ENGINES, ...names];
  const enabled = section.readList('enabled', oneOf(known), { min: 1, max: 64 });
  const endpoints = names.flatMap((name) => readEndpoint(name, section.readTable(name)));
  return enabled === undefined ? { endpoints } : { enabled: [...new Set(enabled)], endpoints };
}

const ENDPOINT_KINDS = ['docker', 'podman'] as const;

function readEndpoint(name: string, section: Section | undefined): readonly EngineEndpoint[] {
  if (section === undefined) return [];
  if (name === 'local')
    section.report({ message: 'local is this host itself; it has no endpoint' });
  if (!section.has('kind')) {
    section.report({ message: 'kind is missing; write kind = "docker" or kind = "podman"' });
  }
  const kind = section.read('kind', oneOf(ENDPOINT_KINDS));
  const host = section.read('host', also(text(1_024), hostProblem));
  const context = section.read('context', text(256));
  if (host !== undefined && context !== undefined) {
    section.report({ message: 'host and context exclude each other' }, 'context');
  }
  section.close();
  if (kind === undefined) return [];
  const where = host === undefined ? {} : { host };
  return [{ name, kind, ...where, ...(context === undefined ? {} : { context }) }];
}

function hostProblem(host: string): string | undefined {
  return /^(ssh|tcp|unix):\/\/./.test(host)
    ? undefined
    : 'must begin with ssh://, tcp:// or unix://';
}

function readLimits(section: Section | undefined): Config['limits'] {
  const managedLayouts = section?.read('managed_layouts', wholeNumber(1, 10_000));
  section?.close();
  return { managedLayouts: managedLayouts ?? DEFAULT_CONFIG.limits.managedLayouts };
}

function readLoop(section: Section | undefined): Config['loop'] {
  const resyncMs = section?.read('resync', duration(100, 3_600_000));
  section?.close();
  return { resyncMs: resyncMs ?? DEFAULT_CONFIG.loop.resyncMs };
}
