#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --share, --file and --program: what gets into the VM, and what comes back.
. "${BASH_SOURCE[0]%/*}/lib.sh"

mkdir -p "$scratch/share/sub" "$scratch/files/deep"
echo given >"$scratch/share/sub/given"
echo plain >"$scratch/files/deep/plain"
ln -s deep/plain "$scratch/files/inner-link"
ln -s "$scratch/share/sub/given" "$scratch/files/outer-link"

both_ways() {
	vm --share "$scratch/share" -- \
		sh -c 'cat /mnt/share/sub/given; echo back >/mnt/share/result'
	is 0 "$status" && is $'given\n' "$out" && is back "$(<"$scratch/share/result")" &&
		has_not "$err" COPIED
}

# Under --icount there is one CPU, and the share is a copy: both are said or seen.
counted() {
	vm --icount --smp 4 --share "$scratch/share" -- \
		sh -c 'cat /mnt/share/sub/given; nproc; echo lost >/mnt/share/copy-result'
	is $'given\n1\n' "$out" && has "$err" 'WARNING: --share is COPIED' &&
		[[ ! -e $scratch/share/copy-result ]]
}

files() {
	vm --file "$scratch/files:/opt/files" --file "$scratch/files/deep/plain" -- \
		cat /opt/files/deep/plain /opt/files/inner-link /opt/files/outer-link \
		"$scratch/files/deep/plain"
	is $'plain\nplain\ngiven\nplain\n' "$out"
}

# A script called like an applet must win, whoever starts it: busybox would
# rather run its own applet than what is in PATH.
no_shadow() {
	local program
	mkdir -p "$scratch/bin"
	for program in ls uname; do
		printf '#!/bin/sh\necho my %s\n' "$program" >"$scratch/bin/$program"
	done
	chmod +x "$scratch"/bin/*
	vm --quiet --program "$scratch/bin/ls" --program "$scratch/bin/uname" -- \
		sh -c 'ls; env ls; timeout 9 uname; echo | xargs uname; busybox uname'
	is $'my ls\nmy ls\nmy uname\nmy uname\nLinux\n' "$out"
}

# perl loads libcrypt and libm from this machine.
libraries() {
	vm --quiet --program perl -- perl -e 'print "ran\n"'
	is ran$'\n' "$out"
}

file_systems() {
	local each
	vm --quiet -- cat /proc/mounts
	for each in proc sysfs devtmpfs debugfs tracefs bpf cgroup2; do
		has "$out" "^$each " || return 1
	done
	vm --quiet -- test -c /dev/kvm
	is 0 "$status"
}

module_parameter() {
	vm --quiet --append 'kvm_amd.npt=0 kvm.halt_poll_ns=12345' -- \
		cat /sys/module/kvm_amd/parameters/npt /sys/module/kvm/parameters/halt_poll_ns
	is $'N\n12345\n' "$out"
}

plan 7
check 'a share works in both directions' both_ways
check '--icount: one CPU, the share is copied and that is said' counted
check '--file: files, directories, links' files
check "no busybox applet shadows a program" no_shadow
check 'a program with shared libraries' libraries
check 'file systems are mounted, /dev/kvm is there' file_systems
check 'module parameters from --append' module_parameter
finish
