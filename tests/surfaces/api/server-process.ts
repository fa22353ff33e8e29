import { readPeer } from '../../../src/drivers/system/peer-credentials.ts';
import type { Method } from '../../../src/surfaces/api/method.ts';
import { MAX_MANIFEST_REQUEST_BYTES } from '../../../src/surfaces/api/protocol.ts';
import { startServer } from '../../../src/surfaces/api/server.ts';

/** `server-process.ts SOCKET`: a server with two methods that says `ready` when it listens. */
const [socketPath = ''] = process.argv.slice(2);
await startServer({
  socketPath,
  methods: new Map<string, Method>([
    ['ping', { access: 'any', run: () => ({}) }],
    ['manifest.apply', { access: 'any', run: () => ({}), maxBytes: MAX_MANIFEST_REQUEST_BYTES }],
  ]),
  readPeer,
  identify: () => () => ({ kind: 'host' }),
  ownUid: process.getuid?.() ?? -1,
  log: () => {},
});
process.stdout.write('ready\n');
