export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Each passes the words up to the cursor to `agenttower __complete`; no candidates means file names. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Load it now:    source <(agenttower completion bash)
# Keep it:        agenttower completion bash > ~/.local/share/bash-completion/completions/agenttower
_agenttower() {
  local IFS=$'\\n'
  COMPREPLY=($(agenttower __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _agenttower agenttower
`,
  zsh: `#compdef agenttower
# Load it now:    source <(agenttower completion zsh)
# Keep it:        agenttower completion zsh > "\${fpath[1]}/_agenttower"
_agenttower() {
  local -a candidates
  candidates=("\${(@f)$(agenttower __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then
    compadd -a candidates
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _agenttower ]]; then
  _agenttower "$@"
else
  compdef _agenttower agenttower
fi
`,
  fish: `# Load it now:    agenttower completion fish | source
# Keep it:        agenttower completion fish > ~/.config/fish/completions/agenttower.fish
function __agenttower_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates (agenttower __complete $words[2..-1] "$current" 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c agenttower -f -a '(__agenttower_complete)'
`,
};
