import type { ErrorObject } from 'ajv/dist/2020.js';

import { ARRANGEMENT_NAMES } from '../domain/arrangement.ts';
import { isSecretKey } from '../domain/events.ts';
import { identifierProblem } from '../domain/ids.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ManifestDocument, Path } from './document.ts';
import {
  ABSOLUTE_PATH_PATTERN,
  ARRANGEMENT_PATTERN,
  CAPABILITY_PATTERN,
  CONTAINER_PATTERN,
  DURATION_PATTERN,
  IDENTIFIER_PATTERN,
  LABEL_PATTERN_PATTERN,
  NAME_GLOB_PATTERN,
  TEMPLATE_NAME_PATTERN,
} from './schemas/fields.ts';
import type { JsonSchema } from './schemas/json-schema.ts';
import type { ProblemText } from './source-text.ts';

export interface PlacedProblem {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly problem: ProblemText;
}

/** Says in words what a schema violation means, and where to point. */
export function explainSchemaError(error: ErrorObject, document: ManifestDocument): PlacedProblem {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  switch (error.keyword) {
    case 'additionalProperties': {
      const field = String(error.params['additionalProperty']);
      return { path: [...path, field], at: 'key', problem: unknownField(error, path, field) };
    }
    case 'propertyNames': {
      const name = String(error.params['propertyName']);
      const message = `${JSON.stringify(name)} cannot be the name of an environment variable`;
      return { path: [...path, name], at: 'key', problem: { message } };
    }
    case 'required': {
      const field = String(error.params['missingProperty']);
      const message = `missing field "${field}" in ${showPath(path)}`;
      return { path, at: 'key', problem: { message } };
    }
    case 'not':
      return twoTargets(path);
    case 'minProperties':
    case 'maxProperties':
      return { path, at: 'key', problem: wrongCount(error, path) };
    default:
      return { path, at: 'value', problem: wrongValue(error, path, document.writtenAt(path)) };
  }
}

/** The only thing that a schema forbids: a container and a choice of containers at once. */
function twoTargets(path: Path): PlacedProblem {
  const message = `${showPath(path)} has both container and containerSelector`;
  const hint = 'keep one: container for a single one, containerSelector for all that match';
  return { path: [...path, 'containerSelector'], at: 'key', problem: { message, hint } };
}

function wrongCount({ keyword, schema, parentSchema }: ErrorObject, path: Path): ProblemText {
  const name = showPath(path);
  const fields = Object.keys((parentSchema as JsonSchema).properties ?? {});
  if (fields.length === 0) return { message: `${name} must have at least ${String(schema)} entry` };
  const count = keyword === 'minProperties' ? 'neither' : 'both';
  return {
    message: `${name} has ${count} of ${fields.join(' and ')}`,
    hint: `give it one: {matchLabels: {KEY: VALUE}} or {nameGlob: "bench-*"}`,
  };
}

