/** Text an operator wrote, with the path it is known by in errors and records. */
export interface ManifestFile {
  readonly path: string;
  readonly text: string;
}
