import { describe, expect, test } from 'vitest';

import { layout, refusal } from './support.ts';

const pane = (fields: string): string => layout(`  panes:\n    - label: a\n      ${fields}\n`);

/** One mistake must be told once. */
const one = (text: Parameters<typeof refusal>[0]): string => {
  const rendered = refusal(text);
  expect(rendered.split('\n\n'), rendered).toHaveLength(1);
  return rendered;
};

describe('a mistake in the fields is told once, with its place and a way out', () => {
  test('unknown field', () => {
    expect(
      one(layout('  restartPolcy: Always\n  panes: [{label: a, command: [cat]}]\n')),
    ).toMatchInlineSnapshot(`
      "agents.yaml:5:3: unknown field "restartPolcy" in spec; did you mean "restartPolicy"?
          5 |   restartPolcy: Always
            |   ^^^^^^^^^^^^"
    `);
  });
  test('unknown field that takes the command away', () => {
    expect(one(pane('comand: [cat]'))).toMatchInlineSnapshot(`
      "agents.yaml:7:7: unknown field "comand" in spec.panes[0]; did you mean "command"?
          7 |       comand: [cat]
            |       ^^^^^^"
    `);
  });
  test('unknown field that resembles nothing', () => {
    expect(one(`name: p\ncommand: [cat]\nimage: x\n`)).toMatchInlineSnapshot(`
      "agents.yaml:3:1: unknown field "image" in the document; its fields are name, command, env, working_dir, settle, restart_policy
          3 | image: x
            | ^^^^^"
    `);
  });
  test('missing name', () => {
    expect(
      one('apiVersion: agenttower/v1\nkind: Layout\nmetadata: {}\nspec: {panes: []}\n'),
    ).toMatchInlineSnapshot(`
      "agents.yaml:3:1: missing field "name" in metadata
          3 | metadata: {}
            | ^^^^^^^^"
    `);
  });
  test('empty name', () => {
    expect(
      one(
        'apiVersion: agenttower/v1\nkind: LaunchProfile\nmetadata:\n  name:\nspec: {command: [a]}\n',
      ),
    ).toMatchInlineSnapshot(`
      "agents.yaml:4:3: metadata.name is empty
          4 |   name:
            |   ^^^^"
    `);
  });
  test('missing label', () => {
    expect(one(layout('  panes:\n    - command: [cat]\n'))).toMatchInlineSnapshot(`
      "agents.yaml:6:7: a pane needs a label; add "label: …"
          6 |     - command: [cat]
            |       ^^^^^^^"
    `);
  });
  test('unknown kind', () => {
    expect(one('apiVersion: agenttower/v1\nkind: layouts\n')).toMatchInlineSnapshot(`
      "agents.yaml:2:7: unknown kind "layouts"; did you mean "Layout"?
          2 | kind: layouts
            |       ^^^^^^^"
    `);
    expect(one('apiVersion: agenttower/v1\nkind: Deployment\n')).toMatchInlineSnapshot(`
      "agents.yaml:2:7: unknown kind "Deployment"; the kinds are Layout, LayoutTemplate, LaunchProfile, Route
          2 | kind: Deployment
            |       ^^^^^^^^^^"
    `);
  });
  test('unknown apiVersion', () => {
    expect(one('apiVersion: v1\nkind: Layout\n')).toMatchInlineSnapshot(`
      "agents.yaml:1:13: unknown apiVersion "v1"; this program reads agenttower/v1
          1 | apiVersion: v1
            |             ^^"
    `);
  });
  test('missing kind', () => {
    expect(one('apiVersion: agenttower/v1\nmetadata: {name: a}\n')).toMatchInlineSnapshot(`
      "agents.yaml:1:1: missing field "kind" in the document; add "kind: Layout"
          1 | apiVersion: agenttower/v1
            | ^^^^^^^^^^"
    `);
    expect(one('metadata: {name: a}\n')).toMatchInlineSnapshot(`
      "agents.yaml:1:1: the document does not say what it is; begin it with "apiVersion: agenttower/v1" and "kind: Layout | LayoutTemplate | LaunchProfile | Route"
          1 | metadata: {name: a}
            | ^^^^^^^^"
    `);
  });
  test('not a mapping', () => {
    expect(one('- a\n- b\n')).toMatchInlineSnapshot(`
      "agents.yaml:1:1: a document must be a mapping with apiVersion and kind, not a list
          1 | - a
            | ^"
    `);
  });
  test('command as text', () => {
    expect(one(pane('command: claude --resume'))).toMatchInlineSnapshot(`
      "agents.yaml:7:16: spec.panes[0].command must be a list, not "claude --resume"; write it as a list: [claude, --resume]
          7 |       command: claude --resume
            |                ^^^^^^"
    `);
    expect(one(pane('command: sleep 1 yes'))).toContain('write it as a list: [sleep, "1", "yes"]');
    expect(one(pane('command: cd x && npm start'))).toMatchInlineSnapshot(`
      "agents.yaml:7:16: spec.panes[0].command must be a list, not "cd x && npm start"; write it as a list, one word each, or as [sh, -c, "…"] to have a shell
          7 |       command: cd x && npm start
            |                ^^"
    `);
  });
  test('empty command', () => {
    expect(one(pane('command: []'))).toMatchInlineSnapshot(`
      "agents.yaml:7:16: spec.panes[0].command must have at least one entry
          7 |       command: []
            |                ^"
    `);
  });
  test('number in a command', () => {
    expect(one(pane('command: [sleep, 010]'))).toMatchInlineSnapshot(`
      "agents.yaml:7:24: spec.panes[0].command[1] must be text, not the number 10; quote it: "010"
          7 |       command: [sleep, 010]
            |                        ^^^"
    `);
  });
  test('number in the environment', () => {
    expect(one(pane('command: [cat]\n      env: {PORT: 8080}'))).toMatchInlineSnapshot(`
      "agents.yaml:8:19: spec.panes[0].env.PORT must be text, not the number 8080; quote it: "8080"
          8 |       env: {PORT: 8080}
            |                   ^^^^"
    `);
  });
  test('secret in the environment is not shown', () => {
    const text = one(pane('command: [cat]\n      env: {API_TOKEN: 12345678}'));
    expect(text).not.toContain('12345678');
    expect(text).toMatchInlineSnapshot(`
      "agents.yaml:8:24: spec.panes[0].env.API_TOKEN must be text, not a number; put it in quotes
          8 |       env: {API_TOKEN: ********}
            |                        ^^^^^^^^"
    `);
    const block = one(pane('command: [cat]\n      env:\n        PASSWORD: {a: {b, "c, d"}}'));
    expect(block).not.toContain('"c, d"');
  });
  test('environment as a list', () => {
    expect(one(pane('command: [cat]\n      env: [PASSWORD=hunter2]'))).toMatchInlineSnapshot(`
      "agents.yaml:8:12: spec.panes[0].env must be a mapping, not a list; write NAME: "value" below it
          8 |       env: [PASSWORD=*******]
            |            ^"
    `);
  });
  test('name of a variable', () => {
    expect(one(pane('command: [cat]\n      env: {"A=B": c}'))).toMatchInlineSnapshot(`
      "agents.yaml:8:13: "A=B" cannot be the name of an environment variable
          8 |       env: {"A=B": c}
            |             ^^^^^"
    `);
  });
  test('policy in the wrong case', () => {
    expect(one(pane('command: [cat]\n      restartPolicy: always'))).toMatchInlineSnapshot(`
      "agents.yaml:8:22: spec.panes[0].restartPolicy must be Always, OnFailure or Never, not "always"; did you mean "Always"?
          8 |       restartPolicy: always
            |                      ^^^^^^"
    `);
  });
  test('yes for true', () => {
    expect(one(pane('command: [cat]\n      log: yes'))).toMatchInlineSnapshot(`
      "agents.yaml:8:12: spec.panes[0].log must be true or false, not "yes"; write true
          8 |       log: yes
            |            ^^^"
    `);
  });
  test('home directory', () => {
    expect(one(pane('command: [cat]\n      workingDir: ~/src'))).toMatchInlineSnapshot(`
      "agents.yaml:8:19: spec.panes[0].workingDir must be an absolute path, not "~/src"; "~" is not expanded: write the path out, or leave the field out to start at home
          8 |       workingDir: ~/src
            |                   ^^^^^"
    `);
    expect(one(pane('command: [cat]\n      workingDir: src'))).toMatchInlineSnapshot(`
      "agents.yaml:8:19: spec.panes[0].workingDir must be an absolute path, not "src"; start it with "/"
          8 |       workingDir: src
            |                   ^^^"
    `);
  });
  test('duration', () => {
    expect(one(pane('command: [cat]\n      settle: 5'))).toMatchInlineSnapshot(`
      "agents.yaml:8:15: spec.panes[0].settle must be a duration such as 1s, not the number 5; write 5s
          8 |       settle: 5
            |               ^"
    `);
    expect(one(pane('command: [cat]\n      settle: soon'))).toMatchInlineSnapshot(`
      "agents.yaml:8:15: spec.panes[0].settle must be a duration such as 1s, 500ms or 1m30s, not "soon"
          8 |       settle: soon
            |               ^^^^"
    `);
    expect(one(pane('command: [cat]\n      settle: 25h'))).toMatchInlineSnapshot(`
      "agents.yaml:8:15: a settle time can be 24h at most
          8 |       settle: 25h
            |               ^^^"
    `);
  });
  test('arrangement', () => {
    expect(
      one(layout('  layout: main-vertikal\n  panes: [{label: a, command: [cat]}]\n')),
    ).toMatchInlineSnapshot(`
      "agents.yaml:5:11: spec.layout must be tiled, even-horizontal, even-vertical, main-horizontal, main-vertical or a tmux layout string, not "main-vertikal"; did you mean "main-vertical"?
          5 |   layout: main-vertikal
            |           ^^^^^^^^^^^^^"
    `);
  });
  test('layout string', () => {
    expect(arranged('b25e,80x24,0,0,0')).toMatchInlineSnapshot(`
      "agents.yaml:5:11: the layout string is damaged: its checksum or its cells do not fit together; copy it whole, as "tmux display-message -p '#{window_layout}'" prints it
          5 |   layout: "b25e,80x24,0,0,0"
            |           ^^^^^^^^^^^^^^^^^^"
    `);
    expect(arranged('b25d,80x24,0,0,0')).toMatchInlineSnapshot(`
      "agents.yaml:5:11: the layout string has room for 1 of 3 panes
          5 |   layout: "b25d,80x24,0,0,0"
            |           ^^^^^^^^^^^^^^^^^^"
    `);
    expect(arranged('80x24,0,0,0')).toMatchInlineSnapshot(`
      "agents.yaml:5:11: spec.layout must be tiled, even-horizontal, even-vertical, main-horizontal, main-vertical or a tmux layout string, not "80x24,0,0,0"
          5 |   layout: "80x24,0,0,0"
            |           ^^^^^^^^^^^^^"
    `);
  });
  test('identifier', () => {
    expect(one(layout('  panes: [{label: "a b", command: [cat]}]\n'))).toMatchInlineSnapshot(`
      "agents.yaml:5:19: spec.panes[0].label must be 1 to 64 of A-Z a-z 0-9 _ . -, not "a b"
          5 |   panes: [{label: "a b", command: [cat]}]
            |                   ^^^^^"
    `);
    expect(
      one(layout('  panes: [{label: a, command: [cat]}]\n', 'x'.repeat(65))),
    ).toMatchInlineSnapshot(`
      "agents.yaml:3:18: metadata.name must be 1 to 64 of A-Z a-z 0-9 _ . -, not "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" (length 65 > 64)
          3 | metadata: {name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}
            |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    `);
  });
});

