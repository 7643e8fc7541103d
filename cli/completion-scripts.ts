/** Shells that completion is written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a shell is to source, so that it asks `NAME complete -- WORDS` for what can stand at the cursor. */
export const completionScripts: Readonly<Record<Shell, (name: string) => string>> = {
  // Bash takes words apart at some characters, such as the `@` of a rendition: they are read anew from the line.
  bash: (name) => `# bash completion of ${name}
_${name}() {
  local line=\${COMP_LINE:0:COMP_POINT} word apart= reply value
  local -a words
  read -r -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[\${#words[@]} - 1]}
  [[ $word == *["$COMP_WORDBREAKS"]* ]] && apart=\${word%"\${word##*["$COMP_WORDBREAKS"]}"}
  reply=$("\${words[0]/#\\~/$HOME}" complete -- "\${words[@]:1}" 2>/dev/null) || return
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ $value == "$word"* && $value != :* ]] && COMPREPLY+=("\${value#"$apart"}")
  done <<<"$reply"
  case \${reply##*:} in
    0) compopt -o default ;;
    16) compopt -o dirnames ;;
  esac
}
complete -F _${name} ${name}
`,
  zsh: (name) => `#compdef ${name}
# zsh completion of ${name}
_${name}() {
  local reply line
  local -a values
  reply=$("\${(@Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null) || return 1
  for line in \${(f)reply}; do
    [[ $line == :* ]] && continue
    values+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line:#*$'\\t'*}:+:\${line#*$'\\t'}}")
  done
  (( $#values )) && _describe '${name}' values
  case \${reply##*:} in
    0) _files ;;
    16) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = "_${name}" ]; then _${name} "$@"; else compdef _${name} ${name}; fi
`,
  fish: (name) => `# fish completion of ${name}
function __${name}_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l reply ($words[1] complete -- $words[2..] "$word" 2>/dev/null)
  string match --invert ':*' -- $reply
  switch "$reply[-1]"
    case ':0'
      __fish_complete_path "$word"
    case ':16'
      __fish_complete_directories "$word" ''
  end
end
complete --command ${name} --no-files --arguments '(__${name}_complete)'
`,
};
