import type { Composer, Document, Parser, YAMLParseError } from 'yaml';

import type { ManifestProblem } from '../domain/errors.ts';
import { MAX_DEPTH, MAX_DOCUMENTS, MAX_ENTRIES } from './limits.ts';
import { lineOf, lineText, type ProblemText, problemAt, type SourceText } from './source-text.ts';
import { yaml } from './yaml.ts';

export type YamlDocument = Document.Parsed;

export interface ParsedText {
  /** Documents without a syntax error, in order. */
  readonly documents: readonly YamlDocument[];
  /** At most one per document: what follows a syntax error is mostly its echo. */
  readonly problems: readonly ManifestProblem[];
  /** The text of what is not among the documents. */
  readonly unread: readonly string[];
}

/** Errors after which a text is not YAML at all and reading on only costs time. */
const HOPELESS = 100;

/** Thrown inside the parse of one text to leave it; never leaves this file. */
class Abandoned extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Splits a text into YAML documents. Bounded in time and memory for any text of permitted size:
 * it stops at the first excess of depth, documents or errors.
 */
export function parseYaml(source: SourceText): ParsedText {
  const documents: YamlDocument[] = [];
  const problems: ManifestProblem[] = [];
  const unread: string[] = [];
  const { composer, firstError } = makeComposer();
  try {
    for (const document of composer.compose(tokensOf(source.text))) {
      if (documents.length + problems.length === MAX_DOCUMENTS) {
        throw new Abandoned(
          document.range[0],
          `the file has more than ${MAX_DOCUMENTS} documents; split it into several files`,
        );
      }
      const [error] = document.errors;
      if (error === undefined) {
        documents.push(document);
        continue;
      }
      problems.push(syntaxProblem(source, error));
      unread.push(source.text.slice(document.range[0], document.range[2]));
    }
    const [stray] = composer.streamInfo().errors;
    if (stray !== undefined) problems.push(syntaxProblem(source, stray));
  } catch (thrown) {
    if (!(thrown instanceof Abandoned)) throw thrown;
    const error = firstError();
    unread.push(source.text);
    problems.push(
      error === undefined
        ? problemAt(source, thrown.offset, { message: thrown.message })
        : syntaxProblem(source, error),
    );
  }
  return { documents, problems, unread };
}

function makeComposer(): {
  composer: Composer;
  firstError: () => YAMLParseError | undefined;
} {
  // Duplicate keys are found later, in linear time; the library compares every pair of keys.
  const composer = new (yaml().Composer)({ uniqueKeys: false, schema: 'core', merge: false });
  // The library collects errors without end, at several microseconds each; its sink is wrapped to count them.
  const report: (...args: unknown[]) => void = composer['onError'];
  let count = 0;
  composer['onError'] = (...args: unknown[]) => {
    report(...args);
    count += 1;
    if (count > HOPELESS) throw new Abandoned(0, 'the file is not YAML');
  };
  return { composer, firstError: () => composer.streamInfo().errors[0] };
}

function* tokensOf(text: string): ReturnType<Parser['parse']> {
  const parser = new (yaml().Parser)();
  let errors = 0;
  for (const lexeme of new (yaml().Lexer)().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') errors += 1;
      if (errors > HOPELESS) throw new Abandoned(token.offset, 'the file is not YAML');
      yield token;
    }
    const excess = excessOf(parser);
    if (excess !== undefined) throw new Abandoned(parser.offset, excess);
  }
  yield* parser.end();
}

/** What the parser has open already is too deep or too long. */
function excessOf({ stack }: Parser): string | undefined {
  // The stack holds the document, its open collections and the scalar being read.
  if (stack.length > MAX_DEPTH + 2) return `nested deeper than ${MAX_DEPTH} levels`;
  const top = stack.at(-1);
  const isTooLong = top !== undefined && 'items' in top && top.items.length > MAX_ENTRIES + 1;
  return isTooLong ? `more than ${MAX_ENTRIES} entries in one place` : undefined;
}

function syntaxProblem(source: SourceText, error: YAMLParseError): ManifestProblem {
  const offset = Math.min(error.pos[0], source.text.length);
  const line = lineText(source, lineOf(source, offset));
  if (error.code === 'TAB_AS_INDENT' || /^ *\t/.test(line)) {
    return problemAt(source, offset, {
      message: 'a tab is used for indentation, which YAML does not allow',
      hint: 'indent with spaces',
    });
  }
  return problemAt(source, offset, explainSyntax(error));
}

/** The parser's own words for what people most often get wrong are hard to understand. */
const PLAIN_WORDS: readonly (readonly [start: string, text: ProblemText])[] = [
  [
    'Nested mappings are not allowed',
    {
      message: 'a second "key: value" on one line',
      hint: 'put quotes around a value that contains ": "',
    },
  ],
  [
    'Implicit keys need to be on a single line',
    {
      message: 'this line is neither "key: value" nor part of the value before it',
      hint: 'check the indentation, and that a ":" follows the key',
    },
  ],
  [
    'Implicit map keys need to be followed by map values',
    { message: 'a key without ":"', hint: 'write "key: value"' },
  ],
  [
    'All mapping items must start at the same column',
    {
      message: 'the indentation does not match the lines before',
      hint: 'keys of one mapping start in the same column',
    },
  ],
  [
    'All sequence items must start at the same column',
    {
      message: 'the indentation does not match the lines before',
      hint: 'the "-" of one list stand in the same column',
    },
  ],
  [
    'Flow sequence in block collection must be',
    { message: 'a list in brackets does not end', hint: 'add ]' },
  ],
  [
    'Flow map in block collection must be',
    { message: 'a mapping in braces does not end', hint: 'add }' },
  ],
  ['Missing closing "quote', { message: 'a text in double quotes does not end', hint: 'add "' }],
  ["Missing closing 'quote", { message: 'a text in single quotes does not end', hint: "add '" }],
];

function explainSyntax({ message }: YAMLParseError): ProblemText {
  const known = PLAIN_WORDS.find(([start]) => message.startsWith(start));
  return known === undefined ? { message: `not valid YAML: ${message.slice(0, 200)}` } : known[1];
}
