/**
 * Takes secrets out of one line that a person or a program will see. The line must be rendered already: a colour in
 * the middle of a token would hide it from every rule here.
 */
export function redactLine(line: string): string {
  if (!MAY_HOLD_SECRET.test(line)) return line;
  if (WHOLE_LINE_TOKEN.test(line)) return '<redacted:jwt>';
  let shown = line.replace(WHOLE_LINE_VARIABLE, '$1=<redacted:env-secret>');
  for (const [secret, replacement] of SECRETS) shown = shown.replaceAll(secret, replacement);
  return shown;
}

/** Every rule below needs one of these. */
const MAY_HOLD_SECRET =
  /sk-|gh[a-z]_|github_pat_|AKIA|AIza|xox[a-z]-|bearer|eyJ|key|token|secret|password|passwd|auth|^\s*[\w-]+\.[\w-]+\.[\w-]+\s*$/i;

/** Three parts of base64url: a token printed alone. */
const WHOLE_LINE_TOKEN = /^\s*(?=[\w.-]{32})[\w-]+\.[\w-]+\.[\w-]+\s*$/;

const WHOLE_LINE_VARIABLE =
  /^((?:\s*(?:export|set|declare -x)\s)?\s*\w*(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|AUTH))=.+$/i;

const SECRETS: readonly (readonly [secret: RegExp, replacement: string])[] = [
  [/\bsk-[\w-]{20,}/g, '<redacted:openai-key>'],
  [/\b(?:gh[a-z]_\w{20,}|github_pat_\w{20,})/g, '<redacted:github-token>'],
  [/\bAKIA[A-Z0-9]{16}\b/g, '<redacted:aws-access-key>'],
  [/\bAIza[\w-]{35}/g, '<redacted:google-api-key>'],
  [/\bxox[a-z]-[\w-]{10,}/g, '<redacted:slack-token>'],
  [/\b(bearer)\s+[\w.~+/=-]{16,}/gi, '$1 <redacted:bearer>'],
  [/\beyJ[\w-]{10,}\.[\w-]{4,}\.[\w-]{4,}/g, '<redacted:jwt>'],
  [
    /(?<![\w<])(\w*(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|AUTH))=(?!<redacted:)(?:"[^"]*"|'[^']*'|[^\s"'&]+)/gi,
    '$1=<redacted:env-secret>',
  ],
];
