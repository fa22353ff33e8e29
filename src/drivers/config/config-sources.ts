import { basename, isAbsolute, join, normalize } from 'node:path';
import type { SourceConfig } from '../../declare/ports.ts';
import { identifierProblem, isReservedSourceName } from '../../domain/ids.ts';
import { also, duration, flag, oneOf, text } from './config-checks.ts';
import type { Section } from './config-section.ts';

const DIRECTORY_INTERVAL_MS = 30_000;
const GIT_INTERVAL_MS = 60_000;
const interval = duration(1_000, 24 * 3_600_000);
const location = text(4_096);

/** All `[[sources]]`; mistakes are reported and their sources left out. `~/` is `home`. */
export function readSources(sections: readonly Section[], home: string): readonly SourceConfig[] {
  const sources = new Map<string, SourceConfig>();
  for (const section of sections) {
    const source = readSource(section, home);
    if (source === undefined) continue;
    if (sources.has(source.name)) {
      const message = `two sources are named "${source.name}"; give this one a name of its own`;
      section.report({ message }, 'name');
    }
    sources.set(source.name, source);
  }
  return [...sources.values()];
}

function readSource(section: Section, home: string): SourceConfig | undefined {
  if (!section.has('kind')) {
    section.report({ message: 'kind is missing; write kind = "directory" or kind = "git"' });
  }
  const kind = section.read('kind', oneOf(['directory', 'git']));
  if (kind === undefined) return undefined;
  const source = kind === 'directory' ? readDirectory(section, home) : readGit(section, home);
  section.close();
  return source;
}

function readDirectory(section: Section, home: string): SourceConfig | undefined {
  const written = section.read('path', also(location, directoryProblem));
  if (!section.has('path')) section.report({ message: 'path is missing: the directory to watch' });
  const common = readCommon(section, written, DIRECTORY_INTERVAL_MS);
  if (written === undefined || common === undefined) return undefined;
  return {
    kind: 'directory',
    ...common,
    path: withoutSlashes(normalize(expandHome(written, home))),
  };
}

function readGit(section: Section, home: string): SourceConfig | undefined {
  const url = section.read('url', also(location, optionProblem));
  if (!section.has('url')) section.report({ message: 'url is missing: the repository to follow' });
  const branch = section.read('branch', also(text(256), optionProblem)) ?? 'main';
  const path = section.read('path', also(location, insideProblem)) ?? '';
  const common = readCommon(section, url, GIT_INTERVAL_MS);
  if (url === undefined || common === undefined) return undefined;
  return { kind: 'git', ...common, url: expandHome(url, home), branch, path: inside(path) };
}

function readCommon(section: Section, from: string | undefined, defaultIntervalMs: number) {
  const prune = section.read('prune', flag) ?? true;
  const allowEmpty = section.read('allow_empty', flag) ?? false;
  const intervalMs = section.read('interval', interval) ?? defaultIntervalMs;
  const written = section.read('name', also(text(64), nameProblem));
  if (from === undefined) return undefined;
  const name = written ?? nameFrom(from);
  const problem = section.has('name') ? undefined : nameProblem(name);
  if (problem !== undefined) {
    const message = `no name can be made from "${basename(from)}"; give this source a name`;
    section.report({ message });
  }
  return { name, prune, allowEmpty, intervalMs, origin: 'config' } as const;
}

/** The last part of a path or URL, with `.git` off and in the letters a name may have. */
function nameFrom(from: string): string {
  const last =
    from
      .replace(/[/\\]+$/, '')
      .split(/[/:\\]/)
      .at(-1) ?? '';
  return last
    .replace(/\.git$/, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .slice(0, 64);
}

function nameProblem(name: string): string | undefined {
  if (isReservedSourceName(name)) return `must not be "${name}", which stands for something else`;
  const problem = identifierProblem(name);
  return problem === undefined ? undefined : `is not a name: ${problem}`;
}

function directoryProblem(path: string): string | undefined {
  return isAbsolute(path) || path === '~' || path.startsWith('~/')
    ? undefined
    : 'must be absolute or begin with ~/';
}

/** What begins with a dash would be an option of the git command. */
function optionProblem(value: string): string | undefined {
  return value.startsWith('-') ? 'must not begin with a dash' : undefined;
}

function insideProblem(path: string): string | undefined {
  return isAbsolute(path) || normalize(path).split('/').includes('..')
    ? 'must be a directory inside the repository'
    : undefined;
}

function inside(path: string): string {
  const clean = withoutSlashes(normalize(path));
  return clean === '.' ? '' : clean;
}

function withoutSlashes(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function expandHome(path: string, home: string): string {
  if (path === '~') return home;
  return path.startsWith('~/') ? join(home, path.slice(2)) : path;
}
