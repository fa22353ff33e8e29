import type { DeclaredRoute } from '../domain/declared-route.ts';
import { templateProblem } from '../domain/route-template.ts';
import type { RouteSpec } from '../domain/routes.ts';
import type { ManifestDocument, Path } from './document.ts';
import type { RawRoute } from './raw.ts';

type Who = RawRoute['spec']['source'];

/** A route from a document whose shape was checked. */
export function toRoute(document: ManifestDocument): DeclaredRoute {
  const { metadata, spec } = document.value as RawRoute;
  checkWho(document, ['spec', 'source'], spec.source);
  checkWho(document, ['spec', 'target'], spec.target);
  const problem = templateProblem(spec.template);
  if (problem !== undefined) {
    document.report(['spec', 'template'], { message: `the template is no good: ${problem}` });
  }
  return {
    name: metadata.name,
    enabled: spec.enabled ?? true,
    spec: {
      eventType: spec.eventType,
      scope: toScope(spec.source),
      target: toTarget(spec.target),
      master: spec.master ? { rule: 'explicit', value: spec.master } : { rule: 'auto' },
      template: spec.template,
    },
  };
}

function checkWho({ report }: ManifestDocument, path: Path, who: Who): void {
  const { agent, role, capability } = who ?? {};
  if (agent && role) {
    report(path, {
      message: 'both an agent and a role are named',
      hint: 'keep the one that is meant',
    });
  }
  if (capability && !role) {
    report([...path, 'capability'], {
      message: 'a capability narrows a role, and no role is named',
      hint: 'add "role:"',
    });
  }
}

function toScope(who: Who): RouteSpec['scope'] {
  if (who?.agent) return { kind: 'agent_id', value: who.agent };
  return who?.role ? { kind: 'role', value: toPattern(who) } : { kind: 'any' };
}

function toTarget(who: Who): RouteSpec['target'] {
  if (who?.agent) return { rule: 'explicit', value: who.agent };
  return who?.role ? { rule: 'role', value: toPattern(who) } : { rule: 'source' };
}

function toPattern({ role, capability }: NonNullable<Who>): string {
  return capability ? `role:${role},capability:${capability}` : `role:${role}`;
}
