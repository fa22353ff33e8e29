export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** Keys of tables and indices of arrays, from the root. */
export type TomlPath = readonly (string | number)[];

/**
 * Finds where things stand in a TOML document that has parsed without error. The answer for a path that is not
 * written there (a missing key) is the position of what would contain it; the root is at 1:1.
 */
export function locateToml(text: string): (path: TomlPath) => Position {
  const offsets = new PositionScanner(text).scan();
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const offset = offsets.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return positionAt(text, offset);
    }
    return { line: 1, column: 1 };
  };
}

function positionAt(text: string, offset: number): Position {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return { line: text.slice(0, offset).split('\n').length, column: offset - lineStart + 1 };
}

function keyOf(path: TomlPath): string {
  return JSON.stringify(path);
}

/** Walks the grammar just far enough to know which path every key and array element has. */
class PositionScanner {
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  /** How many `[[…]]` of each path were seen. */
  readonly #tables = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ReadonlyMap<string, number> {
    let table: TomlPath = [];
    for (this.#skipBlank(); this.#at < this.#text.length; this.#skipBlank()) {
      if (this.#peek() === '[') table = this.#header();
      else this.#moving(() => this.#entry(table));
    }
    return this.#offsets;
  }

  #header(): TomlPath {
    const start = this.#at;
    const isArray = this.#text.startsWith('[[', start);
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys();
    this.#at += isArray ? 2 : 1;
    let path: TomlPath = [];
    for (const [depth, key] of keys.entries()) {
      path = [...path, key];
      this.#record(path, start);
      const name = keyOf(path);
      if (isArray && depth === keys.length - 1) {
        this.#tables.set(name, (this.#tables.get(name) ?? 0) + 1);
      }
      const count = this.#tables.get(name);
      if (count !== undefined) path = [...path, count - 1];
    }
    this.#record(path, start);
    return path;
  }

  #entry(table: TomlPath): void {
    const start = this.#at;
    let path = table;
    for (const key of this.#keys()) {
      path = [...path, key];
      this.#record(path, start);
    }
    if (this.#peek() === '=') this.#at += 1;
    this.#skipSpace();
    this.#value(path);
  }

  /** A dotted key and the space around it. */
  #keys(): readonly string[] {
    const keys: string[] = [];
    for (;;) {
      this.#skipSpace();
      keys.push(this.#key());
      this.#skipSpace();
      if (this.#peek() !== '.') return keys;
      this.#at += 1;
    }
  }

  #key(): string {
    const quote = this.#peek();
    if (quote === '"' || quote === "'") {
      const start = this.#at;
      this.#skipString();
      const written = this.#text.slice(start, this.#at);
      return quote === "'" ? written.slice(1, -1) : unescape(written);
    }
    return this.#skip(/[A-Za-z0-9_-]*/y);
  }

  #value(path: TomlPath): void {
    const first = this.#peek();
    if (first === '[') this.#array(path);
    else if (first === '{') this.#inlineTable(path);
    else if (first === '"' || first === "'") this.#skipString();
    else this.#skip(/[^,\]}#\n]*/y);
  }

  #array(path: TomlPath): void {
    this.#at += 1;
    for (let index = 0; !this.#hasClosed(']'); index += 1) {
      const element = [...path, index];
      this.#record(element, this.#at);
      this.#moving(() => this.#value(element));
    }
  }

  #inlineTable(path: TomlPath): void {
    this.#at += 1;
    while (!this.#hasClosed('}')) this.#moving(() => this.#entry(path));
  }

  /** A step that goes on even where the text turns out not to be TOML. */
  #moving(step: () => void): void {
    const before = this.#at;
    step();
    if (this.#at === before) this.#at += 1;
  }

  #hasClosed(bracket: string): boolean {
    this.#skipBlank();
    if (this.#peek() === ',') this.#at += 1;
    this.#skipBlank();
    const hasClosed = this.#peek() === bracket || this.#at >= this.#text.length;
    if (hasClosed) this.#at += 1;
    return hasClosed;
  }

  #skipString(): void {
    this.#skip(
      /"""(?:\\[^]|[^\\])*?"{3,5}(?!")|'''[^]*?'{3,5}(?!')|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|["']/y,
    );
  }

  #skipSpace(): void {
    this.#skip(/[ \t]*/y);
  }

  /** Space, line breaks and comments. */
  #skipBlank(): void {
    this.#skip(/(?:[ \t\r\n\ufeff]+|#[^\n]*)*/y);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const matched = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += matched.length;
    return matched;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #record(path: TomlPath, offset: number): void {
    const name = keyOf(path);
    if (!this.#offsets.has(name)) this.#offsets.set(name, offset);
  }
}

/** Good enough for a key: TOML's escapes beyond JSON's are rare there, and then only a position is less exact. */
function unescape(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
