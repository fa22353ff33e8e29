import type * as Ajv from 'ajv/dist/2020.js';
import { latePackage } from './late-package.ts';

/** Compiles JSON Schemas (draft 2020-12) into checks, each when it is first needed. */
export type SchemaCompiler = (schema: object) => Ajv.ValidateFunction;

const library = latePackage('ajv/dist/2020.js') as () => typeof Ajv;

/** The library takes 50 ms to load. */
export function openSchemaCompiler(options: Ajv.Options): SchemaCompiler {
  let ajv: Ajv.Ajv2020 | undefined;
  return (schema) => {
    ajv ??= new (library().Ajv2020)(options);
    return ajv.compile(schema);
  };
}
