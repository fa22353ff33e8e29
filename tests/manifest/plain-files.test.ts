import { describe, expect, test } from 'vitest';
import { readPlainProfile, readPlainTemplate } from '../../src/manifest/plain-files.ts';

describe('a plain profile', () => {
  test('has every field that the manifest contract lists', () => {
    const text =
      'name: a\ncommand: [sh, -c, x]\nenv: {A: b}\nworking_dir: /w\nsettle: 3s\nrestart_policy: OnFailure\n';
    expect(readPlainProfile(text)).toEqual({
      name: 'a',
      command: ['sh', '-c', 'x'],
      env: { A: 'b' },
      workingDir: '/w',
      settleMs: 3_000,
      restartPolicy: 'OnFailure',
    });
  });

  test('may leave all but name and command out, and may have fields that nobody knows', () => {
    const text = 'name: a\ncommand: [x]\nenv:\nsettle:\ncolor: red\n';
    expect(readPlainProfile(text)).toEqual({ name: 'a', command: ['x'], env: {} });
  });

  test.each([
    'name: a',
    'name: ""\ncommand: [x]',
    'name: a\ncommand: x',
    'name: a\ncommand: []',
    'name: a\ncommand: [1]',
    'name: a\ncommand: ["a\\0b"]',
    'name: a\ncommand: [x]\nenv: {A: 1}',
    'name: a\ncommand: [x]\nenv: [A]',
    'name: a\ncommand: [x]\nworking_dir: 5',
    'name: a\ncommand: [x]\nsettle: soon',
    'name: a\ncommand: [x]\nsettle: 5',
    'name: a\ncommand: [x]\nrestart_policy: Sometimes',
    'kind: LaunchProfile\nname: a\ncommand: [x]',
    '{{{',
    '',
  ])('is none when it reads %j', (text) => {
    expect(readPlainProfile(text)).toBeUndefined();
  });
});

describe('a plain template', () => {
  const pane = (more: string): string =>
    `name: a\npanes: [{role: slave, capability: w, label_pattern: "s{ordinal}"${more}}]`;

  test('has panes with their default profile, if any', () => {
    const read = { role: 'slave', capability: 'w', labelPattern: 's{ordinal}' };
    expect(readPlainTemplate(pane(''))).toEqual({ name: 'a', panes: [read] });
    expect(readPlainTemplate(pane(', default_launch_command_ref: null'))).toEqual({
      name: 'a',
      panes: [read],
    });
    expect(readPlainTemplate(pane(', default_launch_command_ref: x, color: red'))).toEqual({
      name: 'a',
      panes: [{ ...read, defaultLaunch: 'x' }],
    });
  });

  test.each(['name: a\npanes: []', 'name: a', 'panes: [{role: slave}]', 'name: a\npanes: [x]'])(
    'is none when it reads %j',
    (text) => {
      expect(readPlainTemplate(text)).toBeUndefined();
    },
  );
});
