# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# paths.sh: where everything is. Source it; every tool agrees on these three.
#
# KVMSCOPE_ROOT   the checkout
# KVMSCOPE_BUILD  everything made; override it to work beside another build
# KVMSCOPE_CACHE  downloads/ and ccache/, shared by all checkouts of a user

KVMSCOPE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
: "${KVMSCOPE_BUILD:=$KVMSCOPE_ROOT/build}"
: "${KVMSCOPE_CACHE:=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/kvmscope}"
export KVMSCOPE_ROOT KVMSCOPE_BUILD KVMSCOPE_CACHE
