# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh: how QEMU is configured and compiled, in any tree of it. Source after say.sh,
# paths.sh and ccache.sh.

# Output lies inside the tree, for the compiler cache: see tools/lib/ccache.sh.
qemu_output=o
qemu_program=qemu-system-x86_64

# The emulator of one architecture: nothing that needs another library than glib, libfdt and
# libslirp, no documentation. Firmware is Debian's, where Debian's QEMU looks for it.
# Debug information would take time and space. Nothing is ever downloaded. By its version
# tools/lib/emulator.py knows it.
qemu_options=(
	--python=/usr/bin/python3 --cc='ccache gcc' --disable-download
	--target-list=x86_64-softmmu --without-default-features --enable-system
	--enable-tcg --enable-kvm --enable-fdt=system --enable-slirp
	--enable-virtfs --enable-attr
	--with-pkgversion=kvmscope --disable-docs --disable-debug-info --enable-werror
	--disable-install-blobs --firmwarepath=/usr/share/qemu:/usr/share/seabios:/usr/lib/ipxe/qemu
)

# qemu_environment: for configure, and for ninja, which runs meson if a meson.build
# changed. What else the caller's environment has for compilers is not for these.
qemu_environment() {
	local tools
	tools=$("$KVMSCOPE_ROOT/tools/fetch/build-tools")
	unset CFLAGS CXXFLAGS CPPFLAGS OBJCFLAGS LDFLAGS CC CXX PKG_CONFIG_PATH PYTHONHOME MAKEFLAGS NINJA_STATUS
	# Not to preprocess a file before it is compiled saves a third of a first build.
	export CCACHE_DEPEND=1
	export PATH=$tools/usr/bin:$PATH PYTHONPATH=$tools/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1
}

# qemu_configure TREE: unless that is done already, in this place and so.
qemu_configure() {
	local output=$1/$qemu_output key
	key=$(printf '%s\n' "$output" "$PYTHONPATH" "${qemu_options[@]}")
	[[ ! -f $output/.configured || $(<"$output/.configured") != "$key" ]] || return 0
	rm -rf "$output"
	mkdir "$output"
	(cd "$output" && ../configure "${qemu_options[@]}") || return
	echo "$key" >"$output/.configured"
}

# qemu_make TREE
qemu_make() {
	ninja -C "$1/$qemu_output" -j"${compiler_jobs:?}" "$qemu_program"
}

# qemu_progress LOG: ninja's own count.
qemu_progress() {
	local last
	last=$(grep -aoE '^\[[0-9]+/[0-9]+\]' "$1" 2>/dev/null | tail -n 1 | tr -d '[]')
	if [[ -n $last ]]; then
		echo "… ${last%/*} of ${last#*/} steps"
	else
		echo "… configuring"
	fi
}
