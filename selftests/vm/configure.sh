#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tools/kernel/configure names every option that did not survive kconfig.
. "${BASH_SOURCE[0]%/*}/lib.sh"

tree=$KVMSCOPE_BUILD/linux
fragment=$scratch/extra.config
config=$scratch/config

# configure TEXT: the project's fragments and TEXT.
configure() {
	printf '%s\n' "$1" >"$fragment"
	capture "$KVMSCOPE_ROOT/tools/kernel/configure" --fragment "$fragment" \
		--output "$config" queue "$tree"
}

survives() {
	configure '# CONFIG_USB_SUPPORT is not set'
	is 0 "$status" && grep -qx 'CONFIG_KVM_AMD=m' "$config" &&
		! grep -q '^CONFIG_USB_SUPPORT=' "$config"
}

untouched_if_equal() {
	touch -d '2020-01-01' "$config"
	configure '# CONFIG_USB_SUPPORT is not set'
	is 0 "$status" && is 2020 "$(date -r "$config" +%Y)"
}

# Three ways to be lost: no such option, a missing dependency, selected anyway.
names_each() {
	configure $'CONFIG_NO_SUCH_OPTION=y\nCONFIG_KASAN_VMALLOC=y\n# CONFIG_EVENTFD is not set'
	is 1 "$status" &&
		has "$err" 'CONFIG_NO_SUCH_OPTION=y .*extra.config:1.* no such option' &&
		has "$err" 'CONFIG_KASAN_VMALLOC=y .*became n' && has "$err" 'CONFIG_EVENTFD=n .*became y' &&
		has "$err" '3 option\(s\)'
}

nothing_written() {
	local before
	before=$(sha256sum "$config")
	configure 'CONFIG_NO_SUCH_OPTION=y'
	is 1 "$status" && is "$before" "$(sha256sum "$config")" &&
		is '' "$(find "$tree/o" -maxdepth 1 -name '.configure.*')"
}

# On top of the others, with objects of its own.
debug_survives() {
	capture "$KVMSCOPE_ROOT/tools/kernel/configure" --output "$config" debug "$tree"
	is 0 "$status" && grep -qx 'CONFIG_KASAN=y' "$config" &&
		grep -qx 'CONFIG_KVM_AMD=m' "$config" && ! grep -q '^CONFIG_KVM_WERROR=' "$config" &&
		is '' "$(find "$tree/o-debug" -maxdepth 1 -name '.configure.*')"
}

malformed() {
	configure 'CONFIG_KVM y'
	is 1 "$status" && has "$err" 'extra.config:1: neither an option nor a comment'
}

usage() {
	capture "$KVMSCOPE_ROOT/tools/kernel/configure" fast "$tree"
	is 2 "$status" && has "$err" "unknown variant 'fast'" || return 1
	capture "$KVMSCOPE_ROOT/tools/kernel/build" fast
	is 2 "$status" && has "$err" "unknown variant 'fast'" || return 1
	capture "$KVMSCOPE_ROOT/tools/kernel/configure" queue "$scratch"
	is 1 "$status" && has "$err" 'not a kernel tree'
}

# values VARIANT: "NAME VALUE", sorted; what is not set is n.
values() {
	sed -nE 's/^(CONFIG_[A-Za-z0-9_]+)=(.*)/\1 \2/p; s/^# (CONFIG_[A-Za-z0-9_]+) is not set$/\1 n/p' \
		"$KVMSCOPE_BUILD/kernel/$1/config" | LC_ALL=C sort
}

# The patches may add options; those that both have must be equal.
same_config() {
	values stock >"$scratch/stock" && values queue >"$scratch/queue"
	[[ $(wc -l <"$scratch/stock") -gt 500 ]] &&
		is '' "$(comm -3 --output-delimiter= "$scratch/stock" "$scratch/queue" |
			sed 's/[ =].*//' | sort | uniq -d)"
}

plan 8
check 'options survive, one switched off among them' survives
check 'an equal configuration is not touched' untouched_if_equal
check 'each lost option is named with its place' names_each
check 'nothing is written on failure' nothing_written
check 'the debug options survive' debug_survives
check 'a malformed line' malformed
check 'unknown variant, wrong tree' usage
check 'stock and queue have one configuration' same_config
finish
