import type { SimPane } from './sim-tmux.ts';
import type { Site, World } from './world.ts';

/** Something a person, a program or the machine does behind our back, drawn by chance. */
export function disturb(world: World, site: Site): void {
  const { random, weather } = world;
  const { container } = site;
  const isHalted = container.state !== 'running' || container.server?.isStopped === true;
  if (random.chance(isHalted ? 0.4 : weather.machine)) disturbMachine(world, site);
  else if (!isHalted && container.server !== undefined) disturbPanes(world, site);
}

/** Puts everything that was halted back to work. */
export function heal(world: World, site: Site): void {
  const { container } = site;
  container.startContainer();
  if (container.server !== undefined) container.server.isStopped = false;
  world.note(() => `heal ${container.options.container}`);
}

function disturbMachine(world: World, site: Site): void {
  const { random } = world;
  const { container } = site;
  const name = container.options.container;
  if (container.state !== 'running') {
    world.note(() => `${name}: container started`);
    container.startContainer();
    return;
  }
  if (container.server?.isStopped === true && random.chance(0.7)) {
    world.note(() => `${name}: tmux continues`);
    container.server.isStopped = false;
    return;
  }
  switch (random.below(6)) {
    case 0:
    case 1:
    case 2:
      world.note(() => `${name}: tmux server killed`);
      container.killServer();
      return;
    case 3:
      if (container.server === undefined) return;
      world.note(() => `${name}: tmux server stopped`);
      container.server.isStopped = true;
      return;
    case 4:
      world.note(() => `${name}: container stopped`);
      container.stopContainer();
      return;
    default:
      world.note(() => `${name}: container paused`);
      container.state = 'paused';
  }
}

type Prank = (world: World, site: Site, pane: SimPane) => string | undefined;

function disturbPanes(world: World, site: Site): void {
  const { random } = world;
  const { container } = site;
  const name = container.options.container;
  if (random.chance(0.12)) {
    const session = random.oneOf(['ape', 'bee', 'ape2', 'theirs', 'mine']);
    const made = container.newSession(session);
    if (made === undefined) return;
    made.isHandMade = true;
    world.note(() => `${name}: a person makes the session ${session} (${made.id})`);
    return;
  }
  const pane = random.pick(container.panes());
  if (pane === undefined) return;
  const did = (random.pick(PRANKS) ?? kill)(world, site, pane);
  if (did !== undefined) world.note(() => `${name}: ${did}`);
}

const exit: Prank = ({ random }, { container }, pane) => {
  if (pane.dead) return undefined;
  const how = random.oneOf<{ readonly code?: number; readonly signal?: string }>([
    { code: 0 },
    { code: 1 },
    { code: 3 },
    { signal: 'SIGTERM' },
    { signal: 'SIGKILL' },
  ]);
  container.exitPane(pane, how);
  return `the program of ${pane.id} ends (${how.code ?? how.signal})`;
};

const kill: Prank = (_world, { container }, pane) => {
  container.removePane(pane);
  return `a person kills ${pane.id}`;
};

const split: Prank = (_world, { container }, pane) => {
  const made = container.addPane(pane.window);
  made.isHandMade = true;
  return `a person splits ${pane.id}: ${made.id}`;
};

const respawn: Prank = (_world, { container }, pane) => {
  container.respawnPane(pane);
  // Without our tag nothing says that the new program is anybody's but theirs.
  if (container.ownerOf(pane) === undefined) pane.isHandMade = true;
  return `a person respawns ${pane.id}`;
};

const untag: Prank = (_world, _site, pane) => {
  if (pane.tag === undefined) return undefined;
  pane.tag = undefined;
  return `a person takes the tag off ${pane.id}`;
};

const copyTag: Prank = ({ random }, { container }, pane) => {
  const other = random.pick(container.panes());
  if (other === undefined || other === pane || pane.tag === undefined) return undefined;
  if (!other.isHandMade) return undefined;
  other.tag = pane.tag;
  return `a person copies the tag of ${pane.id} to ${other.id}`;
};

const rename: Prank = ({ random }, { container }, pane) => {
  const { session } = pane.window;
  const name = random.oneOf(['ape', 'ape2', 'moved', 'theirs']);
  if (container.sessions().some((one) => one.name === name)) return undefined;
  session.name = name;
  return `a person renames the session of ${pane.id} to ${name}`;
};

const breakOut: Prank = (_world, { container }, pane) => {
  if (pane.window.panes.length === 1) return undefined;
  container.movePane(pane, container.newWindow(pane.window.session));
  return `a person breaks ${pane.id} out into a window`;
};

const join: Prank = ({ random }, { container }, pane) => {
  const other = random.pick(container.panes());
  if (other === undefined || other.window === pane.window) return undefined;
  container.movePane(pane, other.window);
  return `a person moves ${pane.id} beside ${other.id}`;
};

const unmarkSession: Prank = ({ random }, _site, pane) => {
  if (pane.window.session.layoutTag === undefined || random.chance(0.7)) return undefined;
  pane.window.session.layoutTag = undefined;
  return `a person takes the mark off the session of ${pane.id}`;
};

const PRANKS: readonly Prank[] = [
  exit,
  exit,
  exit,
  exit,
  kill,
  kill,
  split,
  split,
  respawn,
  untag,
  copyTag,
  rename,
  breakOut,
  join,
  unmarkSession,
];
