/**
 * Text with the credentials of every URL in it replaced by `***`: `https://***@host/x?token=***`.
 * A user name alone stays for ssh, where it is part of the address and no secret.
 */
export function redactUrls(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*):\/\/([^\s/@'"]*(?:@[^\s/@'"]*)*)@/gi, (_all, scheme, user) =>
      isPlainSshUser(String(scheme), String(user)) ? `${scheme}://${user}@` : `${scheme}://***@`,
    )
    .replaceAll(
      /([?&][^\s=&'"]*(?:token|key|secret|password|auth)[^\s=&'"]*=)[^\s&'"]+/gi,
      '$1***',
    );
}

function isPlainSshUser(scheme: string, user: string): boolean {
  return scheme.toLowerCase().endsWith('ssh') && !user.includes(':');
}
