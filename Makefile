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

VARIANT ?= queue
export VARIANT
export YES LINUX_SRC TESTS APPEND ACCEL TOPIC PATCHES V

# The text of CMD reaches the VM as it was typed: never expanded by make
# ($(value)), never pasted into a recipe (an environment variable instead).
unexport CMD
export VM_CMD = $(value CMD)

lists := $(sort $(wildcard selftests/*.list selftests/*/*.list))
full_lists := $(filter %-full.list,$(lists))
check_lists := $(filter-out $(full_lists),$(lists))

##@ Start here
demo: kernel kvmscope kselftest-build ## two guests, two lookup indexes, live histograms side by side
	@tools/demo/run

check: test-builds lint ## test everything; ends with "N passed, N failed"
	@selftests/run $(addprefix --list ,$(check_lists)) $(TESTS)

##@ Make
setup: ## install missing Debian packages (the only step that needs root)
	@tools/fetch/setup

tree: setup ## build/linux: the kernel source with the patch queue applied
	@tools/queue/tree

kernel: tree ## build/kernel/VARIANT/bzImage  [VARIANT=queue|stock]
	@tools/kernel/build "$$VARIANT"

kvmscope: tree ## build the kvmscope command line tool
	@$(MAKE) -C tools/kvmscope

##@ Run
vm: kernel ## boot the kernel and run CMD in it, or a shell  [CMD='…' VARIANT= ACCEL=]
	@if [ -z "$$VM_CMD" ]; then exec tools/vm/run --variant "$$VARIANT"; fi; \
	status=0; \
	tools/vm/run --variant "$$VARIANT" -- sh -c "$$VM_CMD" || status=$$?; \
	echo "CMD exited $$status" >&2; exit $$status

kselftest: kernel kselftest-build ## run KVM selftests in the VM  [TESTS='…' VARIANT= APPEND=]
	@tools/vm/kselftest --variant "$$VARIANT" --append "$${APPEND:-}" $(TESTS)

check-full: test-builds lint ## check, and the slow products of tests and parameters
	@selftests/run $(addprefix --list ,$(check_lists) $(full_lists)) $(TESTS)

lint: setup ## shellcheck, Python syntax, spelling
	@tools/lib/lint

##@ Patches
export: ## write build/linux's branch back to patches/linux  [TOPIC=name]
	@tools/queue/export

review: tree ## every patch: applies, builds, no new warning, checkpatch  [PATCHES='…']
	@tools/queue/review

##@ Housekeeping
clean: ## remove build/ (keeps downloads and ccache); refuses if commits would be lost
	@tools/queue/clean

help: ## this list
	@awk -F ':.*## ' \
		'/^##@ /{printf "\n%s\n", substr($$0, 5)} \
		 /^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

kselftest-build: tree
	@tools/kernel/kselftest "$$VARIANT"

# Tests compare with the stock kernel, whatever VARIANT says.
test-builds: tree
	@$(MAKE) -C tools/kvmscope check-programs bpftool
	@tools/kernel/build stock
	@tools/kernel/build queue
	@tools/kernel/kselftest stock
	@tools/kernel/kselftest queue

.PHONY: demo check setup tree kernel kvmscope vm kselftest check-full lint \
	export review clean help kselftest-build test-builds
