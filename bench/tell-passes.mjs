// Loaded into a daemon (node --import) that a benchmark started: tells it, when asked, how long each pass took.
import { subscribe } from 'node:diagnostics_channel';

let passes = [];
subscribe('agenttower:pass', (pass) => passes.push(pass));
process.on('message', () => {
  process.send(passes);
  passes = [];
});
// The daemon ends as it would without.
process.channel.unref();
