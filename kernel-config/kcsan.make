# SPDX-License-Identifier: GPL-2.0-only
# Arguments of make for a kernel that has kcsan.config, one a line. $(obj) is expanded
# for each object, and is arch/x86/kvm for those of virt/kvm, too.

# KVM, what its indexes are made of, and modules built out of tree, whose objects are in
# ".": KVM with a mistake in it. What a Makefile says of a single object still wins.
KCSAN_SANITIZE=$(if $(filter arch/x86/kvm .,$(obj))$(filter lib/rbtree lib/rhashtable,$(obj)/$(target-stem)),y,n)
# Locks, RCU, wait queues: their barriers order KVM's accesses, or every use of a mutex
# would be a race in CONFIG_KCSAN_WEAK_MEMORY's eyes.
KCSAN_INSTRUMENT_BARRIERS=$(if $(filter-out kernel/kcsan,$(filter kernel kernel/% mm mm/% lib lib/% fs virt/lib,$(obj))),y,n)
