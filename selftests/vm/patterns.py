#!/usr/bin/env python3
"""Splat patterns against reports as kernels print them, and the accelerator's
choice against made-up machines: no VM is needed."""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tools", "lib"), os.path.join(ROOT, "tools", "vm")]

from tap import Tap  # noqa: E402
from vmlib import accel, splats  # noqa: E402
from vmlib.errors import RunnerError  # noqa: E402

# name of the splat, whether it stops the VM, the lines
REPORTS = (
    ("panic", True, ["[    2.7] Kernel panic - not syncing: sysrq triggered crash"]),
    ("warning", False, ["[    9.1] ------------[ cut here ]------------",
                        "[    9.1] WARNING: mm/page_alloc.c:4 at f+0x1/0x2, CPU#1: sh/9"]),
    ("warning", False, ["[    9.1][   T81] ------------[ cut here ]------------",
                        "[    9.1][   T81] something no pattern knows"]),
    ("bug", True, ["------------[ cut here ]------------", "kernel BUG at mm/slub.c:4!"]),
    ("bug", True, ["BUG: kernel NULL pointer dereference, address: 0000000000000008"]),
    ("oops", True, ["Oops: general protection fault, probably for non-canonical "
                    "address 0xdead: 0000 [#1] SMP"]),
    ("oops", True, ["Oops: 0002 [#1] PREEMPT SMP NOPTI"]),
    ("kasan", False, ["BUG: KASAN: slab-use-after-free in f+0x1/0x2 [kvm]"]),
    ("kasan", False, ["BUG: KFENCE: out-of-bounds read in f+0x1/0x2"]),
    ("kasan", False, ["BUG: KCSAN: data-race in f / g"]),
    ("ubsan", False, ["UBSAN: shift-out-of-bounds in lib/x.c:3:4"]),
    ("lockdep", False, ["WARNING: possible circular locking dependency detected"]),
    ("lockdep", False, ["WARNING: possible recursive locking detected"]),
    ("lockdep", False, ["WARNING: inconsistent lock state"]),
    ("lockdep", False, ["INFO: trying to register non-static key."]),
    ("lockdep", False, ["[ BUG: Invalid wait context ]"]),
    ("rcu usage", False, ["WARNING: suspicious RCU usage"]),
    ("rcu stall", True, ["rcu: INFO: rcu_preempt self-detected stall on CPU"]),
    ("rcu stall", True, ["rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"]),
    ("rcu stall", True, ["rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 1-... }"]),
    ("hung task", True, ["INFO: task sh:12 blocked for more than 122 seconds."]),
    ("soft lockup", True, ["watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [sh:9]"]),
    ("hard lockup", True, ["watchdog: Watchdog detected hard LOCKUP on cpu 0"]),
    ("atomic sleep", False, ["BUG: sleeping function called from invalid context at f.c:1"]),
    ("atomic sleep", False, ["BUG: scheduling while atomic: sh/1/0x00000002"]),
    ("bad page", False, ["BUG: Bad page state in process sh  pfn:12345"]),
    ("list", False, ["list_del corruption. next->prev should be ff, but was 00"]),
    ("list", False, ["refcount_t: underflow; use-after-free."]),
    ("object", False, ["------------[ cut here ]------------",
                       "ODEBUG: free active (active state 0) object: ff object type: "
                       "timer_list hint: f+0x0/0x10"]),
    ("atomic sleep", False, ["BUG: using smp_processor_id() in preemptible [00000000] code: sh/9"]),
    ("workqueue", False, ["BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0"]),
    ("leak", False, ["kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)"]),
    ("checker off", False, ["BUG: MAX_LOCKDEP_CHAINS too low!"]),
    ("checker off", False, ["kmemleak: Kernel memory leak detector disabled"]),
    ("checker off", False, ["ODEBUG: Out of memory. ODEBUG disabled"]),
    ("slab", False, ["BUG kvm_vcpu (Not tainted): Objects remaining on __kmem_cache_shutdown()"]),
)

HARMLESS = (
    "Linux version 7.3.4 (kvmscope@kvmscope) (gcc 12)",
    "rcu: \tRCU event tracing is enabled.",
    "rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.",
    "Spectre V2 : WARNING-free text",
    "x86/bugs: no warnings here",
    "kvm_intel: VMX not supported by CPU 1",
    "sysrq: Trigger a crash",
    "lkdtm: Performing direct entry WARNING",
    "watchdog: Delayed init of the lockup detector failed: -19",
    "kmemleak: Kernel memory leak detector initialized (mem pool available: 31000)",
    "FAULT_INJECTION: forcing a failure.",
    "sh: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL)",
    "KASLR disabled: 'nokaslr' on cmdline.",
)


