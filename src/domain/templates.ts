import type { RestartPolicy, Role } from './spec.ts';

/** One place of a template. `{ordinal}` counts per role from 1, `{layout}` is the layout's name. */
export interface TemplatePane {
  readonly role: Role;
  readonly capability: string;
  readonly labelPattern: string;
  readonly defaultLaunch?: string;
}

export interface LayoutTemplate {
  readonly name: string;
  readonly panes: readonly TemplatePane[];
}

/** How to start an agent: argv, environment, directory. */
export interface LaunchProfile {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Overrides the default settle time. Milliseconds. */
  readonly settleMs?: number;
  readonly restartPolicy?: RestartPolicy;
}

const MASTER: TemplatePane = {
  role: 'master',
  capability: 'orchestrator',
  labelPattern: 'm{ordinal}',
};
const SLAVE: TemplatePane = { role: 'slave', capability: 'worker', labelPattern: 's{ordinal}' };

export const BUILT_IN_TEMPLATES: readonly LayoutTemplate[] = [
  { name: '1m+2s', panes: [MASTER, SLAVE, SLAVE] },
  { name: '2m+2s', panes: [MASTER, MASTER, SLAVE, SLAVE] },
];

export interface ExpandedPane extends TemplatePane {
  /** Label without the layout's name: the slot's address. */
  readonly key: string;
}

/** The template's panes in order, with `{ordinal}` and `{layout}` filled in. */
export function expandTemplate(template: LayoutTemplate, layout: string): readonly ExpandedPane[] {
  const ordinals = new Map<string, number>();
  return template.panes.map((pane) => {
    const ordinal = (ordinals.get(pane.role) ?? 0) + 1;
    ordinals.set(pane.role, ordinal);
    const key = pane.labelPattern
      .replaceAll('{ordinal}', String(ordinal))
      .replaceAll('{layout}', () => layout);
    return { ...pane, key };
  });
}
