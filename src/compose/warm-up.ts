import { BUILT_IN_TEMPLATES } from '../domain/templates.ts';
import { compileManifests } from '../manifest/compile.ts';

const SAMPLE = `
apiVersion: agenttower/v1
kind: LaunchProfile
metadata: {name: sample}
spec: {command: [sh, -c, "true"]}
---
apiVersion: agenttower/v1
kind: Layout
metadata: {name: sample}
spec: {template: 1m+2s, launch: {master: sample, slave: sample}}
`;

/** Compiles a manifest nobody sees: the first compile costs ten times the next, and need not be a user's. */
export function warmUp(): void {
  compileManifests([{ path: 'sample.yaml', text: SAMPLE }], {
    templates: BUILT_IN_TEMPLATES,
    profiles: [],
  });
}
