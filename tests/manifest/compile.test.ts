import { describe, expect, test } from 'vitest';

import type { LayoutSpec } from '../../src/domain/spec.ts';
import { compiled, layout, profile } from './support.ts';

const only = (text: string, more?: Parameters<typeof compiled>[1]): LayoutSpec => {
  const { layouts } = compiled(text, more);
  expect(layouts).toHaveLength(1);
  return layouts[0]!.spec;
};

describe('a layout', () => {
  test('is filled with every default', () => {
    expect(only(layout('  panes:\n    - {label: one, command: [cat]}\n'))).toEqual({
      name: 'demo',
      container: 'local',
      session: 'demo',
      labels: {},
      arrangement: 'tiled',
      updateStrategy: { type: 'RollingUpdate', maxUnavailable: 1 },
      suspend: false,
      slots: [
        {
          key: 'one',
          label: 'one',
          role: 'unknown',
          capability: 'unknown',
          command: ['cat'],
          env: {},
          log: true,
          after: [],
          restartPolicy: 'Always',
          onRemove: 'kill',
          settleMs: 1000,
        },
      ],
    });
  });

  test('keeps everything that is written out', () => {
    const text = `
apiVersion: agenttower/v1
kind: Layout
metadata:
  name: payments
  labels: {team: payments}
spec:
  container: bench-api
  session: pay
  layout: main-vertical
  restartPolicy: OnFailure
  updateStrategy: {type: OnDelete, maxUnavailable: 2}
  suspend: true
  panes:
    - label: m1
      command: [cat]
    - label: reviewer
      key: r
      role: slave
      capability: codex
      command: [codex, --full-auto]
      env: {CODEX_HOME: /workspace/.codex}
      workingDir: /workspace/api
      log: false
      after: [m1]
      restartPolicy: Never
      onRemove: orphan
      settle: 1m30s
`;
    const spec = only(text);
    expect(spec).toMatchObject({
      container: 'bench-api',
      session: 'pay',
      labels: { team: 'payments' },
      arrangement: 'main-vertical',
      updateStrategy: { type: 'OnDelete', maxUnavailable: 2 },
      suspend: true,
    });
    expect(spec.slots[0]?.restartPolicy).toBe('OnFailure');
    expect(spec.slots[1]).toEqual({
      key: 'r',
      label: 'reviewer',
      role: 'slave',
      capability: 'codex',
      command: ['codex', '--full-auto'],
      env: { CODEX_HOME: '/workspace/.codex' },
      workingDir: '/workspace/api',
      log: false,
      after: ['m1'],
      restartPolicy: 'Never',
      onRemove: 'orphan',
      settleMs: 90_000,
    });
  });

  test('says where it stands', () => {
    const text = `# a comment\n---\n${layout('  panes: [{label: a, command: [cat]}]\n')}`;
    expect(compiled(text).layouts[0]?.path).toBe('agents.yaml:3');
  });

  test('takes a field with nothing behind it as left out', () => {
    const text = layout('  session:\n  panes:\n    - label: a\n      command: [cat]\n      env:\n');
    expect(only(text)).toMatchObject({ session: 'demo', slots: [{ env: {} }] });
  });
});