describe('a mistake between fields is told once', () => {
  test('no panes', () => {
    expect(one(layout('  container: local\n'))).toMatchInlineSnapshot(`
      "agents.yaml:5:3: the layout declares no panes; give template, panes, or both
          5 |   container: local
            |   ^^^^^^^^^"
    `);
  });
  test('panes without a command', () => {
    expect(one(pane('role: slave'))).toMatchInlineSnapshot(`
      "agents.yaml:6:7: pane "a" has no command; give it one with "launch: {slave: PROFILE}" in spec, or "launch: PROFILE" or "command: [PROGRAM, ARGUMENT]" at the pane
          6 |     - label: a
            |       ^^^^^"
    `);
    expect(one(layout('  template: 1m+2s\n  launch: {master: boss}\n'))).toMatchInlineSnapshot(`
      "agents.yaml:5:13: panes "s1", "s2" have no command; give them one with "launch: {slave: PROFILE}" in spec, or "launch: PROFILE" or "command: [PROGRAM, ARGUMENT]" at the pane
          5 |   template: 1m+2s
            |             ^^^^^"
    `);
  });
  test('unknown template', () => {
    expect(one(layout('  template: 1m+3s\n  launch: {s3: worker}\n'))).toMatchInlineSnapshot(`
      "agents.yaml:5:13: unknown template "1m+3s"; did you mean "1m+2s"?
          5 |   template: 1m+3s
            |             ^^^^^"
    `);
  });
  test('unknown profile', () => {
    expect(one(pane('launch: bos'))).toMatchInlineSnapshot(`
      "agents.yaml:7:15: unknown launch profile "bos"; did you mean "boss"?
          7 |       launch: bos
            |               ^^^"
    `);
    expect(
      one(layout('  template: 1m+2s\n  launch: {master: boss, slave: nobody}\n')),
    ).toMatchInlineSnapshot(`
      "agents.yaml:6:33: unknown launch profile "nobody"; known are boss, worker
          6 |   launch: {master: boss, slave: nobody}
            |                                 ^^^^^^"
    `);
  });
  test('unknown pane in launch', () => {
    expect(
      one(layout('  template: 1m+2s\n  launch: {master: boss, slave: worker, s4: worker}\n')),
    ).toMatchInlineSnapshot(`
      "agents.yaml:6:41: launch names "s4", but no pane of the layout has this role, label or key; did you mean "s1"?
          6 |   launch: {master: boss, slave: worker, s4: worker}
            |                                         ^^"
    `);
  });
  test('unknown pane in after', () => {
    expect(one(pane('command: [cat]\n      after: [reviewer]'))).toMatchInlineSnapshot(`
      "agents.yaml:8:15: after names "reviewer", but the layout has no pane of this key or label
          8 |       after: [reviewer]
            |               ^^^^^^^^"
    `);
  });
  test('panes that wait for each other', () => {
    expect(
      one(
        layout(`  panes:
    - {label: a, command: [cat], after: [c]}
    - {label: b, command: [cat], after: [a]}
    - {label: c, command: [cat], after: [b]}
`),
      ),
    ).toMatchInlineSnapshot(`
      "agents.yaml:6:41: these panes wait for each other: a → c → b → a; take one of them out of after
          6 |     - {label: a, command: [cat], after: [c]}
            |                                         ^"
    `);
    expect(one(pane('command: [cat]\n      after: [a]'))).toMatchInlineSnapshot(`
      "agents.yaml:8:14: these panes wait for each other: a → a; take one of them out of after
          8 |       after: [a]
            |              ^"
    `);
  });
  test('a pane twice', () => {
    expect(
      one(
        layout(
          '  panes:\n    - {label: a, command: [cat]}\n    - {label: b, command: [cat]}\n    - {label: a, command: [cat]}\n',
        ),
      ),
    ).toMatchInlineSnapshot(`
      "agents.yaml:8:15: the pane "a" stands twice in the layout, first at agents.yaml:6; give one of them another label
          8 |     - {label: a, command: [cat]}
            |               ^"
    `);
  });
  test('a label twice', () => {
    expect(
      one(
        layout(
          '  panes:\n    - {label: a, command: [cat]}\n    - {key: b, label: a, command: [cat]}\n',
        ),
      ),
    ).toMatchInlineSnapshot(`
      "agents.yaml:7:23: the label "a" stands twice in the layout, first at agents.yaml:6; give one of them another label
          7 |     - {key: b, label: a, command: [cat]}
            |                       ^"
    `);
  });
  test('a template that numbers nothing', () => {
    expect(
      one(
        'name: t\npanes:\n  - {role: slave, capability: w, label_pattern: w}\n  - {role: slave, capability: w, label_pattern: w}\n',
      ),
    ).toMatchInlineSnapshot(`
      "agents.yaml:4:5: panes 1 and 2 of the template both get the label "w"; put {ordinal} into the label pattern to number the panes of a role
          4 |   - {role: slave, capability: w, label_pattern: w}
            |     ^"
    `);
  });
  test('a label that becomes too long', () => {
    expect(
      one(layout('  template: 1m+2s\n  launch: {master: boss, slave: worker}\n', 'n'.repeat(62))),
    ).toMatchInlineSnapshot(`
      "agents.yaml:5:13: the template gives a pane the label "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn-m1", which is not valid: length 65 > 64; choose a shorter name for the layout or a simpler label pattern
          5 |   template: 1m+2s
            |             ^^^^^"
    `);
  });
  test('the session of the program itself', () => {
    expect(
      one(layout('  session: _agenttower\n  panes: [{label: a, command: [cat]}]\n')),
    ).toMatchInlineSnapshot(`
      "agents.yaml:5:12: the tmux session _agenttower is the program's own; choose another session
          5 |   session: _agenttower
            |            ^^^^^^^^^^^"
    `);
  });
  test('an argument beyond 128 KiB', () => {
    expect(one(pane(`command:\n        - cat\n        - ${'é'.repeat(70_000)}`))).toContain(
      'agents.yaml:9:11: longer than the 128 KiB that one argument or variable can have',
    );
  });
});

