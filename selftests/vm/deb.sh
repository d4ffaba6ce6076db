#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A distribution's kernel package: modules in order, no 9p, so the share is
# copied. Debian's cloud kernel is small and comes signed from the machine's own
# package sources.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Its own place to unpack to, so that unpacking is seen.
export KVMSCOPE_BUILD=$scratch/build

# fetch: the package's path, downloaded once to the user's cache.
fetch() {
	local name downloads=$KVMSCOPE_CACHE/downloads
	name=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -n 1)
	[[ -n $name ]] || { echo "apt knows no linux-image-cloud-amd64: run 'apt-get update'" >&2; return 1; }
	mkdir -p "$downloads"
	if ! compgen -G "$downloads/${name}_*.deb" >/dev/null; then
		(cd "$scratch" && apt-get download -qq "$name" >&2) ||
			{ echo "cannot download $name: no network?" >&2; return 1; }
		mv "$scratch/$name"_*.deb "$downloads"
	fi
	compgen -G "$downloads/${name}_*.deb" | tail -n 1
}

boots() {
	vm --kernel "$package" --share "$scratch/share" -- \
		sh -c 'uname -r; cat /mnt/share/given; ls /dev/kvm; exit 9'
	is 9 "$status" && has "$out" '^6\.[0-9.-]*-cloud-amd64$' && has "$out" '^given$' &&
		has "$out" '^/dev/kvm$' && has "$err" 'WARNING: --share is COPIED.*has no 9p'
}

unpacked_once() {
	local before
	before=$(stat -c %Z "$KVMSCOPE_BUILD"/vm/deb-*)
	vm --kernel "$package" -- modprobe -r kvm_amd
	is 0 "$status" && is "$before" "$(stat -c %Z "$KVMSCOPE_BUILD"/vm/deb-*)"
}

plan 3
mkdir -p "$scratch/share"
echo given >"$scratch/share/given"
check 'the package is available' fetch
package=$(fetch 2>/dev/null)
check 'a packaged kernel boots, with KVM and a copied share' boots
check 'it is unpacked once; modprobe knows its modules' unpacked_once
finish
