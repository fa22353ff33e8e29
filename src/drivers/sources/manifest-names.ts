/** Whether a file of this name holds manifests. */
export function isManifestName(name: string): boolean {
  return /\.ya?ml$/.test(name);
}

/** Names that editors and tools use for their own purposes, of files and of directories: never looked into. */
export function isIgnoredName(name: string): boolean {
  return (
    name.startsWith('.') ||
    name.endsWith('~') ||
    name.endsWith('.swp') ||
    name.endsWith('.tmp') ||
    // vim writes and deletes a file of this name to learn whether the directory is writable.
    name === '4913' ||
    (name.startsWith('#') && name.endsWith('#'))
  );
}
