/** Which engine a command line speaks to. At most one of `host` and `context`; neither is the CLI's own default. */
export interface CliEndpoint {
  readonly kind: 'docker' | 'podman';
  /** `unix:///run/docker.sock`, `tcp://…`, `ssh://user@host`. */
  readonly host?: string;
  /** Name of a Docker context, or of a Podman connection. */
  readonly context?: string;
}

/** The start of every command line for this endpoint. */
export function endpointArgv({ kind, host, context }: CliEndpoint): readonly string[] {
  const [hostFlag, contextFlag] =
    kind === 'docker' ? ['--host', '--context'] : ['--url', '--connection'];
  return [
    kind,
    ...(host === undefined ? [] : [hostFlag, host]),
    ...(context === undefined ? [] : [contextFlag, context]),
  ];
}
