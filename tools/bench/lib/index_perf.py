# SPDX-License-Identifier: GPL-2.0-only
"""What KVM selftests that compare indexes print: lines of names and values.

    # slots 509 op move index linear vm 0 ticks 31012 min … ratio_max 1.2351

tools/testing/selftests/kvm/include/index_perf.h says what they mean.
"""

from bench.lib.errors import Failure

QUANTITIES = {"ticks": int, "ns": int, "cpu_ns": int}
STATISTICS = {"min": int, "max": int, "ratio": float, "ratio_min": float,
              "ratio_max": float}
# Number of the second VM of the index in use, which differs from the first by chance only.
AGAIN = 1


def parse(lines, names):
    """{(values of NAMES…, index, vm): {quantity: {"median", "min", …, "ratio_max"}}}

    NAMES are those before "index", with the types of their values.
    """
    found = {}
    for line in lines:
        words = line.split()
        if words[:2] != ["#", next(iter(names))]:
            continue
        fields = dict(zip(words[1::2], words[2::2]))
        quantity = next(name for name in QUANTITIES if name in fields)
        key = (*(kind(fields[name]) for name, kind in names.items()),
               fields["index"], int(fields["vm"]))
        found.setdefault(key, {})[quantity] = {
            "median": QUANTITIES[quantity](fields[quantity]),
            **{name: kind(fields[name]) for name, kind in STATISTICS.items()}}
    if not found:
        raise Failure("the selftest printed no result")
    return found
