import { describe, expect, test } from 'vitest';
import { readScreen, SCREEN_RULES } from '../../../src/agents/state/screen-rules.ts';

const RULE = '─'.repeat(60);
const box = (text: string): string => `${RULE}\n${text}\n${RULE}`;

type Sample = readonly [capability: string, what: string, rule: string | undefined, screen: string];

const SAMPLES: readonly Sample[] = [
  [
    'claude',
    'a permission dialog',
    'claude.question.v1',
    `${box(' Bash command\n\n   rm -rf build\n   Remove the build directory\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. Yes, and don’t ask again for rm commands\n   3. No, and tell Claude what to do differently (esc)')}\n`,
  ],
  [
    'claude',
    'the question whether a folder is trusted',
    'claude.question.v1',
    ' Do you trust the files in this folder?\n\n /srv/web\n\n ❯ 1. Yes, proceed\n   2. No, exit\n\n Enter to confirm · Esc to exit\n',
  ],
  [
    'claude',
    'a question of its own',
    'claude.selection.v1',
    ' ☐ Library\n\nWhich one\n\n❯ Zod\n  Ajv\n\nEnter to select · ↑/↓ to navigate · Esc to cancel\n',
  ],
  [
    'claude',
    'a turn under way',
    'claude.interruptible.v1',
    `● Bash(npm test)\n  ⎿  Running…\n\n✻ Cogitating… (12s · ↑ 1.2k tokens · esc to interrupt)\n\n${box('❯ ')}\n  ? for shortcuts\n`,
  ],
  [
    'claude',
    'a turn under way whose line says nothing of interrupting',
    'claude.spinner.v1',
    `✶ Musing… (2m 3s · ↓ 4.1k tokens · thinking)\n\n${box('❯ ')}\n`,
  ],
  [
    'claude',
    'a limit',
    'claude.limit.v1',
    `● You've hit your session limit · resets 3pm (Europe/Berlin)\n\n${box('❯ ')}\n`,
  ],
  [
    'claude',
    'an empty prompt',
    'claude.prompt.v1',
    `● Done: the tests pass.\n\n${box('❯ Try "fix lint errors"')}\n  ? for shortcuts\n`,
  ],
  ['claude', 'a shell after it has ended', undefined, 'Bye!\nuser@host:~/web$ \n'],
  [
    'claude',
    'a screen nobody knows',
    undefined,
    '╔══ New look ══╗\n║ >>>          ║\n╚══════════════╝\n',
  ],
  ['claude', 'nothing', undefined, '\n\n'],
  [
    'codex',
    'a question whether a command may run',
    'codex.question.v1',
    '  Would you like to run the following command?\n\n  $ git push\n\n› 1. Yes, proceed (y)\n  2. Yes, and don’t ask again for this command (a)\n  3. No, and tell Codex what to do differently (esc)\n\n  Press enter to confirm or esc to cancel\n',
  ],
  [
    'codex',
    'a turn under way',
    'codex.working.v1',
    '• Working (1m 12s • esc to interrupt)\n\n› Summarize recent commits\n\n  99% context left · ? for shortcuts\n',
  ],
  [
    'codex',
    'a limit',
    'codex.limit.v1',
    '■ You’ve hit your usage limit. Upgrade to Pro or try again at 3:04 PM.\n\n› \n\n  ? for shortcuts\n',
  ],
  [
    'codex',
    'an empty prompt',
    'codex.prompt.v1',
    '• Done.\n\n› Summarize recent commits\n\n  99% context left · ? for shortcuts\n',
  ],
  [
    'gemini',
    'a question whether a tool may run',
    'gemini.confirmation.v1',
    "│ ?  Shell ls                                    │\n│ Allow execution of: 'ls'?                      │\n│ ● 1. Allow once                                │\n│   2. Allow for this session                    │\n│   3. No, suggest changes (esc)                 │\n\n⠏ Waiting for user confirmation...\n",
  ],
  [
    'gemini',
    'a question whether a change is made',
    'gemini.question.v1',
    '│ Apply this change?            │\n│ ● 1. Allow once               │\n│   2. Allow for this session   │\n│   3. No, suggest changes (esc) │\n',
  ],
  [
    'gemini',
    'a limit',
    'gemini.limit.v1',
    '✕ Usage limit reached for gemini-pro.\n\n│ >   Type your message or @path/to/file │\n',
  ],
  [
    'gemini',
    'a turn under way',
    'gemini.working.v1',
    '⠏ Reticulating splines (esc to cancel, 1m 12s)\n\n│ >   Type your message or @path/to/file │\n',
  ],
  [
    'gemini',
    'an empty prompt',
    'gemini.prompt.v1',
    '✦ Done.\n\n╭──────────╮\n│ >   Type your message or @path/to/file │\n╰──────────╯\n~/web   no sandbox   gemini-pro\n',
  ],
  ['shell', 'whatever it shows', undefined, '✻ Cogitating… (12s · esc to interrupt)\n'],
];

describe('the screen of', () => {
  test.each(SAMPLES)('%s, %s: %s', (capability, _what, rule, screen) => {
    expect(readScreen(capability, screen)?.id).toBe(rule);
  });

  test('each rule is told by a sample, and names program and version', () => {
    const told = new Set(SAMPLES.map(([, , rule]) => rule));
    for (const [capability, rules] of SCREEN_RULES) {
      for (const { id } of rules) {
        expect(id).toMatch(new RegExp(`^${capability}\\.[a-z]+\\.v\\d+$`));
        expect(told).toContain(id);
      }
    }
  });

  test('what has left the last lines is not what is shown now', () => {
    const old = '✻ Cogitating… (12s · esc to interrupt)\n';
    const since = Array.from({ length: 20 }, (_, at) => `line ${at}\n`).join('');
    expect(readScreen('claude', `${old}${since}`)).toBeUndefined();
  });
});
