import { resolve } from 'node:path';
import type { ManifestFile } from '../../manifest/manifest-file.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './usage-error.ts';

/** What `-` is called in errors and records. */
const STDIN_PATH = '<stdin>';

/** Reads what `-f` names: files, directories of `*.yaml` and `*.yml`, `-` for standard input. */
export async function readManifests(
  context: CommandContext,
  paths: readonly string[],
): Promise<readonly ManifestFile[]> {
  // A file that is named twice, or lies in a directory that is named too, is one file.
  const files = new Map<string, ManifestFile>();
  for (const path of new Set(paths)) {
    const found = await readOne(context, path);
    if (found.length === 0) {
      throw new UsageError(`${path} holds no *.yaml or *.yml file: name another with -f`);
    }
    for (const file of found) files.set(file.path, file);
  }
  return [...files.values()];
}

/** Where a prune may remove what is no longer declared: below the paths typed, and only there. */
export function pruneScope(
  context: CommandContext,
  options: { readonly prune?: boolean; readonly filename?: readonly string[] },
): readonly string[] | undefined {
  if (options.prune !== true) return undefined;
  return options.filename?.map((path) => toRecordedPath(context, path));
}

/** A path as the daemon records it: the same from whatever directory it was typed in. */
function toRecordedPath(context: CommandContext, path: string): string {
  return path === '-' ? STDIN_PATH : resolve(context.world.cwd, path);
}

async function readOne(context: CommandContext, path: string): Promise<readonly ManifestFile[]> {
  // Mostly an unset variable; resolved it would be the current directory.
  if (path === '') throw new UsageError('an empty path was given; name a file or a directory');
  if (path === '-') return [{ path: STDIN_PATH, text: await context.world.stdin() }];
  try {
    return await context.world.readFiles(toRecordedPath(context, path));
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${explainFileFault(cause)}`, { cause });
  }
}

/** Why a file named on the command line could not be read or written. */
export function explainFileFault(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such file or directory';
  if (code === 'EACCES') return 'permission denied';
  return cause instanceof Error ? cause.message : String(cause);
}
