#!/usr/bin/env bash
# Prepares Gradescope's container, once, as root: the tools, and a build of the lab to start from.
#
# Base image: Ubuntu 22.04, Gradescope's own (Base Image OS "Ubuntu", version "22.04", variant "Base").
# Its QEMU 6.2 and Python 3.10 are too old, so a Debian 12 is put beside it, in which grading happens.
# In a container of Debian 12 itself that one is used. Everything else is refused by name.
set -euo pipefail

packages="@PACKAGES@"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$here
[[ -d $source/goose ]] || source=$here/source
top=$(dirname "$source")
export DEBIAN_FRONTEND=noninteractive

. /etc/os-release
case "${ID:-unknown} ${VERSION_ID:-unknown}" in
"ubuntu 22.04")
    debian=$top/debian
    apt-get update -q
    apt-get install -y --no-install-recommends debootstrap debian-archive-keyring
    rm -rf "$debian"
    # The rest by apt: debootstrap does not find a package by the names that it provides.
    debootstrap --variant=minbase bookworm "$debian"
    cp /etc/resolv.conf "$debian/etc/resolv.conf"
    # shellcheck disable=SC2086  # a list
    chroot "$debian" apt-get install -y --no-install-recommends $packages
    chroot "$debian" apt-get clean
    mkdir -p "$debian/autograder"
    cp -a "$source" "$debian/autograder/source"
    chmod 700 "$debian/autograder"
    ;;
"debian 12")
    debian=
    apt-get update -q
    # shellcheck disable=SC2086  # a list
    apt-get install -y --no-install-recommends $packages
    ;;
*)
    echo "goose's grader cannot run on ${PRETTY_NAME:-${ID:-this system}}: it needs g++ 12 for riscv64, QEMU 7.2" >&2
    echo "and Python 3.11. Choose the base image Ubuntu 22.04 at Gradescope (Configure Autograder)," >&2
    echo "or an image of your own from Debian 12." >&2
    exit 1
    ;;
esac
chmod 700 "$source"
exec bash "$source/enter" "$top" prepare
