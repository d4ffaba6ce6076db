# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# ccache.sh: the one compiler environment of every kernel build. Source after
# say.sh and paths.sh. A second clone, and stock beside queue, hit the same cache entries
# only if no absolute path and no build date reaches the compiler: see
# docs/fetching.md.

export CCACHE_DIR=${CCACHE_DIR:-$KVMSCOPE_CACHE/ccache}
export CCACHE_BASEDIR=$KVMSCOPE_BUILD
export CCACHE_NOHASHDIR=1
export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-10G}
export KBUILD_BUILD_TIMESTAMP='2026-01-01 00:00:00 UTC'
export KBUILD_BUILD_USER=kvmscope
export KBUILD_BUILD_HOST=kvmscope
export KBUILD_BUILD_VERSION=1
export LC_ALL=C

# Arguments for make: CC from the environment would lose to the Makefile's own.
# shellcheck disable=SC2034 # used by those who source this file
CCACHE_MAKE=(CC='ccache gcc' HOSTCC='ccache gcc')

# JOBS, or a compiler for each CPU. What is no number, and 0, which some programs take
# for no limit, is refused. Needs say.sh.
# shellcheck disable=SC2034 # used by those who source this file
compiler_jobs=${JOBS:-$(nproc)}
[[ $compiler_jobs =~ ^[1-9][0-9]{0,3}$ ]] || die "JOBS='$JOBS' is not a number from 1 to 9999" 2
