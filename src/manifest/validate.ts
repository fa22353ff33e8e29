import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { openSchemaCompiler } from '../lib/schema-compiler.ts';
import type { ManifestDocument } from './document.ts';
import { explainSchemaError } from './schema-problem.ts';
import type { JsonSchema } from './schemas/json-schema.ts';
import { type DocumentForm, schemaOf } from './schemas/kinds.ts';

/** How far a document's content can be trusted after its shape was checked. */
export type Shape =
  | 'sound'
  /** Fields are wrong, but every value has the type its field wants. */
  | 'readable'
  | 'broken';

const compileSchema = openSchemaCompiler({
  strict: true,
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
});
const validators = new Map<DocumentForm, ValidateFunction>();

/** Checks a document against the schema of its form and reports each mistake once. */
export function checkShape(document: ManifestDocument, form: DocumentForm): Shape {
  const validate = validatorOf(form);
  if (validate(document.value)) return document.hasProblems() ? 'readable' : 'sound';
  const root = schemaOf(form);
  const errors = withoutEchoes(
    (validate.errors ?? []).filter((error) => !isEmptyField(root, error)),
  );
  for (const error of errors) {
    const { path, problem, at } = explainSchemaError(error, document);
    document.report(path, problem, { at });
  }
  if (errors.some(({ keyword }) => !HARMLESS.has(keyword))) return 'broken';
  return document.hasProblems() ? 'readable' : 'sound';
}

/** Keywords whose violation leaves types as they should be. */
const HARMLESS = new Set([
  'additionalProperties',
  'pattern',
  'enum',
  'propertyNames',
  'minimum',
  'not',
  'minProperties',
  'maxProperties',
]);

function validatorOf(form: DocumentForm): ValidateFunction {
  const known = validators.get(form);
  if (known !== undefined) return known;
  // Compiling takes tens of milliseconds, so only what is used is compiled.
  const validate = compileSchema(schemaOf(form));
  validators.set(form, validate);
  return validate;
}

/** `env:` with nothing behind it is as if the line were not there, unless the field is required. */
function isEmptyField(root: JsonSchema, { data, keyword, schemaPath }: ErrorObject): boolean {
  if (data !== null || (keyword !== 'type' && keyword !== 'enum')) return false;
  const [, path, field] = /^#\/(?:(.*)\/)?properties\/([^/]+)\/[^/]+$/.exec(schemaPath) ?? [];
  if (field === undefined) return false;
  const holder = (path ?? '')
    .split('/')
    .filter((step) => step !== '')
    .reduce<unknown>((schema, step) => (schema as Record<string, unknown>)[step], root);
  return !((holder as JsonSchema).required ?? []).includes(field);
}

/** The first error of each value; a second one about the same value says the same in other words. */
function withoutEchoes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const told = new Set<string>();
  return errors.filter((error) => {
    // A bad name of a property is reported again, and better, by `propertyNames`.
    if (error.propertyName !== undefined && error.keyword !== 'propertyNames') return false;
    if (error.keyword === 'additionalProperties' || error.keyword === 'required') return true;
    const name = error.keyword === 'propertyNames' ? String(error.params['propertyName']) : '';
    const id = `${error.instancePath} ${name}`;
    if (told.has(id)) return false;
    told.add(id);
    return true;
  });
}
