import { expect, test } from 'vitest';
import { readPlainProfile, readPlainTemplate } from '../../src/manifest/plain-files.ts';

const PANE = '{role: shell, capability: any, label_pattern: "a b {ordinal}"}';

test('a template may use words of its own, and labels are looked at when they are made', () => {
  const text = `name: t\nextra: 1\npanes:\n- {role: mine, capability: '', label_pattern: 'x y', default_launch_command_ref: null, more: 1}\n`;
  expect(readPlainTemplate(text)).toEqual({
    name: 't',
    panes: [{ role: 'mine', capability: '', labelPattern: 'x y' }],
  });
});

test.each([
  '',
  '- 1',
  'name: t',
  'name: t\npanes: []',
  `name: ''\npanes: [${PANE}]`,
  `name: 7\npanes: [${PANE}]`,
  'name: t\npanes: [{role: shell, capability: any}]',
  `name: t\npanes: [${PANE}, 7]`,
  `apiVersion: x\nname: t\npanes: [${PANE}]`,
  'name: "unclosed',
])('%j is no template', (text) => {
  expect(readPlainTemplate(text)).toBeUndefined();
});

test('a profile is an argv with what surrounds it', () => {
  const text = 'name: p\ncommand: [a, b]\nenv: {A: "1"}\nworking_dir: /x\nextra: 1\n';
  expect(readPlainProfile(text)).toEqual({
    name: 'p',
    command: ['a', 'b'],
    env: { A: '1' },
    workingDir: '/x',
  });
  expect(readPlainProfile('name: p\ncommand: [a]\nenv: null\nworking_dir: null\n')).toEqual({
    name: 'p',
    command: ['a'],
    env: {},
  });
});

test.each([
  'name: p',
  'name: p\ncommand: a b',
  'name: p\ncommand: []',
  'name: p\ncommand: [1]',
  'name: p\ncommand: [a]\nenv: {A: 1}',
  'name: p\ncommand: [a]\nenv: [A]',
  'name: p\ncommand: [a]\nworking_dir: 7',
])('%j is no profile', (text) => {
  expect(readPlainProfile(text)).toBeUndefined();
});