def detector(patterns=None):
    return splats.Detector(patterns or splats.load())


def found_in(lines, patterns=None):
    watcher = detector(patterns)
    for line in lines:
        watcher.feed(line)
    return watcher


def reports():
    for name, stops, lines in REPORTS:
        found = found_in(["[    1.0] before", *lines, "[    9.9] after"]).found
        got = [(each.name, each.stops) for each in found]
        if got != [(name, stops)]:
            yield f"{lines[-1]!r}: wanted {name}, stops {stops}; got {got}"


def harmless():
    for line in HARMLESS:
        found = found_in([f"[    1.0] {line}"]).found
        if found:
            yield f"{line!r} was taken for {found[0].name}"


def allowed():
    text = "allow known to be harmless | ^WARNING: mm/page_alloc\nsplat warning | ^WARNING: \n"
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(text)
        file.flush()
        patterns = splats.load(file.name)
    one = found_in(["------------[ cut here ]------------",
                    "WARNING: mm/page_alloc.c:4 at f"], patterns)
    one.taint(1 << 9)
    if one.found or len(one.allowed) != 1:
        yield "an allowed warning was reported"
    other = found_in(["------------[ cut here ]------------",
                      "WARNING: mm/other.c:4 at f"], patterns)
    if len(other.found) != 1:
        yield "a warning that is not allowed was passed over"


def panic_after_oops_is_one():
    found = found_in(["BUG: kernel NULL pointer dereference, address: 8",
                      "Call Trace:", "Kernel panic - not syncing: Fatal exception"]).found
    if len(found) != 1 or len(found[0].lines) != 3:
        yield f"got {len(found)} splats"


def taint():
    quiet = detector()
    quiet.taint(1 << 9 | 1 << 12)
    if [each.name for each in quiet.found] != ["warning"]:
        yield "a tainted kernel with a silent console was passed over"
    clean = detector()
    clean.taint(1 << 12)
    if clean.found:
        yield "an out-of-tree module was taken for a splat"


def bad_pattern_file():
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("splat broken | (\n")
        file.flush()
        try:
            splats.load(file.name)
            yield "a broken expression was accepted"
        except RunnerError as error:
            if ":1:" not in str(error):
                yield f"no line number in: {error}"


def accelerators():
    """What each made-up machine must get: KVM only if it can be nested."""
    cases = (
        ("flags : fpu svm", "kvm_amd", "1", True, "", "kvm"),
        ("flags : fpu vmx", "kvm_intel", "Y", True, "", "kvm"),
        ("flags : fpu svm", "kvm_amd", "0", True, "", "tcg"),
        ("flags : fpu svm", "kvm_amd", None, True, "", "tcg"),
        ("flags : fpu", "kvm_amd", "1", True, "", "tcg"),
        ("flags : fpu svm", "kvm_amd", "1", False, "", "tcg"),
        ("flags : fpu svm", "kvm_amd", "1", True, "tcg", "tcg"),
        ("flags : fpu", "kvm_amd", None, True, "kvm", "kvm"),
    )
    for number, (flags, module, nested, device, override, wanted) in enumerate(cases):
        with tempfile.TemporaryDirectory() as top:
            cpuinfo, kvm = os.path.join(top, "cpuinfo"), os.path.join(top, "kvm")
            with open(cpuinfo, "w", encoding="ascii") as file:
                file.write(f"processor : 0\n{flags}\n")
            if nested is not None:
                os.makedirs(os.path.join(top, module, "parameters"))
                with open(os.path.join(top, module, "parameters", "nested"),
                          "w", encoding="ascii") as file:
                    file.write(nested + "\n")
            if device:
                with open(kvm, "w", encoding="ascii"):
                    pass
            got = accel.choose(override, False, cpuinfo, top, kvm)
            if got.name != wanted or not got.why:
                yield f"case {number}: wanted {wanted}, got {got.name} ({got.why})"


TESTS = (reports, harmless, allowed, panic_after_oops_is_one, taint,
         bad_pattern_file, accelerators)


def main():
    tap = Tap(len(TESTS))
    for test in TESTS:
        problems = list(test())
        tap.check(not problems, test.__name__, "\n".join(problems))
    tap.finish()


if __name__ == "__main__":
    main()