describe('a template', () => {
  test('gives slots its own labels as keys and the prefixed ones as labels', () => {
    const spec = only(layout('  template: 1m+2s\n  launch: {master: boss, slave: worker}\n'));
    expect(spec.template).toBe('1m+2s');
    expect(spec.slots.map(({ key, label, role }) => [key, label, role])).toEqual([
      ['m1', 'demo-m1', 'master'],
      ['s1', 'demo-s1', 'slave'],
      ['s2', 'demo-s2', 'slave'],
    ]);
    expect(spec.slots.map((slot) => slot.profile)).toEqual(['boss', 'worker', 'worker']);
  });

  test('with {layout} in its pattern places the name itself', () => {
    const text = `name: t\npanes: [{role: slave, capability: w, label_pattern: "{layout}.w{ordinal}"}]\n---\n${layout('  template: t\n  launch: {slave: worker}\n')}`;
    expect(only(text).slots[0]).toMatchObject({ key: 'demo.w1', label: 'demo.w1' });
  });

  test.each(['m1', 'demo-m1'])('slot is changed field by field under the label %s', (label) => {
    const spec = only(
      layout(
        `  template: 1m+2s\n  launch: {master: boss, slave: worker}\n  panes:\n    - {label: ${label}, env: {A: b}, capability: claude}\n`,
      ),
    );
    expect(spec.slots).toHaveLength(3);
    expect(spec.slots[0]).toMatchObject({
      key: 'm1',
      label: 'demo-m1',
      role: 'master',
      capability: 'claude',
      profile: 'boss',
      env: { A: 'b' },
    });
  });

  test('slot is renamed by key and label', () => {
    const spec = only(
      layout(
        '  template: 1m+2s\n  launch: {master: boss, slave: worker}\n  panes: [{key: s2, label: reviewer}]\n',
      ),
    );
    expect(spec.slots[2]).toMatchObject({ key: 's2', label: 'reviewer', profile: 'worker' });
  });

  test('is followed by the panes that are added', () => {
    const spec = only(
      layout(
        '  template: 1m+2s\n  launch: {master: boss, slave: worker}\n  panes: [{label: extra, command: [cat]}]\n',
      ),
    );
    expect(spec.slots.map(({ key }) => key)).toEqual(['m1', 's1', 's2', 'extra']);
  });

  test('of the set beats the one of the catalog, and its default launch comes last', () => {
    const text = `name: 1m+2s\npanes: [{role: master, capability: x, label_pattern: solo, default_launch_command_ref: boss}]\n---\n${layout('  template: 1m+2s\n')}`;
    expect(only(text).slots).toMatchObject([{ key: 'solo', label: 'demo-solo', profile: 'boss' }]);
  });
});

describe('the command of a pane', () => {
  const catalog = {
    templates: [],
    profiles: [
      profile('by-role', { env: { A: 'role', B: 'role' }, workingDir: '/role', settleMs: 5 }),
      profile('by-label'),
      profile('own', { restartPolicy: 'Never' }),
    ],
  };
  const slot = (pane: string, launch = '{slave: by-role}') =>
    only(layout(`  launch: ${launch}\n  restartPolicy: OnFailure\n  panes: [${pane}]\n`), catalog)
      .slots[0];

  test('comes from its own launch before label and role', () => {
    expect(slot('{label: s, role: slave, launch: own}')?.profile).toBe('own');
    const both = '{slave: by-role, s: by-label}';
    expect(slot('{label: s, role: slave}', both)?.profile).toBe('by-label');
    expect(slot('{label: t, role: slave}')?.profile).toBe('by-role');
  });

  test('written out needs no profile', () => {
    const found = slot('{label: s, role: slave, command: [cat]}');
    expect(found).toMatchObject({ command: ['cat'], env: {}, settleMs: 1000 });
    expect(found).not.toHaveProperty('profile');
  });

  test('beside a launch replaces the command of the profile alone', () => {
    expect(slot('{label: s, launch: by-role, command: [cat]}')).toMatchObject({
      profile: 'by-role',
      command: ['cat'],
      workingDir: '/role',
      env: { A: 'role', B: 'role' },
      settleMs: 5,
    });
  });

  test('gets the environment of both, and the value of the pane wins', () => {
    const found = slot('{label: t, role: slave, env: {B: pane, C: pane}, workingDir: /pane}');
    expect(found?.env).toEqual({ A: 'role', B: 'pane', C: 'pane' });
    expect(found?.workingDir).toBe('/pane');
  });

  test('is restarted as pane, profile and layout say, in this order', () => {
    expect(slot('{label: t, launch: own, restartPolicy: Always}')?.restartPolicy).toBe('Always');
    expect(slot('{label: t, launch: own}')?.restartPolicy).toBe('Never');
    expect(slot('{label: t, launch: by-role}')?.restartPolicy).toBe('OnFailure');
  });
});