/** `spec.panes[0].env`, as messages name a place; the document itself for its root. */
function showPath(path: Path): string {
  if (path.length === 0) return 'the document';
  return path
    .map((step) => (/^\d+$/.test(String(step)) ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

function unknownField({ parentSchema }: ErrorObject, path: Path, field: string): ProblemText {
  const known = Object.keys((parentSchema as JsonSchema).properties ?? {});
  return {
    message: `unknown field ${JSON.stringify(field)} in ${showPath(path)}`,
    hint: didYouMean(field, known) ?? `its fields are ${known.join(', ')}`,
  };
}

function wrongValue(error: ErrorObject, path: Path, written: string | undefined): ProblemText {
  const name = showPath(path);
  switch (error.keyword) {
    case 'type':
      return wrongType(error, path, written);
    case 'enum':
    case 'const': {
      const allowed = allowedValues(error);
      return {
        message: `${name} must be ${allowed.join(', ')}, not ${show(error.data)}`.replace(
          /, ([^,]+), not /,
          ' or $1, not ',
        ),
        hint: didYouMean(String(error.data), allowed),
      };
    }
    case 'pattern':
      return wrongText(error, path);
    case 'minItems':
      return { message: `${name} must have at least one entry` };
    case 'maxItems':
      return { message: `${name} has more than ${String(error.params['limit'])} entries` };
    case 'minLength':
      return { message: `${name} must not be empty` };
    case 'minimum':
    case 'maximum': {
      const bound = error.keyword === 'minimum' ? 'at least' : 'at most';
      return { message: `${name} must be ${bound} ${String(error.params['limit'])}` };
    }
    default:
      return { message: `${name} ${error.message ?? 'is not valid'}` };
  }
}

function allowedValues({ params }: ErrorObject): readonly string[] {
  const values: unknown = params['allowedValues'] ?? [params['allowedValue']];
  return (values as readonly unknown[]).map(String);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  array: 'a list',
  object: 'a mapping',
};

function wrongType(error: ErrorObject, path: Path, written: string | undefined): ProblemText {
  const { data, parentSchema } = error;
  const { type, pattern } = parentSchema as JsonSchema;
  const wanted = Array.isArray(type) ? type[0] : type;
  const name = showPath(path);
  if (data === null) return { message: `${name} is empty`, hint: emptyHint(path, wanted) };
  const words = pattern === DURATION_PATTERN ? 'a duration such as 1s' : TYPE_WORDS[String(wanted)];
  const message = `${name} must be ${words ?? String(wanted)}, not ${show(data, path)}`;
  return { message, hint: typeHint(wanted, data, { path, written, pattern }) };
}

interface Context {
  readonly path: Path;
  readonly written: string | undefined;
  readonly pattern: string | undefined;
}

function typeHint(wanted: unknown, data: unknown, context: Context): string | undefined {
  switch (wanted) {
    case 'string':
      return typeof data === 'object' ? undefined : textHint(data, context);
    case 'array':
      return typeof data === 'string' ? listHint(data) : undefined;
    case 'object':
      return context.path.at(-1) === 'env' ? 'write NAME: "value" below it' : undefined;
    case 'boolean':
      return truthHint(String(data));
    default:
      return undefined;
  }
}

function textHint(data: unknown, { path, written, pattern }: Context): string {
  if (pattern === DURATION_PATTERN && typeof data === 'number') return `write ${data}s`;
  if (isSecret(path)) return 'put it in quotes';
  return `quote it: ${JSON.stringify(written ?? String(data))}`;
}

function truthHint(text: string): string | undefined {
  if (/^(yes|on|y|true)$/i.test(text)) return 'write true';
  if (/^(no|off|n|false)$/i.test(text)) return 'write false';
  return undefined;
}

/** The list that a shell would have made of the words. */
function listHint(text: string): string {
  const words = text.trim().split(/ +/);
  const isPlain = words.every((word) => /^[\w./@%+=-]+$/.test(word) && word.length <= 40);
  return isPlain && words.length <= 8
    ? `write it as a list: [${words.map(toListItem).join(', ')}]`
    : 'write it as a list, one word each, or as [sh, -c, "…"] to have a shell';
}

/** Quoted where YAML would read something else than text: `sleep 1`, `echo yes`. */
function toListItem(word: string): string {
  return /^-{0,2}[A-Za-z./][\w./=-]*$/.test(word) && !YAML_WORDS.test(word)
    ? word
    : JSON.stringify(word);
}

const YAML_WORDS = /^(?:true|false|yes|no|on|off|y|n|null|\.inf|\.nan|\.\d.*)$/i;

function emptyHint(path: Path, wanted: unknown): string | undefined {
  if (wanted !== 'string') return undefined;
  return path.at(-2) === 'env' ? 'write "" for an empty value' : undefined;
}

/** What each pattern asks for. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  [IDENTIFIER_PATTERN]: '1 to 64 of A-Z a-z 0-9 _ . -',
  [TEMPLATE_NAME_PATTERN]: '1 to 64 of A-Z a-z 0-9 _ . + -',
  [CAPABILITY_PATTERN]: '1 to 64 printable characters',
  [CONTAINER_PATTERN]: 'the name or id of a container, without spaces',
  [NAME_GLOB_PATTERN]: 'like the name of a container, with * for any characters and ? for one',
  [LABEL_PATTERN_PATTERN]: 'made of A-Z a-z 0-9 _ . - and the placeholders {ordinal} and {layout}',
  [DURATION_PATTERN]: 'a duration such as 1s, 500ms or 1m30s',
  [ARRANGEMENT_PATTERN]: `${ARRANGEMENT_NAMES.join(', ')} or a tmux layout string`,
};

function wrongText({ data, params }: ErrorObject, path: Path): ProblemText {
  const pattern = String(params['pattern']);
  const name = showPath(path);
  const text = String(data);
  if (pattern === ABSOLUTE_PATH_PATTERN) {
    return {
      message: `${name} must be an absolute path, not ${show(text)}`,
      hint: text.startsWith('~')
        ? '"~" is not expanded: write the path out, or leave the field out to start at home'
        : 'start it with "/"',
    };
  }
  const words = PATTERN_WORDS[pattern] ?? `like ${pattern}`;
  const reason = pattern === IDENTIFIER_PATTERN ? identifierProblem(data) : undefined;
  const detail = reason?.startsWith('length') === true ? ` (${reason})` : '';
  return {
    message: `${name} must be ${words}, not ${show(text)}${detail}`,
    hint: pattern === ARRANGEMENT_PATTERN ? didYouMean(text, ARRANGEMENT_NAMES) : undefined,
  };
}

function isSecret(path: Path): boolean {
  if (path.at(-1) === 'env') return true;
  return path.at(-2) === 'env' && isSecretKey(String(path.at(-1)));
}

function show(value: unknown, path: Path = []): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (isSecret(path)) return `a ${typeof value}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `the value ${value}`;
  const text = typeof value === 'string' ? value : '';
  return JSON.stringify(text.length > 70 ? `${text.slice(0, 70)}…` : text);
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
