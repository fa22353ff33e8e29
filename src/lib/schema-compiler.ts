import { createRequire } from 'node:module';
import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js';

/** Compiles JSON Schemas (draft 2020-12) into checks, each when it is first needed. */
export type SchemaCompiler = (schema: object) => ValidateFunction;

/** The library is loaded with the first schema: it takes 50 ms, and whoever starts has to wait for nothing it checks. */
export function openSchemaCompiler(options: Options): SchemaCompiler {
  let ajv: Ajv2020 | undefined;
  return (schema) => {
    ajv ??= load(options);
    return ajv.compile(schema);
  };
}

function load(options: Options): Ajv2020 {
  const library = createRequire(import.meta.url)('ajv/dist/2020.js') as {
    readonly Ajv2020: typeof Ajv2020;
  };
  return new library.Ajv2020(options);
}
