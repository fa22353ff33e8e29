// A program that takes prompts and tells of what it does by its hooks, as the CLIs of agents do.
import { spawnSync } from 'node:child_process';

const [agenttower] = process.argv.slice(2);
const hook = (event, said = {}) =>
  spawnSync(process.execPath, [agenttower, 'hook', event], {
    input: JSON.stringify({ hook_event_name: event, session_id: 'e2e', ...said }),
    stdio: ['pipe', 'inherit', 'inherit'],
  });

process.stdin.setRawMode(true);
hook('SessionStart', { source: 'startup' });
process.stdout.write('> ');
let typed = '';
process.stdin.on('data', (chunk) => {
  typed += chunk;
  if (!typed.endsWith('\r')) return;
  const prompt = typed.slice(0, -1);
  typed = '';
  process.stdout.write('\r\nthinking\r\n');
  hook('UserPromptSubmit', { prompt });
  const [word] = prompt.split('\n').slice(-1);
  if (word === 'ask') hook('Notification', { notification_type: 'permission_prompt' });
  if (word === 'finish') hook('Stop');
  if (word === 'limit') hook('StopFailure', { error: 'rate_limit' });
});
