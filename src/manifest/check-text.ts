import type { ManifestProblem } from '../domain/errors.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { type ProblemText, problemAt, type SourceText } from './source-text.ts';

interface TextRule {
  readonly pattern: RegExp;
  readonly explain: (found: string) => ProblemText;
}

/** Things no YAML parser has a good word for. The first that matches is the file's one problem. */
const RULES: readonly TextRule[] = [
  {
    pattern: /\uFFFD/,
    explain: () => ({
      message: 'the file is not valid UTF-8 here',
      hint: 'save it as UTF-8, or write the character as "\\uFFFD" if it is really meant',
    }),
  },
  {
    // eslint-disable-next-line no-control-regex
    pattern: /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/,
    explain: (found) => ({
      message: `control character U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} is not allowed in a manifest`,
      hint: 'remove it; inside double quotes it can be written as an escape, except NUL',
    }),
  },
  {
    pattern: /^(?:<{7}|>{7}|\|{7})(?= |\r?$)|^={7}(?=\r?$)/m,
    explain: (found) => ({
      message: `a git conflict marker (${found}) was left in the file`,
      hint: 'resolve the conflict, then apply again',
    }),
  },
];

/** Why the text must not even be parsed, or `undefined` when it may be. */
export function textProblem(source: SourceText): ManifestProblem | undefined {
  if (isTooLarge(source.text)) {
    return {
      file: source.path,
      message: 'the file is larger than 1 MiB',
      hint: 'split it into several files',
    };
  }
  for (const { pattern, explain } of RULES) {
    const match = pattern.exec(source.text);
    if (match !== null) return problemAt(source, match.index, explain(match[0]));
  }
  return undefined;
}

function isTooLarge(text: string): boolean {
  return text.length > MAX_FILE_BYTES || new TextEncoder().encode(text).length > MAX_FILE_BYTES;
}
