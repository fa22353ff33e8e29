import { err, ok, type Result } from '../lib/result.ts';
import { didYouMean } from './did-you-mean.ts';
import type { JsonSchema } from './schemas/json-schema.ts';
import { KINDS, schemaOf } from './schemas/kinds.ts';

/** What a field is for, as `explain` shows it. */
export interface Explanation {
  /** The path with the spelling of the schema: `Layout.spec.panes.command`. */
  readonly path: string;
  /** `string`, `boolean`, `integer`, `object`, `[]string`, `[]object`, `map[string]string`. */
  readonly type: string;
  readonly description: string;
  /** All values it can have, when they are few. */
  readonly values?: readonly string[];
  readonly default?: unknown;
  readonly fields?: readonly ExplainedField[];
}

export interface ExplainedField {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly required: boolean;
  readonly default?: unknown;
}

export interface ExplainProblem {
  readonly message: string;
  readonly hint?: string;
}

/** Explains `layout`, `layout.spec.panes.command`, …; lists are passed through, the kind's case does not matter. */
export function explainPath(path: string): Result<Explanation, ExplainProblem> {
  const [first = '', ...steps] = path
    .replaceAll(/\[\d*\]/g, '')
    .split('.')
    .filter((step) => step !== '');
  const kind = KINDS.find((name) => first.toLowerCase().replace(/s$/, '') === name.toLowerCase());
  if (kind === undefined) {
    return refused(`unknown kind ${JSON.stringify(first)}`, first, KINDS);
  }
  let schema = schemaOf(kind);
  const shown: string[] = [kind];
  for (const step of steps) {
    const holder = elementOf(schema);
    const next = holder.properties?.[step] ?? anyField(holder);
    if (next === undefined) {
      const fields = Object.keys(holder.properties ?? {});
      return refused(`${shown.join('.')} has no field ${JSON.stringify(step)}`, step, fields);
    }
    schema = next;
    shown.push(step);
  }
  return ok(explanation(shown.join('.'), schema));
}

function explanation(path: string, schema: JsonSchema): Explanation {
  const { properties, required = [] } = elementOf(schema);
  return {
    path,
    type: typeOf(schema),
    description: schema.description ?? '',
    ...(schema.enum === undefined ? {} : { values: schema.enum }),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(properties === undefined ? {} : { fields: toFields(properties, required) }),
  };
}

function toFields(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): readonly ExplainedField[] {
  return Object.entries(properties).map(([name, field]) => ({
    name,
    type: typeOf(field),
    description: field.description ?? '',
    required: required.includes(name),
    ...(field.default === undefined ? {} : { default: field.default }),
  }));
}

/** The schema of a list's items; anything else is its own. */
function elementOf(schema: JsonSchema): JsonSchema {
  return schema.items ?? schema;
}

function anyField({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function typeOf(schema: JsonSchema): string {
  if (schema.items !== undefined) return `[]${typeOf(schema.items)}`;
  const values = anyField(schema);
  if (values !== undefined) return `map[string]${typeOf(values)}`;
  return typeof schema.type === 'string' ? schema.type : 'string';
}

function refused(
  message: string,
  written: string,
  known: readonly string[],
): Result<never, ExplainProblem> {
  if (known.length === 0) return err({ message, hint: 'it has no fields' });
  return err({ message, hint: didYouMean(written, known) ?? `there are ${known.join(', ')}` });
}
