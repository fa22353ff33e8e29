import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeclarationStore, DeclaredObject } from '../declare/ports.ts';
import type { Catalog } from '../declare/prepare.ts';
import {
  BUILT_IN_TEMPLATES,
  type LaunchProfile,
  type LayoutTemplate,
} from '../domain/templates.ts';
import { compileManifests } from '../manifest/compile.ts';
import { readPlainProfile, readPlainTemplate } from '../manifest/plain-files.ts';

/**
 * Templates and launch profiles an operator may name: built in, applied or declared by a source, and the plain files
 * in the two configuration directories, which are read anew each time and win. The directories are never created.
 */
export function openCatalog(configDir: string, store: DeclarationStore): () => Catalog {
  const templates = join(configDir, 'managed_templates');
  const profiles = join(configDir, 'launch_commands');
  return () => {
    const objects = store.objects();
    const files = [
      ...readFolder(templates, (text) => toTemplate(readPlainTemplate(text))),
      ...readFolder(profiles, (text) => toProfile(readPlainProfile(text))),
    ];
    return {
      templates: [
        ...BUILT_IN_TEMPLATES,
        ...(contents(objects, 'LayoutTemplate') as readonly LayoutTemplate[]),
        ...files.flatMap(({ templates }) => templates),
      ],
      profiles: [
        ...(contents(objects, 'LaunchProfile') as readonly LaunchProfile[]),
        ...files.flatMap(({ profiles }) => profiles),
      ],
    };
  };
}

function contents(
  objects: readonly DeclaredObject[],
  kind: DeclaredObject['kind'],
): readonly unknown[] {
  return objects.filter((object) => object.kind === kind).map(({ content }) => content);
}

/** Files of a folder in name order. One that cannot be read or understood is left out, the others count. */
function readFolder(
  folder: string,
  readPlain: (text: string) => Catalog | undefined,
): readonly Catalog[] {
  return listYaml(folder).flatMap((path) => {
    try {
      // Not a regular file: reading a pipe would wait for its other end.
      if (!statSync(path).isFile()) return [];
      const text = readFileSync(path, 'utf8');
      const plain = readPlain(text);
      if (plain !== undefined) return [plain];
      const compiled = compileManifests([{ path, text }], { templates: [], profiles: [] });
      if (!compiled.ok) return [];
      const { templates, profiles } = compiled.value;
      return [
        {
          templates: templates.map(({ template }) => template),
          profiles: profiles.map(({ profile }) => profile),
        },
      ];
    } catch {
      return [];
    }
  });
}

function toTemplate(template: LayoutTemplate | undefined): Catalog | undefined {
  return template && { templates: [template], profiles: [] };
}

function toProfile(profile: LaunchProfile | undefined): Catalog | undefined {
  return profile && { templates: [], profiles: [profile] };
}

function listYaml(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return names.toSorted().map((name) => join(folder, name));
  } catch {
    return [];
  }
}
