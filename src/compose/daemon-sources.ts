import { applySource, type DeclarationsDeps } from '../declare/declarations.ts';
import { type SourceController, startSourceController } from '../declare/source-controller.ts';
import { AgentTowerError } from '../domain/errors.ts';
import { runProcess } from '../drivers/process/run-process.ts';
import { sweepMirrors } from '../drivers/sources/git-mirror.ts';
import { openSources } from '../drivers/sources/open-source.ts';
import { systemClock } from '../drivers/system/clock.ts';
import type { Setting } from './daemon-parts.ts';
import { toFields } from './log-fields.ts';

/** Starts a loop per configured or added source; each applies what it reads through `declare`. */
export function startSources(
  declarations: DeclarationsDeps,
  {
    options,
    store,
    log,
    configured,
  }: Omit<Setting, 'policy' | 'wrap'> & {
    readonly configured: Parameters<typeof startSourceController>[0]['configured'];
  },
): SourceController {
  const { env, paths } = options;
  const warn = (message: string, fields: Readonly<Record<string, unknown>>): void =>
    log('warn', 'source', { message, ...toFields(fields) });
  return startSourceController({
    store,
    clock: systemClock,
    log: warn,
    configured,
    dropCaches: (isKept) => sweepMirrors(paths.sourcesDir, isKept),
    openSource: openSources({
      clock: systemClock,
      run: runProcess,
      env,
      workDir: paths.sourcesDir,
      log: warn,
    }),
    apply: (config, snapshot, applyOptions) => {
      try {
        return applySource(config, snapshot, applyOptions, declarations);
      } catch (error) {
        if (!(error instanceof AgentTowerError)) throw error;
        const problems = error.code === 'manifest_invalid' ? problemsOf(error) : [];
        return { ok: false, problems, message: error.message };
      }
    },
  });
}

function problemsOf(error: AgentTowerError) {
  return (error as AgentTowerError<'manifest_invalid'>).details.problems;
}
