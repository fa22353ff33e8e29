import { expect, test } from 'vitest';
import { compileManifests } from '../../src/manifest/compile.ts';

const EMPTY = { templates: [], profiles: [] };

function compile(...spec: readonly string[]) {
  const text = [
    'apiVersion: agenttower/v1',
    'kind: Route',
    'metadata: {name: review}',
    'spec:',
    ...spec.map((line) => `  ${line}`),
  ].join('\n');
  return compileManifests([{ path: 'r.yaml', text }], EMPTY);
}

const BASE = ['eventType: error', "template: 'x'"];

test.each([
  [
    ['target: {}'],
    { scope: { kind: 'any' }, target: { rule: 'source' }, master: { rule: 'auto' } },
  ],
  [['target: {agent: s1}'], { target: { rule: 'explicit', value: 's1' } }],
  [['target: {role: slave}'], { target: { rule: 'role', value: 'role:slave' } }],
  [
    ['target: {role: swarm, capability: codex}'],
    { target: { rule: 'role', value: 'role:swarm,capability:codex' } },
  ],
  [['target: {}', 'source: {agent: s2}'], { scope: { kind: 'agent_id', value: 's2' } }],
  [['target: {}', 'source: {role: master}'], { scope: { kind: 'role', value: 'role:master' } }],
  [['target: {}', 'master: m1'], { master: { rule: 'explicit', value: 'm1' } }],
])('%j means what it says', (lines, spec) => {
  const compiled = compile(...BASE, ...lines);
  expect(compiled).toMatchObject({
    ok: true,
    value: { routes: [{ path: 'r.yaml:1', route: { name: 'review', enabled: true, spec } }] },
  });
});

test.each([
  [['eventType: routing_toggled', 'target: {}', 'template: x'], 'spec.eventType'],
  [['eventType: error', 'template: x'], 'missing field "target"'],
  [[...BASE, 'target: {role: master}'], 'spec.target.role must be slave or swarm'],
  [[...BASE, 'target: {agent: s1, role: slave}'], 'both an agent and a role are named'],
  [[...BASE, 'target: {capability: codex}'], 'no role is named'],
  [['eventType: error', 'target: {}', "template: '{nope}'"], 'there is no field {nope}'],
  [['eventType: error', 'target: {}', "template: '  '"], 'it is empty'],
  [[...BASE, 'target: {}', 'masters: m1'], 'unknown field "masters"'],
])('%j is refused', (lines, message) => {
  const compiled = compile(...lines);
  const problems = compiled.ok ? [] : compiled.error;
  expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
});
