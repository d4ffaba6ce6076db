# SPDX-License-Identifier: GPL-2.0-only
# kvmscope: every public command. `make help` lists them.
#
# The targets only say what needs what. Each tool knows by itself whether its
# result is up to date and then returns at once, so nothing is stamped here.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Keeps a `make -j` honest: these are steps of one story, each parallel inside.
.NOTPARALLEL:

variants := $(shell awk -F ' *[|]' '!/^\#/ && NF == 5 { print $$1 }' kernel-config/variants.list)
VARIANT ?= queue
ifneq ($(words $(VARIANT)) $(filter-out $(variants),$(VARIANT)),1 )
$(error VARIANT='$(VARIANT)' is no kernel variant; there are: $(variants))
endif

# Before anything is built for it.
ifneq ($(filter-out tcg kvm,$(ACCEL)),)
$(error ACCEL='$(ACCEL)' is no accelerator; there are: tcg kvm)
endif
ifneq ($(strip $(QEMU)),)
ifneq ($(findstring ',$(QEMU)),)
$(error QEMU=$(QEMU) has a quote in it; name a qemu-system-x86_64)
endif
ifeq ($(shell command -v -- '$(QEMU)'),)
$(error QEMU='$(QEMU)' is no program; name a qemu-system-x86_64, or unset QEMU)
endif
endif

ifeq ($(strip $(KVMSCOPE_BUILD)),)
override KVMSCOPE_BUILD := $(CURDIR)/build
endif
ifneq ($(words $(KVMSCOPE_BUILD))$(strip $(foreach sign,; ' " ` & |,$(findstring $(sign),$(KVMSCOPE_BUILD)))),1)
$(error kbuild can't work in '$(KVMSCOPE_BUILD)': choose a path without spaces and quotes)
endif
override KVMSCOPE_BUILD := $(abspath $(KVMSCOPE_BUILD))
export VARIANT KVMSCOPE_BUILD
export FUZZ_RUNS FUZZ_SECONDS FUZZ_SEED
export YES LINUX_SRC QEMU_SRC QEMU APPEND ACCEL TOPIC PATCHES V

# What people type reaches the tools as they typed it: never expanded by make
# ($(value)), never pasted into a recipe (environment variables instead), so that
# no file name comes in for *, and quotes and $ mean what they say.
unexport CMD TESTS BENCH
export VM_CMD = $(value CMD)
export TEST_WORDS = $(value TESTS)
export BENCH_WORDS = $(value BENCH)
# Nor do they override variables of the same names in other Makefiles, as the kernel's:
# what is for the tools is exported.
MAKEOVERRIDES :=

stage := @tools/lib/stage

# What runs the VMs is built, unless the user names another.
emulator := $(if $(strip $(QEMU)),,qemu)

# $(call run_tests,OPTIONS): make what the chosen tests need, then run them. Two at a
# time: few keep both CPUs of their machine busy, and what is measured and judged is
# counted under icount, and so does not mind.
define run_tests
@needs=$$(selftests/run --needs $(1) --words="$$TEST_WORDS"); $(MAKE) $$needs
$(stage) tests selftests/run --jobs 2 $(1) --words="$$TEST_WORDS"
endef

kvmscope_make := $(MAKE) -C tools/kvmscope BUILD=$(KVMSCOPE_BUILD) LINUX=$(KVMSCOPE_BUILD)/linux

##@ Start here
demo: kernel-queue kvmscope $(emulator) ## two guests, two lookup indexes, live histograms side by side
	@tools/demo/run

check: setup ## test every part; ends with "N passed, N failed"  [TESTS='PATTERN…']
	$(call run_tests)

##@ Make
setup: ## install missing Debian packages (the only step that needs root)
	$(stage) setup tools/fetch/setup

tree: tree-linux tree-qemu ## build/linux, build/qemu: the sources with the patch queues applied

kernel: kernel-$(VARIANT) ## build/kernel/VARIANT/bzImage  [VARIANT=queue|stock|fixes|debug|kcsan]

qemu: tree-qemu ## build/emulator/qemu-system-x86_64: QEMU with its patches
	$(stage) qemu tools/qemu/build

kvmscope: tree-linux ## build the kvmscope command line tool
	$(stage) kvmscope $(kvmscope_make)

##@ Run
vm: kernel $(emulator) ## boot the kernel and run CMD in it, or a shell  [CMD='…' VARIANT= ACCEL=]
	@if [ -z "$$VM_CMD" ]; then exec tools/vm/run --variant "$$VARIANT"; fi; \
	status=0; \
	tools/vm/run --variant "$$VARIANT" -- sh -c "$$VM_CMD" || status=$$?; \
	echo "CMD exited $$status" >&2; exit $$status

kselftest: kernel kselftest-$(VARIANT) $(emulator) ## run KVM selftests in the VM  [TESTS='…' VARIANT= APPEND=]
	@tools/vm/kselftest --variant "$$VARIANT" --append="$${APPEND:-}" --words="$$TEST_WORDS"

check-full: setup ## check, slow products of tests and parameters, the fixes alone  [TESTS=]
	$(call run_tests,--group check --group full)

check-debug: setup ## KVM on kernels with KASAN, lockdep, fault injection, …, and KCSAN  [TESTS=]
	$(call run_tests,--group debug)

bench: kernel-queue kernel-stock kernel-fixes kvmscope kselftest-queue $(emulator) ## measure, an hour and 40 minutes  [BENCH='PATTERN…' RECORD=1]
	$(stage) benchmarks tools/bench/run $(if $(filter 1,$(RECORD)),--record) --words="$$BENCH_WORDS"

fuzz: setup tree-linux ## fuzz memslot indexes and I/O bus, 10 million inputs each  [FUZZ_SUBJECT= FUZZ_RUNS= FUZZ_SECONDS= FUZZ_SEED=]
	$(stage) fuzz tools/harness/fuzz

lint: setup ## shellcheck, Python syntax, spelling, licences
	@tools/lib/lint

##@ Patches
export: ## write the branches of build/linux and build/qemu back to patches/  [TOPIC=name]
	@tools/queue/export

review: setup ## every patch: applies, builds, no new warning, …; fixes alone  [PATCHES='…']
	@needs=$$(tools/review/run --needs); $(MAKE) $$needs
	@tools/review/run

##@ Housekeeping
clean: ## remove build/ (keeps downloads and ccache); refuses if commits would be lost
	@tools/queue/clean

help: ## this list
	@awk -F ':.*## ' \
		'/^##@ /{printf "\n%s\n", substr($$0, 5)} \
		 /^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

# What needs one of the queues doesn't fetch the other.
tree-%: setup
	$(stage) 'tree $*' tools/queue/tree '$*'

# An unknown VARIANT gets here too; the tool knows which there are.
kernel-%: tree-linux
	$(stage) 'kernel $*' tools/kernel/build '$*'

kselftest-%: tree-linux
	$(stage) 'KVM selftests $*' tools/kernel/kselftest '$*'

# The unit tests of the command line tool, and what live tests compare it with.
test-programs: kvmscope
	$(stage) 'kvmscope tests' $(kvmscope_make) check-programs bpftool

.PHONY: demo check fuzz setup tree kernel qemu kvmscope vm kselftest bench check-full check-debug lint \
	export review clean help test-programs
