#!/usr/bin/env bash
# need.sh NAME…: makes sure that Debian packages are installed. A NAME is `package`, or
# `command:package` where finding the command is proof enough (and accepts one that was built by
# hand). Installs what is missing with apt-get, through sudo if need be; where that cannot be, it
# prints the one command to type and fails. Silent when nothing is missing.
set -euo pipefail

has_package() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

look() {
    missing=()
    local name command package
    for name in "$@"; do
        command=${name%%:*}
        package=${name##*:}
        if [[ $name == *:* ]]; then
            PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null 2>&1 && continue
        else
            has_package "$package" && continue
        fi
        missing+=("$package")
    done
}

look "$@"
((${#missing[@]})) || exit 0
# `make -j` comes here several times at once, and apt-get works for one at a time: the next one
# waits, and looks again.
exec 9<"$0"
flock 9
look "$@"
((${#missing[@]})) || exit 0

say="goose needs ${missing[*]}"
install="apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "$say, and this is no Debian: install the packages that hold them, then try again" >&2
    exit 1
elif [[ $(id -u) == 0 ]]; then
    run=()
elif command -v sudo >/dev/null 2>&1 && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
    run=(sudo)
else
    printf '%s. As root, type:\n    %s\n' "$say" "$install" >&2
    exit 1
fi

echo "$say: installing" >&2
export DEBIAN_FRONTEND=noninteractive
# A stale package list is the usual reason for a failure, so the second try refreshes it.
if ! "${run[@]}" $install >/dev/null 2>&1; then
    "${run[@]}" apt-get update -q >/dev/null || true
    if ! "${run[@]}" $install >/dev/null; then
        printf 'could not install %s; what apt-get says is above. Once mended, type:\n    %s\n' \
            "${missing[*]}" "$install" >&2
        exit 1
    fi
fi
