import { type CommandContext, printJson, printLines } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toShellWord } from '../render/shell-word.ts';

/** Writes a commented config.toml; one that is there stays as it is. */
export async function initConfig(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const { path, created } = await context.world.initConfig();
  if (options.json === true) printJson(context, { ok: true, path, created });
  else printLines(context, [created ? `wrote ${path}` : `${path} is there already: left as it is`]);
  return EXIT.done;
}

/** Where everything lies, as KEY=value lines that a shell may eval. */
export function showPaths(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const { paths } = context.world;
  const values = {
    CONFIG_FILE: paths.configFile,
    STATE_DB: paths.stateDb,
    EVENTS_FILE: paths.eventsFile,
    LOGS_DIR: paths.logsDir,
    SOCKET: paths.socket,
    CACHE_DIR: paths.cacheDir,
    SOCKET_SOURCE: paths.socketSource,
    RUN_DIR: paths.runDir,
  };
  if (options.json === true) printJson(context, values);
  else {
    const lines = Object.entries(values).map(([key, value]) => `${key}=${toShellWord(value)}`);
    printLines(context, lines);
  }
  return Promise.resolve(EXIT.done);
}
