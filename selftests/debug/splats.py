#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel's checkers find is a splat: each kind of mistake is made once, by a
module, and must be named as expected.

usage: selftests/debug/splats.py debug|kcsan

One VM for all. Lockdep goes off with its first report of a lock order, and with
any report of KASAN: those come last.
"""

import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "tools")
sys.path[:0] = [os.path.join(TOOLS, "lib"), os.path.join(TOOLS, "vm")]

from paths import BUILD, VM_RUN  # noqa: E402
from tap import Tap  # noqa: E402
from vmlib import splats  # noqa: E402
from vmlib.verdict import EXIT_SPLAT  # noqa: E402

VM_SECONDS = 300
MARK = "provoke: "

# Kernel: the module, in a folder of the same name, that makes the mistakes; for each the
# splat's name | a text that the report must contain. What has no splat is no mistake.
MISTAKES = {
    "debug": ("provoke", """\
rcu | rcu usage | suspicious rcu_dereference_check
atomic | atomic sleep | sleep_under_spinlock
preemptible | atomic sleep | use_cpu_while_preemptible
bounds | ubsan | array-index-out-of-bounds
shift | ubsan | shift-out-of-bounds
timer | object | free active
list | list | list_del corruption
leak | leak | new suspected memory leak
order | lockdep | circular locking dependency
slab | kasan | slab-out-of-bounds in read_slab_beyond
freed | kasan | slab-use-after-free in read_freed
vmalloc | kasan | vmalloc-out-of-bounds in read_vmalloc_beyond
"""),
    "kcsan": ("race", """\
marked | |
ordered | |
plain | data race | data-race in read_value
unordered | data race | data-race in hand_over_unordered
"""),
}


def script(module, mistakes):
    return f"""
insmod /tmp/{module}.ko
for mistake in {' '.join(name for name, _, _ in mistakes)}; do
	echo "{MARK}$mistake" >/dev/kmsg
	echo $mistake >/sys/module/{module}/parameters/mistake
	if [ $mistake = leak ]; then
		# Young objects are not reported.
		sleep 6
		echo scan >/sys/kernel/debug/kmemleak
		echo scan >/sys/kernel/debug/kmemleak
	fi
done
"""


def sections(console):
    """The console's lines after each mark."""
    found = {}
    lines = []
    for line in console.splitlines():
        text = splats.without_prefix(line)
        if text.startswith(MARK):
            lines = found.setdefault(text[len(MARK):].strip(), [])
        else:
            lines.append(line)
    return found


def problem(lines, name, text):
    """Why a mistake's report is not the expected one, or nothing."""
    if lines is None:
        return "was never made"
    watcher = splats.Detector(splats.load())
    for line in lines:
        watcher.feed(line)
    if not name:
        return f"was taken for '{watcher.found[0].name}'" if watcher.found else None
    if not watcher.found:
        return "nothing was reported"
    first = watcher.found[0]
    if first.name != name:
        return f"was taken for '{first.name}': {first.lines[-1]}"
    if not any(text in line for line in lines):
        return f"'{text}' is not in the report"
    return None


def run(variant, module, mistakes):
    """The runner's status and what the console showed."""
    built = os.path.join(BUILD, "debug", module)
    subprocess.run([os.path.join(TOOLS, "kernel", "module"), os.path.join(HERE, module),
                    variant, built], check=True)
    with tempfile.TemporaryDirectory(prefix="kvmscope-splats-") as log:
        vm = subprocess.run(
            [VM_RUN, "--variant", variant, "--quiet",
             "--timeout", str(VM_SECONDS), "--log", log,
             # Of the few accesses of a module, more than of KVM's have to be watched.
             "--append", "kasan_multi_shot printk.devkmsg=on kcsan.skip_watch=10",
             "--file", f"{built}/{module}.ko:/tmp/{module}.ko",
             "--", "sh", "-c", script(module, mistakes)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            check=False, text=True, errors="replace")
        with open(os.path.join(log, "console.log"), encoding="utf-8",
                  errors="replace") as file:
            return vm, file.read()


def main():
    variant = sys.argv[1]
    module, lines = MISTAKES[variant]
    mistakes = [[field.strip() for field in line.split("|")] for line in lines.splitlines()]
    vm, console = run(variant, module, mistakes)
    reports = sections(console)
    results = [("the run fails because of splats",
                None if vm.returncode == EXIT_SPLAT else
                f"exit status {vm.returncode}: {vm.stderr[-500:]}")]
    for mistake, name, text in mistakes:
        results.append((f"{mistake} is reported as {name}" if name else
                        f"{mistake} is not reported",
                        problem(reports.get(mistake), name, text)))
    tap = Tap(len(results))
    for name, why in results:
        tap.check(not why, name, why)
    tap.finish()


if __name__ == "__main__":
    main()
