import { expect, test } from 'vitest';
import {
  BUILT_IN_TEMPLATES,
  expandTemplate,
  type LayoutTemplate,
} from '../../src/domain/templates.ts';

function keysOf(name: string): readonly string[] {
  const template = BUILT_IN_TEMPLATES.find((one) => one.name === name);
  if (template === undefined) throw new Error(`no template ${name}`);
  return expandTemplate(template, 'demo').map(({ key, role }) => `${key} ${role}`);
}

test('1m+2s is one master and two slaves', () => {
  expect(keysOf('1m+2s')).toEqual(['m1 master', 's1 slave', 's2 slave']);
});

test('2m+2s is two masters and two slaves', () => {
  expect(keysOf('2m+2s')).toEqual(['m1 master', 'm2 master', 's1 slave', 's2 slave']);
});

test('{ordinal} counts per role and {layout} is the name of the layout, as often as they stand', () => {
  const pane = { capability: 'x', labelPattern: '{layout}.{ordinal}.{ordinal}.{layout}' };
  const template: LayoutTemplate = {
    name: 'custom',
    panes: [
      { ...pane, role: 'swarm' },
      { ...pane, role: 'shell' },
      { ...pane, role: 'swarm', defaultLaunch: 'codex' },
    ],
  };
  expect(expandTemplate(template, 'a$&b')).toEqual([
    { ...template.panes[0], key: 'a$&b.1.1.a$&b' },
    { ...template.panes[1], key: 'a$&b.1.1.a$&b' },
    { ...template.panes[2], key: 'a$&b.2.2.a$&b' },
  ]);
});
