"""The scripts of `trunkline completion bash|zsh|fish`: each asks `trunkline __complete`, in cobra's protocol."""

from __future__ import annotations

_BASH = r"""# trunkline for bash: source <(trunkline completion bash)
_trunkline_complete() {
  local current="${COMP_WORDS[COMP_CWORD]}" directive lines line word
  COMPREPLY=()
  mapfile -t lines < <(trunkline __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ "${#lines[@]}" -gt 0 ] || return 0
  directive="${lines[-1]#:}"
  unset 'lines[-1]'
  for line in "${lines[@]}"; do
    word="${line%%$'\t'*}"
    # bash broke --flag=value into three words and completes the last.
    if [ "$current" = "=" ] || [ "${COMP_WORDS[COMP_CWORD-1]}" = "=" ]; then word="${word#*=}"; fi
    COMPREPLY+=("$word")
  done
  if [ "$directive" = 0 ] && [ "${#COMPREPLY[@]}" -eq 0 ]; then
    [ "$current" = "=" ] && current=""
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null
  fi
  return 0
}
complete -F _trunkline_complete trunkline
"""

_ZSH = r"""#compdef trunkline
# trunkline for zsh: source <(trunkline completion zsh), or as a file _trunkline in $fpath
_trunkline() {
  local -a lines described
  local line directive
  lines=("${(@f)$(trunkline __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  directive="${lines[-1]#:}"
  lines=("${(@)lines[1,-2]}")
  for line in "${lines[@]}"; do
    [[ -n "$line" ]] && described+=("${${line//:/\\:}/$'\t'/:}")
  done
  if (( ${#described} )); then
    _describe -V 'trunkline' described
  elif [[ "$directive" == 0 ]]; then
    _files
  fi
}
if [ "$funcstack[1]" = "_trunkline" ]; then
  _trunkline "$@"
else
  compdef _trunkline trunkline
fi
"""

_FISH = r"""# trunkline for fish: trunkline completion fish | source
function __trunkline_complete
  set -l words (commandline -opc)
  set -l lines (trunkline __complete $words[2..-1] (commandline -ct) 2>/dev/null)
  test (count $lines) -gt 0; or return
  set -l directive $lines[-1]
  set -e lines[-1]
  if test "$directive" = ":0" -a (count $lines) -eq 0
    __fish_complete_path (commandline -ct)
    return
  end
  printf '%s\n' $lines
end
complete -c trunkline -f -a '(__trunkline_complete)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def script(shell: str) -> str:
    """The script of a shell that has one."""
    return _SCRIPTS[shell]
