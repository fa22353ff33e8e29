import { nearest } from '../../lib/nearest.ts';
import type { Check, Complaint } from './config-checks.ts';
import type { TomlPath } from './toml-positions.ts';

/** Takes note of one mistake at a place in the file. */
export type Report = (path: TomlPath, complaint: Complaint) => void;

export interface Place {
  readonly path: TomlPath;
  /** How the table is written in the file: `[limits]`; empty for the root. */
  readonly name: string;
}

type Table = Readonly<Record<string, unknown>>;

/**
 * One table of the file, read key by key. What was never asked for when it is closed is unknown and reported,
 * with the nearest key of those that were.
 */
export class Section {
  readonly #table: Table;
  readonly #place: Place;
  readonly #report: Report;
  readonly #known = new Set<string>();

  constructor(table: Table, place: Place, report: Report) {
    this.#table = table;
    this.#place = place;
    this.#report = report;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** The value of `key`; `undefined` when it is missing or was reported as bad. */
  read<T>(key: string, check: Check<T>): T | undefined {
    const value = this.#take(key);
    return value === undefined ? undefined : this.#check([key], value, check);
  }

  /** The same for a list of `min` to `max` elements, the bad ones of which are reported one by one. */
  readList<T>(
    key: string,
    check: Check<T>,
    { min, max }: { readonly min: number; readonly max: number },
  ): readonly T[] | undefined {
    const list = this.#takeList(key, 'a list');
    if (list !== undefined && (list.length < min || list.length > max)) {
      this.report({ message: `${key} must have ${min} to ${max} elements` }, key);
    }
    return list
      ?.map((element, index) => this.#check([key, index], element, check))
      .filter((element) => element !== undefined);
  }

  /** The table `[key]`. */
  readTable(key: string): Section | undefined {
    const value = this.#take(key);
    const name = `[${[...this.#place.path, key].join('.')}]`;
    return value === undefined ? undefined : this.#open([key], value, name);
  }

  /** Every `[[key]]`. */
  readTables(key: string): readonly Section[] {
    const name = `[[${key}]]`;
    const tables = this.#takeList(key, `written as ${name}`) ?? [];
    return tables
      .map((element, index) => this.#open([key, index], element, name))
      .filter((section) => section !== undefined);
  }

  /** Reports a mistake of the table, or of one of its keys. */
  report(complaint: Complaint, key?: string): void {
    this.#reportAt(key === undefined ? [] : [key], complaint);
  }

  /** Keys not asked for so far. */
  unreadKeys(): readonly string[] {
    return Object.keys(this.#table).filter((key) => !this.#known.has(key));
  }

  close(): void {
    const where = this.#place.name === '' ? '' : ` in ${this.#place.name}`;
    for (const key of this.unreadKeys()) {
      const [hint] = nearest(key, this.#known);
      const message = `unknown key "${key}"${where}`;
      this.report(hint === undefined ? { message } : { message, hint }, key);
    }
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.has(key) ? this.#table[key] : undefined;
  }

  #takeList(key: string, wanted: string): readonly unknown[] | undefined {
    const value = this.#take(key);
    if (value === undefined || Array.isArray(value)) return value;
    this.report({ message: `${key} must be ${wanted}` }, key);
    return undefined;
  }

  #check<T>(at: readonly [string, ...number[]], value: unknown, check: Check<T>): T | undefined {
    const result = check(value);
    if (result.ok) return result.value;
    this.#reportAt(at, { ...result.error, message: `${at[0]} ${result.error.message}` });
    return undefined;
  }

  #open(at: readonly [string, ...number[]], value: unknown, name: string): Section | undefined {
    const path = [...this.#place.path, ...at];
    if (isTable(value)) return new Section(value, { path, name }, this.#report);
    this.#reportAt(at, { message: `${at[0]} must be written as ${name}` });
    return undefined;
  }

  #reportAt(at: TomlPath, complaint: Complaint): void {
    this.#report([...this.#place.path, ...at], complaint);
  }
}

/** Dates and numbers wider than a double are objects too, but have a prototype. */
function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}