const solo = (name: string, label: string, spec = '') =>
  layout(`${spec}  panes:\n    - {label: ${label}, command: [cat]}\n`, name);

describe('a mistake between documents is told with both places', () => {
  test('a layout twice', () => {
    expect(one({ 'a.yaml': solo('x', 'a'), 'b.yaml': solo('x', 'a') })).toMatchInlineSnapshot(`
      "b.yaml:3:18: the layout "x" is declared twice in container local, first at a.yaml:3; rename one of them, or remove it
          3 | metadata: {name: x}
            |                  ^"
    `);
  });
  test('a session twice, as tmux spells it', () => {
    expect(
      one({ 'a.yaml': solo('x.y', 'a'), 'b.yaml': solo('z', 'b', '  session: x_y\n') }),
    ).toMatchInlineSnapshot(`
      "b.yaml:5:12: the tmux session of "x_y", which tmux writes like "x.y", in container local already belongs to the layout "x.y" (a.yaml:3); give each layout a session of its own
          5 |   session: x_y
            |            ^^^"
    `);
  });
  test('a label twice', () => {
    expect(one({ 'a.yaml': solo('x', 'a'), 'b.yaml': solo('y', 'a') })).toMatchInlineSnapshot(`
      "b.yaml:6:15: the label "a" in container local is already used by the layout "x" (a.yaml:6); labels are unique in a container; choose another
          6 |     - {label: a, command: [cat]}
            |               ^"
    `);
  });
  test('neither matters in different containers', () => {
    expect(() =>
      refusal({ 'a.yaml': solo('x', 'a'), 'b.yaml': solo('x', 'a', '  container: box\n') }),
    ).toThrow('accepted');
  });
  test('a mistake behind an anchor is told once, where it stands', () => {
    expect(
      one(
        layout(
          '  panes:\n    - {label: a, command: [cat], env: &e {A: 1}}\n    - {label: b, command: [cat], env: *e}\n',
        ),
      ),
    ).toContain('agents.yaml:6:46: spec.panes[0].env.A must be text');
  });
  test('a profile twice', () => {
    expect(
      one({ 'a.yaml': 'name: p\ncommand: [a]\n', 'b.yaml': 'name: p\ncommand: [b]\n' }),
    ).toMatchInlineSnapshot(`
      "b.yaml:1:7: LaunchProfile "p" is declared twice with different content, first at a.yaml:1; rename one of them, or remove it
          1 | name: p
            |       ^"
    `);
  });
  test('a name whose declaration is broken is not reported again', () => {
    expect(
      one({ 'a.yaml': 'name: p\ncommand: cat\n', 'b.yaml': pane('launch: p') }),
    ).toMatchInlineSnapshot(`
      "a.yaml:2:10: command must be a list, not "cat"; write it as a list: [cat]
          2 | command: cat
            |          ^^^"
    `);
    expect(one({ 'a.yaml': 'name: p: [\n', 'b.yaml': pane('launch: p') })).toContain('a.yaml:');
  });
});

