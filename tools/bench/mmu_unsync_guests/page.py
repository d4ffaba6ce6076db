# SPDX-License-Identifier: GPL-2.0-only
"""mmu-unsync-guests.md, from mmu-unsync-guests.json."""

from bench.lib.targets import target_list
from bench.lib.text import table
from bench.mmu_unsync.figures import BITMAP
from bench.mmu_unsync_guests import judge
from bench.mmu_unsync_guests.measure import COUNTS, NESTED, PROCESSES, TEST

TITLE = "Unsync shadow pages of real guests"


def number(value):
    return f"{value:.0f}"


def count_table(figures, workload):
    modes = figures.modes()
    rows = []
    for count in COUNTS:
        medians = [figures.median(workload, mode, count) for mode in modes]
        row = figures.rows[workload, figures.default, count]
        again = row["again"] / row["median"] - 1 if row["median"] else 0
        base = figures.median(workload, BITMAP, count) if BITMAP in modes else 0
        rows.append([count, *map(number, medians),
                     *(f"{value / base:.3f}" if base else "–" for value in medians),
                     f"{again:+.2%}", f"{figures.noise(workload, count):.2%}"])
    return table(["count", *modes, *(f"{mode}/{BITMAP}" for mode in modes),
                  f"A/A {figures.default}", "apart"], rows, left=1)


def about(workload, data):
    options = data["options"]
    if workload == PROCESSES:
        return (f"The guest, with kvm_amd.npt=0 below it, forks and executes {options['processes']} "
                "processes, one after the other.\nEach writes to 64 pages of its own. There are "
                f"{options['runs']} such guests of each mode, and as many more of the default.")
    return (f"The guest loads KVM and runs its selftest {TEST}, with nested paging. The nested guest "
            f"writes to\n{options['nested']} MiB, and again after each of {data['iterations']} times "
            "that its hypervisor has write-protected all of it. The hypervisor's NPT tables\nare "
            "what is shadowed.")


TITLES = {PROCESSES: "Processes", NESTED: "A guest of a guest"}


def text(data):
    figures = judge.Figures(data)
    targets = judge.targets(data)
    invalid = sum(not target.valid for target in targets)
    missed = sum(not target.good for target in targets) - invalid
    sections = "\n\n".join(f"## {TITLES[workload]}\n\n{about(workload, data)}\n\n"
                           f"{count_table(figures, workload)}"
                           for workload in figures.workloads())
    return f"""\
Linux guests were booted one after the other under icount, in a VM of {data["vm_memory"]} on kernel queue, and counted until they had powered
off. Modes of kvm.mmu_unsync took turns; figures are medians. The tracepoints and their histograms were on in all
modes. Guests have fixed addresses (nokaslr, norandmaps), and the VM no huge pages. A/A is how far a second guest of the
default mode differs from the first one; apart is how far guests of one mode are apart, in the mode where that is most.

## Targets

There are {len(targets)} targets: {missed} are missed, and {invalid} are not valid, i.e. guests of one mode are more than {judge.MOST_NOISE:.0%} apart, and
value and limit are closer than that. "At most" allows for as much as guests of one mode are apart.

{target_list(targets)}

## What is counted

- made unsync: page tables that the guest was let write to; each is a fault
- syncs: times that KVM looked for unsync pages below a root; visited, synced, write-protected, flushes of syncs, roots freed:
  sums of what the tracepoint kvm:kvm_mmu_sync says of them; instructions of syncs include those of the tracer,
  and of interrupts and other tasks meanwhile
- faults, emulated writes, flush requests: pf_taken, mmu_pte_write and remote_tlb_flush_requests of the VM
- left unsync: pages that were unsync at the end, those included that nothing leads to any more
- instructions: of QEMU and of the guest, its boot included

{sections}"""
