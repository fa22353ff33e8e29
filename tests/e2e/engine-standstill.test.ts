import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithEngine } from '../support/docker.ts';
import { type Benches, startBenches, untilCondition, untilHealthy } from './support/benches.ts';

/** A `docker` that does not come back while a certain file is there. */
function standIn() {
  const directory = mkdtempSync(join(tmpdir(), 'att-'));
  const hangs = join(directory, 'hangs');
  const script = `#!/bin/sh
PATH=\${PATH#*:}
[ -e ${hangs} ] && exec sleep 120
exec docker "$@"
`;
  writeFileSync(join(directory, 'docker'), script, { mode: 0o755 });
  return {
    env: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
    hang: () => writeFileSync(hangs, ''),
    recover: () => rmSync(hangs),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

describeWithEngine('docker', 'an engine that stands still', () => {
  const engine = standIn();
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches({ env: engine.env });
  });
  afterAll(async () => {
    await benches?.stop();
    engine.remove();
  });

  test('keeps nobody from stopping the daemon and starting it again', async () => {
    const { tower } = benches;
    const before = await benches.apply(await benches.start({ name: 'still' }), 'still');
    engine.hang();
    // Whoever asks now is still waited for when the daemon is told to end.
    const asked = tower.call('scan_containers').catch(() => 'it ended meanwhile');
    await tower.done('stop-daemon');
    await tower.done('ensure-daemon');
    await asked;
    const { message } = await untilCondition(tower, 'still', {
      type: 'Observed',
      status: 'False',
      reason: /EngineUnreachable/,
    });
    expect(message).toMatch(/docker/);
    engine.recover();
    const [after] = await untilHealthy(tower, 'still');
    expect(after?.panes.map(({ pid }) => pid)).toEqual(before.panes.map(({ pid }) => pid));
  });
});
