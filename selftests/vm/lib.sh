# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: what the tests of tools/vm share. Source first.
set -uo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
# shellcheck source=tools/lib/paths.sh
. "$here/../../tools/lib/paths.sh"
# shellcheck source=tools/lib/ktap.sh
. "$here/../../tools/lib/ktap.sh"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/kvmscope-vm.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The stock kernel by default: these tests are about the runner, not the patches.
variant=${VM_TEST_VARIANT:-stock}
run=("$KVMSCOPE_ROOT/tools/vm/run" --variant "$variant" --timeout 240)

# capture COMMAND…: sets out, err and status. A byte after the output keeps
# trailing newlines.
# shellcheck disable=SC2034 # the tests read them
capture() {
	"$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
	out=$(cat "$scratch/out"; echo .)
	out=${out%.}
	err=$(<"$scratch/err")
}

# vm [OPTION]… -- CMD: what the runner said last is shown if the check fails.
vm() {
	capture "${run[@]}" "$@"
	tail -n 40 "$scratch/err"
}
