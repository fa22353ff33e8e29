import { execFileSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { format, type Summary } from './statistics.ts';

/** One line of the report: what was measured, and the target it is held to. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target: string;
  readonly met: boolean;
}

export function figure(
  name: string,
  value: string,
  { target, met }: Omit<Figure, 'name' | 'value'>,
): Figure {
  return { name, value, target, met };
}

export function showSummary({ p50, p95, min, max, runs }: Summary): string {
  return `p50 ${format(p50)}, p95 ${format(p95)} (${format(min)}–${format(max)}, ${runs} runs)`;
}

/** Markdown for docs/benchmarks.md: machine, date, and a table. */
export function renderReport(figures: readonly Figure[], details: readonly string[]): string {
  const tmux = execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim();
  const cores = cpus();
  return [
    `Machine: ${cores.length} × ${cores[0]?.model ?? 'unknown'}, Linux ${release()}, ${tmux}, Node ${process.version}.`,
    `Date: ${new Date().toISOString().slice(0, 10)}. Command: \`npm run bench\`.`,
    '',
    '| figure | measured | target | met |',
    '| --- | --- | --- | --- |',
    ...figures.map(
      ({ name, value, target, met }) =>
        `| ${name} | ${value} | ${target} | ${met ? 'yes' : 'NO'} |`,
    ),
    '',
    ...details.map((line) => `- ${line}`),
  ].join('\n');
}
