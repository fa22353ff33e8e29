import { userInfo } from 'node:os';

/**
 * Whom the panes of a container belong to: its own user, else whoever runs the daemon, by name. `undefined` when
 * neither is known.
 */
export function resolveBenchUser(
  configUser: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [own = ''] = configUser.split(':', 1);
  return own || env['USER'] || passwdName();
}

/** Name of our own uid; none when the user database has no entry for it. */
function passwdName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
}
