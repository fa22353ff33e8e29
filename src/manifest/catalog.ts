import { identifierProblem } from '../domain/ids.ts';
import { expandTemplate, type LaunchProfile, type LayoutTemplate } from '../domain/templates.ts';
import type { ManifestDocument, Path } from './document.ts';
import { checkProcessFields } from './process-fields.ts';
import {
  present,
  type RawPlainProfile,
  type RawPlainTemplate,
  type RawProfile,
  type RawTemplate,
} from './raw.ts';

/** A template from a document of either form, whose shape was checked. */
export function toTemplate(document: ManifestDocument, isPlain: boolean): LayoutTemplate {
  const template = isPlain
    ? fromPlainTemplate(document.value as RawPlainTemplate)
    : fromTemplate(document.value as RawTemplate);
  checkLabels(document, template, isPlain ? ['panes'] : ['spec', 'panes']);
  return template;
}

function fromTemplate({ metadata, spec }: RawTemplate): LayoutTemplate {
  return {
    name: metadata.name,
    panes: spec.panes.map(({ role, capability, labelPattern, defaultLaunch }) => ({
      role,
      capability,
      labelPattern,
      ...present({ defaultLaunch }),
    })),
  };
}

function fromPlainTemplate({ name, panes }: RawPlainTemplate): LayoutTemplate {
  return {
    name,
    panes: panes.map((pane) => ({
      role: pane.role,
      capability: pane.capability,
      labelPattern: pane.label_pattern,
      ...present({ defaultLaunch: pane.default_launch_command_ref }),
    })),
  };
}

/** Whatever the layout is called, the labels must be identifiers and differ from each other. */
function checkLabels(document: ManifestDocument, template: LayoutTemplate, path: Path): void {
  const first = new Map<string, number>();
  for (const [index, { key }] of expandTemplate(template, 'x').entries()) {
    const place = [...path, index];
    const same = first.get(key);
    const problem = identifierProblem(key);
    if (problem !== undefined) {
      const message = `the label ${JSON.stringify(key.slice(0, 80))} is not valid: ${problem}`;
      document.report(place, { message }, { mayFollow: true });
    } else if (same !== undefined) {
      document.report(place, {
        message: `panes ${same + 1} and ${index + 1} of the template both get the label "${key}"`,
        hint: 'put {ordinal} into the label pattern to number the panes of a role',
      });
    }
    first.set(key, same ?? index);
  }
}

/** A launch profile from a document of either form, whose shape was checked. */
export function toProfile(document: ManifestDocument, isPlain: boolean): LaunchProfile {
  const { name, path, fields } = isPlain
    ? plainProfileFields(document.value as RawPlainProfile)
    : profileFields(document.value as RawProfile);
  const { command, env, workingDir, settle, restartPolicy } = fields;
  const settleMs = checkProcessFields(document, path, { command, env, settle });
  return {
    name,
    command,
    env: env ?? {},
    ...present({ workingDir, settleMs, restartPolicy }),
  };
}

interface ProfileFields {
  readonly name: string;
  readonly path: Path;
  readonly fields: RawProfile['spec'];
}

function profileFields({ metadata, spec }: RawProfile): ProfileFields {
  return { name: metadata.name, path: ['spec'], fields: spec };
}

function plainProfileFields(raw: RawPlainProfile): ProfileFields {
  const { name, command, env, settle } = raw;
  const fields = {
    command,
    env,
    settle,
    workingDir: raw.working_dir,
    restartPolicy: raw.restart_policy,
  };
  return { name, path: [], fields };
}
