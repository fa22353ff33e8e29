/** Layers, bottom first. A file may import its own layer and the layers listed here. */
const mayImport = {
  lib: [],
  domain: ['lib'],
  manifest: ['domain', 'lib'],
  plan: ['domain', 'lib'],
  reconcile: ['plan', 'domain', 'lib'],
  agents: ['plan', 'domain', 'lib'],
  declare: ['reconcile', 'plan', 'manifest', 'domain', 'lib'],
  drivers: ['declare', 'reconcile', 'agents', 'manifest', 'plan', 'domain', 'lib'],
  surfaces: ['declare', 'reconcile', 'agents', 'manifest', 'plan', 'domain', 'lib'],
};

/** Every npm dependency has exactly one home. */
const homeOf = {
  ajv: '^src/(lib/schema-compiler|manifest/|surfaces/api/)',
  'p-limit': '^src/reconcile/',
  'better-sqlite3': '^src/drivers/store/',
  chokidar: '^src/drivers/sources/',
  'smol-toml': '^src/drivers/config/',
  koffi: '^src/drivers/system/',
  commander: '^src/surfaces/cli/',
};

/** So has every Node API that has an effect. */
const effectHomeOf = {
  child_process: '^src/drivers/process/',
  // A name that the kernel keeps as a lock is a socket nobody talks to.
  net: String.raw`^src/(surfaces/api/|drivers/system/installation-lock\.ts$)`,
};

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule('no-cycles', 'Imports only ever point down.', {}, { circular: true }),
    rule('no-orphans', 'A file nothing imports is dead.', { orphan: true, path: '^src/' }, {}),
    rule('no-unresolved', 'Every import resolves.', {}, { couldNotResolve: true }),
    rule(
      'pure-layers-use-no-node-api',
      'lib, domain, manifest and plan are functions of their arguments.',
      { path: '^src/(domain|manifest|plan)/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    ),
    rule(
      'drivers-see-only-ports',
      'A driver implements a port; it does not know the loop.',
      { path: '^src/drivers/' },
      {
        path: '^src/(reconcile|declare|agents)/',
        pathNot:
          '^src/(reconcile|declare|agents)(/managed|/logs|/events|/state|/routes)?/ports\\.ts$',
      },
    ),
    rule(
      'drivers-do-not-meet',
      'tmux, engines, store and sources know nothing of each other.',
      { path: '^src/drivers/(tmux|engines|store|sources|config)/' },
      {
        path: '^src/drivers/(tmux|engines|store|sources|config)/',
        // tmux/host.ts is the tmux driver's own port: what it needs of an engine.
        pathNot: '^src/drivers/($1/|tmux/host\\.ts$)',
      },
    ),
    rule(
      'only-binaries-wire',
      'The two binaries are the composition roots.',
      { path: '^src/' },
      { path: '^src/agenttowerd?\\.ts$' },
    ),
    ...Object.entries(mayImport).map(([layer, below]) =>
      rule(
        `layer-${layer}`,
        `${layer} may import: ${below.join(', ') || 'nothing'}.`,
        { path: `^src/${layer}/` },
        { path: '^src/', pathNot: `^src/(${[layer, ...below].join('|')})/` },
      ),
    ),
    ...Object.entries(homeOf).map(([lib, home]) =>
      rule(
        `home-of-${lib}`,
        `Only ${home} imports ${lib}.`,
        { path: '^src/', pathNot: home },
        { path: `node_modules/${lib}/` },
      ),
    ),
    ...Object.entries(effectHomeOf).map(([api, home]) =>
      rule(
        `home-of-${api}`,
        `Only ${home} imports node:${api}.`,
        { path: '^src/', pathNot: home },
        { path: `^(node:)?${api}$` },
      ),
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
