import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { refuse } from '../../domain/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { openSchemaCompiler } from '../../lib/schema-compiler.ts';
import type { Access, CallContext, Method, Params } from './method.ts';

export interface MethodDefinition<P> {
  readonly access: Access;
  /** JSON Schema (draft 2020-12) of the params. Nothing is coerced or filled in. Without it, params are not looked at. */
  readonly schema?: Readonly<Record<string, unknown>>;
  run(params: P, context: CallContext): unknown;
  readonly maxBytes?: number;
  readonly streams?: true;
  /** What params of the wrong shape are refused with; default `validation_failed`. */
  readonly wrongShape?: ShapeCode;
}

type ShapeCode = 'validation_failed' | 'bad_request' | 'events_filter_invalid';

/** A method whose params are checked against its schema before it runs; `P` is the schema as a type. */
export function defineMethod<P>(definition: MethodDefinition<P>): Method {
  const { access, schema, maxBytes, streams, wrongShape = 'validation_failed' } = definition;
  let validate: ValidateFunction | undefined;
  return {
    access,
    run(params, context) {
      if (schema !== undefined) {
        validate ??= compileSchema(schema);
        checkParams(validate, params, wrongShape);
      }
      return definition.run(params as P, context);
    },
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(streams === undefined ? {} : { streams }),
  };
}

/** As `defineMethod`, for the methods about agents, whose clients know a wrong shape as `bad_request`. */
export function defineAgentMethod<P>(definition: Omit<MethodDefinition<P>, 'wrongShape'>): Method {
  return defineMethod({ ...definition, wrongShape: 'bad_request' });
}

const compileSchema = openSchemaCompiler({ strict: true, allErrors: false, verbose: true });

function checkParams(validate: ValidateFunction, params: Params, code: ShapeCode): void {
  if (validate(params)) return;
  const [error] = validate.errors ?? [];
  if (error === undefined) return;
  const field = fieldOf(error);
  const reason = reasonOf(error);
  throw refuse(code, `params: ${field === '' ? '' : `${field} `}${reason}`, { field, reason });
}

/** Dotted path of the field that is wrong: `selector.labels.0`; empty for the params as a whole. */
function fieldOf(error: ErrorObject): string {
  const parts = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { missingProperty, additionalProperty } = error.params as Record<string, unknown>;
  const last = missingProperty ?? additionalProperty;
  return (typeof last === 'string' ? [...parts, last] : parts).join('.');
}

function reasonOf(error: ErrorObject): string {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return `is not known${hintOf(String(params['additionalProperty']), error.parentSchema)}`;
    case 'enum':
      return `must be one of: ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    case 'minLength':
      return params['limit'] === 1 ? 'must not be empty' : (error.message ?? 'is too short');
    default:
      return error.message ?? 'is not valid';
  }
}

function hintOf(field: string, schema: ErrorObject['parentSchema']): string {
  const [meant] = nearest(field, Object.keys((schema?.['properties'] as object) ?? {}));
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
