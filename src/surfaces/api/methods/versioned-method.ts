import { refuse } from '../../../domain/errors.ts';
import type { CallContext, Method } from '../method.ts';
import { defineAgentMethod, type MethodDefinition } from '../params.ts';
import type { Services } from './services.ts';

/** A client may say which version of the tables it was made for. */
export const SCHEMA_VERSION = { schema_version: { type: 'integer' } } as const;

interface Versioned {
  readonly schema_version?: number;
}

/** A method whose clients may say for which version they were made; older ones are refused with `schema_version_newer`. */
export function defineVersionedMethod<P>(
  { daemonStatus }: Pick<Services, 'daemonStatus'>,
  definition: Omit<MethodDefinition<P>, 'wrongShape'>,
): Method {
  return defineAgentMethod<P & Versioned>({
    ...definition,
    run: (params: P & Versioned, context: CallContext) => {
      const { schema_version: client } = params;
      if (client !== undefined) requireVersion(client, daemonStatus().schema_version);
      return definition.run(params, context);
    },
  });
}

/** Throws `schema_version_newer` when the client was made for an older version than `own`. */
function requireVersion(client: number, own: number): void {
  if (client >= own) return;
  throw refuse(
    'schema_version_newer',
    `the daemon has version ${own}, and this client was made for ${client}: upgrade the client`,
    { client_schema_version: client, daemon_schema_version: own },
  );
}
