# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# paths.sh: where everything is, as absolute paths. Source it; every tool agrees on
# these three.
#
# KVMSCOPE_ROOT   the checkout
# KVMSCOPE_BUILD  everything made; override it to work beside another build
# KVMSCOPE_CACHE  downloads/ and ccache/, shared by all checkouts of a user

KVMSCOPE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
KVMSCOPE_BUILD=$(realpath -ms -- "${KVMSCOPE_BUILD:-$KVMSCOPE_ROOT/build}")
KVMSCOPE_CACHE=$(realpath -ms -- "${KVMSCOPE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/kvmscope}")
export KVMSCOPE_ROOT KVMSCOPE_BUILD KVMSCOPE_CACHE

# need_build: make KVMSCOPE_BUILD if it is missing, or end the tool: it must be writable.
# Needs say.sh.
need_build() {
	{ mkdir -p "$KVMSCOPE_BUILD" && [[ -w $KVMSCOPE_BUILD ]]; } 2>/dev/null ||
		die "cannot write to $KVMSCOPE_BUILD; make it yours (chown -R), or choose another folder with KVMSCOPE_BUILD="
}
