import { expect, test } from 'vitest';
import type { DeclaredObject, SourceRecord } from '../../../src/declare/ports.ts';
import { testStore } from './rows.ts';

const profile: DeclaredObject = {
  kind: 'LaunchProfile',
  name: 'claude',
  source: 'apply',
  path: 'profiles.yaml:1',
  content: { command: ['claude'], env: { LANG: 'C' } },
};
const team: SourceRecord = {
  config: {
    kind: 'git',
    name: 'team',
    url: '/srv/team.git',
    branch: 'main',
    path: '',
    prune: true,
    allowEmpty: false,
    intervalMs: 60_000,
    origin: 'command',
  },
  status: { problems: [], consecutiveFailures: 0 },
};

test('declared objects are kept, replaced by kind and name, and deleted', () => {
  const { store } = testStore();
  const template = { ...profile, kind: 'LayoutTemplate' } as const;
  store.transact((tx) => {
    tx.putObject(template);
    tx.putObject(profile);
  });
  expect(store.objects()).toEqual([profile, template]);
  const edited = { ...profile, source: 'team', content: ['anything'] };
  store.transact((tx) => tx.putObject(edited));
  expect(store.objects()).toEqual([edited, template]);
  store.transact((tx) => tx.deleteObject('LayoutTemplate', 'claude'));
  expect(store.objects()).toEqual([edited]);
});

test('sources are kept with what is known of them', () => {
  const { store } = testStore();
  const other = { ...team, config: { ...team.config, name: 'alpha' } };
  store.transact((tx) => {
    tx.putSource(team);
    tx.putSource(other);
  });
  expect(store.sources()).toEqual([other, team]);
  const failing = {
    ...team,
    status: {
      fetchedRevision: 'main@sha1:2',
      lastError: 'unreachable',
      problems: [{ file: 'a.yaml', line: 3, message: 'unknown key' }],
      consecutiveFailures: 3,
      lastCheckedAt: 9,
    },
  };
  store.transact((tx) => {
    tx.putSource(failing);
    tx.deleteSource('alpha');
  });
  expect(store.sources()).toEqual([failing]);
});

test('a plan is spent once, unless the spending was rolled back', () => {
  const { store } = testStore();
  expect(() =>
    store.transact((tx) => {
      tx.spendPlan('plan');
      throw new Error('refused');
    }),
  ).toThrow('refused');
  expect(store.isPlanSpent('plan')).toBe(false);
  expect(store.transact((tx) => tx.spendPlan('plan'))).toBe(true);
  expect(store.transact((tx) => tx.spendPlan('plan'))).toBe(false);
  expect(store.isPlanSpent('plan')).toBe(true);
  expect(store.transact((tx) => tx.spendPlan('another'))).toBe(true);
});
