# SPDX-License-Identifier: GPL-2.0-only
"""What a gfn lookup may cost with the default index, over the baseline."""

from bench.lib.checks import MAX_SPREAD, Check

# Half a TSC tick in the whole loop is rounding, not an instruction.
ROUNDING = 0.001


def too_costly(row, limit):
    return row["difference"] > limit + ROUNDING


def too_noisy(row):
    return max(row["spread"], abs(row["aa"]) / max(row["baseline"], 1)) > MAX_SPREAD


def checks(data):
    limit = data["options"]["limit"]
    return [Check(not too_costly(row, limit) and not too_noisy(row),
                  f"{row['function']} {row['pattern']} {row['slots']} slots: "
                  f"{row['baseline']:.1f} {row['difference']:+.1f} instructions",
                  f"limit {limit:g}" if not too_noisy(row) else
                  f"spread {row['spread']:.2%}, A/A {row['aa']:+.1f}: not a valid measurement")
            for row in data["rows"]]
