import { dirname } from 'node:path';
import type { ContainerView, EngineView, SourceView } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { isAbsence } from '../daemon-presence.ts';

/** One thing the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly result: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do about it; absent when nothing is. */
  readonly remedy?: string;
}

/** What every part of the machine and the daemon is like, in the order one would look. */
export async function observeHealth(context: CommandContext): Promise<readonly Check[]> {
  return [
    checkNode(context.world.machine.nodeVersion),
    await checkTmux(context),
    await checkGit(context),
    await checkInotify(context),
    await checkConfig(context),
    ...(await checkPaths(context)),
    ...(await checkDaemon(context)),
  ];
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = numbersIn(version);
  const name = 'node';
  return major > 20 || (major === 20 && minor >= 19)
    ? { name, result: 'ok', message: version }
    : {
        name,
        result: 'fail',
        message: `${version} is too old`,
        remedy: 'install Node 20.19 or newer',
      };
}

async function checkTmux(context: CommandContext): Promise<Check> {
  const name = 'tmux';
  const line = await context.world.machine.firstLineOf(['tmux', '-V']);
  if (line === undefined) {
    const remedy = 'install tmux 3.2 or newer; containers need one of their own';
    return { name, result: 'fail', message: 'not found on PATH', remedy };
  }
  const [major = 0, minor = 0] = numbersIn(line);
  const version = major * 100 + minor;
  if (version >= 302) return { name, result: 'ok', message: line };
  const remedy = 'install tmux 3.2 or newer';
  return version >= 206
    ? { name, result: 'warn', message: `${line}: works, but more slowly than 3.2`, remedy }
    : { name, result: 'fail', message: `${line} is too old`, remedy };
}

async function checkGit(context: CommandContext): Promise<Check> {
  const line = await context.world.machine.firstLineOf(['git', '--version']);
  if (line !== undefined) return { name: 'git', result: 'ok', message: line };
  const remedy = 'install git to read manifests from repositories';
  return { name: 'git', result: 'warn', message: 'not found on PATH', remedy };
}

const ENOUGH_WATCHES = 8_192;

async function checkInotify(context: CommandContext): Promise<Check> {
  const name = 'inotify';
  const text = await context.world.machine.readText('/proc/sys/fs/inotify/max_user_watches');
  if (text === undefined) return { name, result: 'ok', message: 'no limit known here' };
  const watches = Number(text.trim());
  const message = `${watches} watches per user`;
  if (watches >= ENOUGH_WATCHES) return { name, result: 'ok', message };
  const remedy =
    'sudo sysctl fs.inotify.max_user_watches=524288 (watched directories are also read every 30 s)';
  return { name, result: 'warn', message: `${message} are few`, remedy };
}

async function checkConfig(context: CommandContext): Promise<Check> {
  const { configFile } = context.world.paths;
  try {
    await context.world.machine.checkConfig();
    return { name: 'config', result: 'ok', message: configFile };
  } catch (error) {
    const remedy = `mend ${configFile}, then agenttower stop-daemon and ensure-daemon`;
    return { name: 'config', result: 'fail', message: messageOf(error), remedy };
  }
}

async function checkPaths(context: CommandContext): Promise<readonly Check[]> {
  const { configFile, stateDb, eventsFile, logsDir, socket } = context.world.paths;
  // The daemon does not start where others could read what is recorded.
  const refused = [dirname(stateDb), stateDb, logsDir].map((path) =>
    checkPath(context, path, 'fail'),
  );
  const others = [configFile, eventsFile, socket].map((path) => checkPath(context, path, 'warn'));
  return (await Promise.all([...refused, ...others])).flat();
}

/** A path that is not there yet is none of our worry; one that others can read is. */
async function checkPath(
  context: CommandContext,
  path: string,
  whenOpen: 'warn' | 'fail',
): Promise<readonly Check[]> {
  const found = await context.world.machine.modeOf(path);
  if (found === undefined) return [];
  const name = 'path';
  if (!found.isOurs) {
    const remedy = `sudo chown -R "$USER" '${path}', or choose another place by XDG_STATE_HOME`;
    return [{ name, result: 'fail', message: `${path} belongs to someone else`, remedy }];
  }
  if ((found.mode & 0o077) === 0) return [{ name, result: 'ok', message: path }];
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  const message = `${path} is open to others (mode ${mode})`;
  return [{ name, result: whenOpen, message, remedy: `chmod go-rwx '${path}'` }];
}

async function checkDaemon(context: CommandContext): Promise<readonly Check[]> {
  try {
    return await withDaemon(context, async (client) => {
      const { pid, daemon_version } = await callDaemon(client, 'status', {});
      const containers = (await callDaemon(client, 'container.list', {})).items;
      const engines = (await callDaemon(client, 'engine.list', {})).items;
      const sources = (await callDaemon(client, 'source.list', {})).items;
      const message = `pid ${pid}, version ${daemon_version}`;
      return [
        checkVersion(context.world.version, daemon_version, message),
        ...engines.map(checkEngine),
        ...containers.map(checkContainer),
        ...sources.map(checkSource),
      ];
    });
  } catch (error) {
    const remedy = isAbsence(error) ? 'agenttower ensure-daemon' : 'agenttower status tells more';
    return [{ name: 'daemon', result: 'fail', message: messageOf(error), remedy }];
  }
}

function checkVersion(ours: string, theirs: string, message: string): Check {
  if (ours === theirs) return { name: 'daemon', result: 'ok', message };
  const remedy = 'agenttower stop-daemon && agenttower ensure-daemon (panes go on meanwhile)';
  return { name: 'daemon', result: 'warn', message: `${message}; this program is ${ours}`, remedy };
}

/** One that was only found on PATH and never answered is used by nobody. */
function checkEngine({ name, state, message, unused }: EngineView): Check {
  const which = `engine ${name}`;
  if (state === 'ok') return { name: which, result: 'ok', message: 'answers' };
  if (unused) return { name: which, result: 'ok', message: `not in use: ${message}` };
  const remedy = `its containers stay as they are until it answers; see what this says: ${name} ps`;
  return { name: which, result: state === 'failed' ? 'fail' : 'warn', message, remedy };
}

function checkContainer(container: ContainerView): Check {
  const { name, engine, state, observed, message, layouts } = container;
  const which = `container ${name}`;
  if (observed) return { name: which, result: 'ok', message: `${engine}, ${state}` };
  // Nobody looks at a container in which nothing is declared.
  if (layouts === 0) return { name: which, result: 'ok', message };
  const remedy = 'mend what it says; nothing is changed there until it is seen again';
  return { name: which, result: 'fail', message: message || `${state}, not observed`, remedy };
}

function checkSource({ name, ready, last_error, prune_blocked }: SourceView): Check {
  const which = `source ${name}`;
  if (last_error !== null) {
    const remedy = `agenttower describe source/${name}`;
    return { name: which, result: 'fail', message: last_error, remedy };
  }
  if (prune_blocked !== null) {
    const remedy = `agenttower source sync ${name} --confirm-prune N`;
    return { name: which, result: 'warn', message: prune_blocked, remedy };
  }
  return ready
    ? { name: which, result: 'ok', message: 'ready' }
    : { name: which, result: 'warn', message: 'not read yet' };
}

function numbersIn(text: string): readonly number[] {
  return (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '').split('.').map(Number);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