test('all mistakes of all files are told at once, in reading order', () => {
  const rendered = refusal({
    'b.yaml': `${pane('launch: nobody')}---\nkind: Layout\n---\n${layout('  tempalte: 1m+2s\n  suspend: no\n', 'two')}`,
    'a.yaml': 'name: p\ncommand: cat\nenv: {A: 1}\n',
    'c.yaml': 'a: b: c\n',
  });
  expect(rendered.split('\n').filter((line) => /^\w+\.yaml/.test(line))).toMatchInlineSnapshot(`
    [
      "a.yaml:2:10: command must be a list, not "cat"; write it as a list: [cat]",
      "a.yaml:3:10: env.A must be text, not the number 1; quote it: "1"",
      "b.yaml:7:15: unknown launch profile "nobody"; known are boss, worker",
      "b.yaml:9:1: missing field "apiVersion" in the document; add "apiVersion: agenttower/v1"",
      "b.yaml:15:3: unknown field "tempalte" in spec; did you mean "template"?",
      "b.yaml:16:12: spec.suspend must be true or false, not "no"; write false",
      "c.yaml:1:4: a second "key: value" on one line; put quotes around a value that contains ": "",
    ]
  `);
});

/** The one problem of three panes arranged by this layout string. */
function arranged(string: string): string {
  const panes = ['a', 'b', 'c'].map((label) => `    - {label: ${label}, command: [cat]}\n`);
  return one(layout(`  layout: "${string}"\n  panes:\n${panes.join('')}`));
}
