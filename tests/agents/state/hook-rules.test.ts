import { describe, expect, test } from 'vitest';
import { toHookReport } from '../../../src/agents/state/hook-report.ts';
import { detailOf, toClaim } from '../../../src/agents/state/hook-rules.ts';
import { isReceiptOf, markPrompt } from '../../../src/agents/state/prompt-mark.ts';

type Row = readonly [event: string, said: object, state: string | undefined, detail: string];

/** As the programs document what they pass on. */
const HOOKS: readonly Row[] = [
  ['SessionStart', { source: 'startup' }, 'idle', 'SessionStart startup'],
  ['SessionStart', { source: 'compact' }, undefined, 'SessionStart compact'],
  ['UserPromptSubmit', { prompt: 'Review it.' }, 'working', 'UserPromptSubmit'],
  [
    'PreToolUse',
    { tool_name: 'Bash', tool_input: { command: 'ls' } },
    'working',
    'PreToolUse Bash',
  ],
  [
    'PreToolUse',
    { tool_name: 'AskUserQuestion' },
    'waiting_for_input',
    'PreToolUse AskUserQuestion',
  ],
  ['PostToolUse', { tool_name: 'Bash' }, 'working', 'PostToolUse Bash'],
  ['PermissionRequest', { tool_name: 'Bash' }, 'waiting_for_input', 'PermissionRequest Bash'],
  [
    'Notification',
    { notification_type: 'permission_prompt' },
    'waiting_for_input',
    'Notification permission_prompt',
  ],
  ['Notification', { notification_type: 'idle_prompt' }, 'idle', 'Notification idle_prompt'],
  ['Notification', { notification_type: 'auth_success' }, undefined, 'Notification auth_success'],
  [
    'Notification',
    { message: 'Claude needs your permission to use Bash' },
    'waiting_for_input',
    'Notification permission_prompt',
  ],
  ['SubagentStop', {}, undefined, 'SubagentStop'],
  ['Stop', { stop_hook_active: false }, 'idle', 'Stop'],
  ['StopFailure', { error: 'rate_limit' }, 'rate_limited', 'StopFailure rate_limit'],
  ['StopFailure', { error_type: 'server_error' }, 'idle', 'StopFailure server_error'],
  ['SessionEnd', { reason: 'clear' }, undefined, 'SessionEnd clear'],
  ['SessionEnd', { reason: 'prompt_input_exit' }, 'exited', 'SessionEnd prompt_input_exit'],
  ['BeforeAgent', { prompt: 'Review it.' }, 'working', 'BeforeAgent'],
  ['BeforeTool', { tool_name: 'run_shell_command' }, 'working', 'BeforeTool run_shell_command'],
  [
    'Notification',
    { notification_type: 'ToolPermission' },
    'waiting_for_input',
    'Notification ToolPermission',
  ],
  ['AfterAgent', { prompt_response: 'Done.' }, 'idle', 'AfterAgent'],
  ['notify', { type: 'agent-turn-complete' }, 'idle', 'notify agent-turn-complete'],
  ['SomethingNew', {}, undefined, 'SomethingNew'],
];

describe('a hook', () => {
  test.each(HOOKS)('%s %j says %s', (event, said, state, detail) => {
    const report = toHookReport(event, JSON.stringify(said));
    expect(toClaim(report)).toBe(state);
    expect(detailOf(report)).toBe(detail);
  });

  test.each(['', 'no json', '[1]', 'null', '"text"', '{"tool_name": 5}'])(
    'whose input is %j still says what its name says',
    (text) => {
      expect(toClaim(toHookReport('Stop', text))).toBe('idle');
    },
  );

  test('passes on words alone, never what the agent reads or writes', () => {
    const secret = 'sk-ant-0123456789 and more';
    const report = toHookReport(
      'PostToolUse',
      JSON.stringify({
        prompt: secret,
        message: secret,
        reason: secret,
        tool_name: 'Read',
        tool_input: { file_path: secret },
        tool_response: secret,
        cwd: secret,
        transcript_path: secret,
      }),
    );
    expect(JSON.stringify(report)).not.toContain('sk-ant');
    expect(report.tool).toBe('Read');
  });
});

describe('a receipt', () => {
  const id = '1f0c9c1e-7a52-4a8e-9a0e-3f1f3c1d2b4a';
  const text = `Message-Id: ${id}\nTo: x\n\nReview it.`;

  test('is of the prompt whose id stands in its first line', () => {
    const receipt = { ...markPrompt(`${text}\n`), at: 5 };
    expect(isReceiptOf(receipt, { id, text, startedAt: 0 })).toBe(true);
    expect(isReceiptOf(receipt, { id: id.replace('1', '2'), text, startedAt: 0 })).toBe(false);
  });

  test('is of a bare prompt with the same text, however its lines end, that was being delivered', () => {
    const receipt = { ...markPrompt('two\r\nlines\n'), at: 5 };
    expect(isReceiptOf(receipt, { id, text: 'two\nlines', startedAt: 5 })).toBe(true);
    expect(isReceiptOf(receipt, { id, text: 'two\nlines', startedAt: 6 })).toBe(false);
    expect(isReceiptOf(receipt, { id, text: 'other', startedAt: 5 })).toBe(false);
  });

  test('takes no id from the middle of a text', () => {
    expect(markPrompt(`hello\n${text}`).messageId).toBeUndefined();
  });
});
