import { expect, test } from 'vitest';

import { exportLayout } from '../../src/manifest/export-layout.ts';
import { compiled, layout } from './support.ts';

test('an exported layout reads like one written by hand', () => {
  const text = layout(`  container: bench-api
  template: 1m+2s
  launch: {master: boss, slave: worker}
  panes:
    - label: extra
      after: [m1]
      env: {GREETING: "good: morning", EMPTY: "", N: "1"}
      command:
        - sh
        - -c
        - |
          while :; do
            date
          done
`);
  expect(exportLayout(compiled(text).layouts[0]!.spec)).toMatchInlineSnapshot(`
    "apiVersion: agenttower/v1
    kind: Layout
    metadata:
      name: demo
    spec:
      container: bench-api
      template: 1m+2s
      panes:
        - key: m1
          label: demo-m1
          role: master
          capability: orchestrator
          launch: boss
          command: [boss]
          restartPolicy: Always
          settle: 1s
        - key: s1
          label: demo-s1
          role: slave
          capability: worker
          launch: worker
          command: [worker]
          restartPolicy: Always
          settle: 1s
        - key: s2
          label: demo-s2
          role: slave
          capability: worker
          launch: worker
          command: [worker]
          restartPolicy: Always
          settle: 1s
        - key: extra
          label: extra
          role: unknown
          capability: unknown
          command:
            - sh
            - -c
            - |
              while :; do
                date
              done
          env:
            GREETING: "good: morning"
            EMPTY: ""
            N: "1"
          after: [m1]
    "
  `);
});
