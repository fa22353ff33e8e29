import { resolve } from 'node:path';
import { type CommandContext, printJson, printLines, printNote } from '../context.ts';
import { callDaemon, type SourceParams, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type OutputFormat, printListing } from '../print-rows.ts';
import { listSources } from './get-sources.ts';

export interface AddSourceOptions {
  readonly name?: string;
  readonly branch?: string;
  readonly path?: string;
  readonly interval?: number;
  readonly prune: boolean;
  readonly allowEmpty?: boolean;
  readonly json?: boolean;
}

/** Adds a directory whose manifests are kept applied. */
export function addDirectory(
  context: CommandContext,
  path: string,
  options: AddSourceOptions,
): Promise<ExitCode> {
  return add(context, options, {
    kind: 'directory',
    path: resolve(context.world.cwd, expandHome(path, context.world.env['HOME'])),
  });
}

/** Adds a Git repository whose manifests are kept applied. */
export function addGit(
  context: CommandContext,
  url: string,
  options: AddSourceOptions,
): Promise<ExitCode> {
  const { branch, path } = options;
  return add(context, options, {
    kind: 'git',
    url: absoluteUrl(url, context.world),
    branch,
    path,
  });
}

async function add(
  context: CommandContext,
  options: AddSourceOptions,
  params: SourceParams,
): Promise<ExitCode> {
  const { name, interval: interval_ms, prune, allowEmpty: allow_empty, json } = options;
  const { source } = await withDaemon(context, (client) =>
    callDaemon(client, 'source.add', { ...params, name, interval_ms, prune, allow_empty }),
  );
  if (json === true) printJson(context, { source });
  else printLines(context, [`source/${source.name} added; see it: agenttower get sources`]);
  return EXIT.done;
}

export async function listAllSources(
  context: CommandContext,
  options: { readonly output?: Exclude<OutputFormat, 'table'> },
): Promise<ExitCode> {
  const format = options.output ?? 'table';
  const listing = await withDaemon(context, (client) =>
    listSources(context, client, { name: undefined, isWide: format === 'wide' }),
  );
  await printListing(context, listing, format);
  return EXIT.done;
}

/** Withdraws a source; what happens to its layouts is the daemon's answer. */
export async function removeSource(
  context: CommandContext,
  name: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'source.remove', { name: withoutKind(name) }),
  );
  if (options.json === true) printJson(context, result);
  else printLines(context, [`source/${result.name} removed`]);
  if (result.layouts > 0 && options.json !== true) {
    const what =
      result.layouts === 1 ? '1 layout, which runs' : `${result.layouts} layouts, which run`;
    printNote(context, `it declared ${what} on; to end one: agenttower delete layout/NAME`);
  }
  return EXIT.done;
}

/** `source/NAME` is what lists print; it is taken back wherever a source is named. */
export function withoutKind(name: string): string {
  return name.replace(/^sources?\//, '');
}

function expandHome(path: string, home: string | undefined): string {
  return home !== undefined && (path === '~' || path.startsWith('~/'))
    ? home + path.slice(1)
    : path;
}

/**
 * A path on this machine must not depend on where the daemon was started. As git reads it, what has no colon before
 * its first slash is a path.
 */
function absoluteUrl(url: string, { cwd, env }: CommandContext['world']): string {
  const isPath = url !== '' && !/^[^/]*:/.test(url);
  return isPath ? resolve(cwd, expandHome(url, env['HOME'])) : url;
}