describe('names', () => {
  test('of the set are found in any file, before those of the catalog', () => {
    const { layouts, profiles } = compiled({
      'a.yaml': layout('  panes: [{label: a, launch: boss}]\n'),
      'z.yaml': 'name: boss\ncommand: [mine]\nworking_dir: /w\nenv:\n',
    });
    expect(layouts[0]?.spec.slots[0]).toMatchObject({ command: ['mine'], workingDir: '/w' });
    expect(profiles).toEqual([
      { profile: { name: 'boss', command: ['mine'], env: {}, workingDir: '/w' }, path: 'z.yaml:1' },
    ]);
  });

  test('that a catalog holds twice mean the later entry', () => {
    const catalog = { templates: [], profiles: [profile('p'), profile('p', { command: ['new'] })] };
    expect(only(layout('  panes: [{label: a, launch: p}]\n'), catalog).slots[0]?.command).toEqual([
      'new',
    ]);
  });

  test('of panes in after may be keys or labels, and become keys', () => {
    const spec = only(
      layout(
        '  template: 1m+2s\n  launch: {master: boss, slave: worker}\n  panes: [{label: x, command: [cat], after: [m1, demo-s1, s1]}]\n',
      ),
    );
    expect(spec.slots[3]?.after).toEqual(['m1', 's1']);
  });

  test('declared twice with the same content are one object', () => {
    const text = 'name: p\ncommand: [cat]\n';
    expect(compiled({ 'a.yaml': text, 'b.yaml': text }).profiles).toHaveLength(1);
  });
});

describe('a file', () => {
  test('without documents declares nothing', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n---\n', 'null\n', '\uFEFF']) {
      expect(compiled(text)).toEqual({ layouts: [], templates: [], profiles: [], routes: [] });
    }
  });

  test('may use anchors and merge keys', () => {
    const spec = only(
      layout(`  panes:
    - &base
      label: a
      command: &c [cat]
      env: &env {A: '1', B: '2'}
    - {<<: *base, label: b, env: {<<: *env, B: '3'}}
    - {<<: [{role: shell}, *base], label: c}
`),
    );
    expect(spec.slots).toMatchObject([
      { label: 'a', env: { A: '1', B: '2' } },
      { label: 'b', command: ['cat'], env: { A: '1', B: '3' }, role: 'unknown' },
      { label: 'c', command: ['cat'], role: 'shell' },
    ]);
  });

  test('means the same with any line ends and a byte order mark', () => {
    const text = layout('  panes:\n    - label: a\n      command: [cat]\n');
    const expected = compiled(text);
    expect(compiled(text.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(compiled(text.replaceAll('\n', '\r'))).toEqual(expected);
    expect(compiled(`\uFEFF${text.replace('\n', '\r\n')}`)).toEqual(expected);
  });

  test('may hold all kinds and both plain forms at once', () => {
    const set = compiled(`apiVersion: agenttower/v1
kind: LayoutTemplate
metadata: {name: pair}
spec:
  panes:
    - {role: master, capability: a, labelPattern: 'm{ordinal}', defaultLaunch: p}
    - {role: slave, capability: b, labelPattern: 's{ordinal}'}
---
apiVersion: agenttower/v1
kind: LaunchProfile
metadata: {name: p}
spec: {command: [cat], env: {A: b}, workingDir: /w, settle: 2s, restartPolicy: Never}
---
name: plain
panes: [{role: swarm, capability: c, label_pattern: w, default_launch_command_ref: null}]
---
name: q
command: [q]
restart_policy: OnFailure
settle: 1ms
---
${layout('  template: pair\n  launch: {slave: q}\n')}`);
    expect(set.templates.map(({ template }) => template)).toEqual([
      {
        name: 'pair',
        panes: [
          { role: 'master', capability: 'a', labelPattern: 'm{ordinal}', defaultLaunch: 'p' },
          { role: 'slave', capability: 'b', labelPattern: 's{ordinal}' },
        ],
      },
      { name: 'plain', panes: [{ role: 'swarm', capability: 'c', labelPattern: 'w' }] },
    ]);
    expect(set.profiles.map((found) => found.profile)).toEqual([
      {
        name: 'p',
        command: ['cat'],
        env: { A: 'b' },
        workingDir: '/w',
        settleMs: 2000,
        restartPolicy: 'Never',
      },
      { name: 'q', command: ['q'], env: {}, settleMs: 1, restartPolicy: 'OnFailure' },
    ]);
    expect(set.layouts[0]?.spec.slots).toMatchObject([
      { key: 'm1', profile: 'p', settleMs: 2000, restartPolicy: 'Never' },
      { key: 's1', profile: 'q', settleMs: 1 },
    ]);
  });
});
