import Database from 'better-sqlite3';
import { AgentTowerError } from '../../domain/errors.ts';

interface Trouble {
  readonly problem: string;
  readonly advice: string;
}

/** What a family of SQLite result codes means for a person. Anything else is a mistake of ours. */
const TROUBLES: readonly (readonly [family: string, trouble: Trouble])[] = [
  ['SQLITE_FULL', { problem: 'the disk is full', advice: 'Free some space and try again.' }],
  [
    'SQLITE_READONLY',
    {
      problem: 'the file or its directory is read-only',
      advice: 'Make both writable for this user.',
    },
  ],
  [
    'SQLITE_CORRUPT',
    {
      problem: 'the file is damaged',
      advice: 'Restore a copy, or move the file and its -wal aside to begin with an empty one.',
    },
  ],
  [
    'SQLITE_NOTADB',
    {
      problem: 'the file is not a database',
      advice: 'Move it aside to begin with an empty one, or name another path.',
    },
  ],
  [
    'SQLITE_BUSY',
    {
      problem: 'another process has it open',
      advice: 'End that process; only one daemon may use a database.',
    },
  ],
  [
    'SQLITE_CANTOPEN',
    {
      problem: 'the file cannot be opened',
      advice: 'Check that its directory exists and belongs to this user.',
    },
  ],
  [
    'SQLITE_PERM',
    { problem: 'access was denied', advice: 'Check who owns the file and its directory.' },
  ],
  [
    'SQLITE_IOERR',
    {
      problem: 'reading or writing the file failed',
      advice: 'Check the disk and the kernel log, then try again.',
    },
  ],
];

/**
 * What to throw for a failure of the database at `path`: `database_unusable` when the file or the disk is to blame,
 * the error itself when it is a refused constraint or any other mistake of the program.
 */
export function toDatabaseError(path: string, error: unknown): unknown {
  const trouble = findTrouble(error);
  return trouble === undefined ? error : databaseUnusable(path, trouble, error);
}

/** The same functions, with the failures of the database at `path` as `toDatabaseError` gives them. */
export function withDatabaseErrors<Functions extends object>(
  path: string,
  functions: Functions,
): Functions {
  const guarded = Object.entries(functions).map(([name, inner]) => [
    name,
    (...args: never[]): unknown => {
      try {
        return (inner as (...args: never[]) => unknown)(...args);
      } catch (error) {
        throw toDatabaseError(path, error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Functions;
}

/** `database_unusable` in words: what is wrong with the file, and what to do about it. */
export function databaseUnusable(path: string, trouble: Trouble, cause?: unknown): AgentTowerError {
  const message = `Cannot use the database ${path}: ${trouble.problem}${quoteCause(cause)}. ${trouble.advice}`;
  return new AgentTowerError('database_unusable', message, {
    details: { path, problem: trouble.problem },
    cause,
  });
}

function findTrouble(error: unknown): Trouble | undefined {
  if (!(error instanceof Database.SqliteError)) return undefined;
  return TROUBLES.find(([family]) => error.code.startsWith(family))?.[1];
}

function quoteCause(cause: unknown): string {
  return cause instanceof Error ? ` (${cause.message})` : '';
}
