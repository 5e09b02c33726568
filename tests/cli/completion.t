#!/bin/bash
# SPDX-License-Identifier: MIT
# The bash completion, sourced and asked as bash would.
# shellcheck source=tests/cli/lib.sh disable=SC2016 # Perl in single quotes
. tests/cli/lib.sh

"$program" help --completion bash >"$work/keepsake.bash"
is "$?" 0 "the script is printed"
bash -n "$work/keepsake.bash"
ok $? "it is valid bash"
if type shellcheck >/dev/null 2>&1; then
    is "$(shellcheck -s bash "$work/keepsake.bash" 2>&1)" "" "shellcheck finds nothing"
else
    skip "shellcheck is not installed"
fi
for shell in zsh fish; do
    "$program" help --completion $shell >"$work/keepsake.$shell"
    is "$?" 0 "the script for $shell is printed"
    if type $shell >/dev/null 2>&1; then
        is "$($shell -n "$work/keepsake.$shell" 2>&1)" "" "it is valid"
    else
        skip "$shell is not installed"
    fi
done
if type fish >/dev/null 2>&1; then
    fish_completes() { # WANT LINE
        is "$(cd "$work" && fish --no-config -c "source keepsake.fish; complete -C '$2'" | cut -f1 | sort | xargs)" "$1" "fish: $2"
    }
    fish_completes "search serve" "keepsake se"
    fish_completes "list path pull use verify" "keepsake --gallery x model "
    fish_completes "--count" "keepsake search --cou"
    fish_completes "bf16" "keepsake --precision b"
    fish_completes "mini" "keepsake model verify m"
    fish_completes "label labels" "keepsake help la"
fi
if type zsh >/dev/null 2>&1; then
    is "$(zsh -f -c "autoload -Uz compinit; compinit -u -D; source $work/keepsake.zsh; print \$_comps[keepsake]; _keepsake_model_pull 2>&1 | head -c0")" \
        _keepsake "zsh: it is registered"
fi
fails 2 "--completion must be bash, zsh or fish, not 'tcsh'" "another shell" help --completion tcsh

# shellcheck disable=SC1091 # made above
. "$work/keepsake.bash"
few_pictures
cd "$work/photos" || exit 1

completes() { # WANT WORD...: the last word is being typed
    local want=$1
    shift
    COMP_WORDS=(keepsake "$@") COMP_CWORD=$#
    _keepsake
    is "$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)" "$want" "keepsake $*"
}

like "$(complete -p keepsake)" "-F _keepsake keepsake" "it is registered"
completes "album albums ask backup doctor embed export forget help import index label labels ledger mcp model never-send places restore search serve split status version" ""
completes "search serve split status" s
completes "list path pull use verify" model ""
completes "edit remove" labels ""
completes "blue.png green.png red.png remove trip" never-send ""
completes "red.png remove" never-send r
completes "red.png" never-send remove r
completes "--label" never-send --la
completes "pull" --json model pu
completes "--failures" status --fa
completes "--damaged --decode-memory --decode-seconds --failures --gallery --help --json --model --precision --preview --quiet --require-cage --threads --thumbnails-max --version" status --
completes "--gallery" --ga
completes "--count" search --cou
completes "" status --co
completes "blue.png green.png red.png trip" index ""
completes "red.png" forget r
completes "red.png" export --force r
completes "red.png" import r
completes "--force" export --fo
completes "red.png" --gallery r
completes "red.png" index x.jpg --gallery r
completes "red.png" search --gallery = r
completes "auto bf16 f32" --precision ""
completes "bf16" --precision = b
completes "mini" --model mi
completes "mini" model verify m
completes "./trip/../trip" --model ./trip/../tri
completes "./trip" --model ./t
completes "embed export" help e
completes "pull" help model pu
completes "" help index r
completes "search split status" --gallery index s
completes "search split status" --gallery = index s
completes "red.png" search --like r
completes "" search -k ""
completes "" search "do"
completes "red.png" index -- r
completes "" index -- --ga
done_testing
