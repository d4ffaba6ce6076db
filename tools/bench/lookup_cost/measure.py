"""Measures a gfn lookup: calls it in a loop, from a module in the kernel."""

import json
import os
import statistics
import subprocess

from bench.lib import vm
from bench.lib.errors import Failure
from bench.lib.program import say
from paths import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = "lookup_cost_module.ko"
VM_SECONDS = 900


def kernels(options):
    return list(dict.fromkeys((options.baseline, options.variant)))


def build(variant):
    say(f"building the module for {variant}")
    if subprocess.run([os.path.join(HERE, "build"), variant],
                      stdin=subprocess.DEVNULL).returncode:
        raise Failure(f"nothing to measure {variant} with (see above)")


def boot(variant, runs):
    """Lines that the program printed in the VM."""
    say(f"measuring {variant}")
    return vm.run_vm([
        "--variant", variant, "--icount", "--timeout", str(VM_SECONDS),
        "--program", os.path.join(BUILD, "bench", "lookup_cost"),
        "--file", f"{os.path.join(BUILD, 'bench', variant, MODULE)}:/{MODULE}",
        "--", "sh", "-c", f"insmod /{MODULE} && lookup_cost {runs}"])


class Boot:
    """What one boot printed, in LINES: {(index, function, pattern, slots): {median, spread}}."""

    def __init__(self, lines, runs):
        values = {}
        self.default = None
        for one in self._parse(lines):
            key = (one["index"], one["function"], one["pattern"], one["slots"])
            values.setdefault(key, []).append(one["instructions"])
            if one["default"]:
                self.default = one["index"]
        if not values or any(len(some) != runs for some in values.values()):
            raise Failure("some measurements are missing")
        self.indexes = list(dict.fromkeys(key[0] for key in values))
        self.figures = {key: {"median": statistics.median(some), "spread": max(some) - min(some)}
                        for key, some in values.items()}

    @staticmethod
    def _parse(lines):
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Failure(f"not a measurement: {error}") from None

    def of_default(self, what):
        return self.figures[(self.default, *what)]

    def median(self, index, what):
        return self.figures[(index, *what)]["median"]


def rows_of(base, again, judged):
    """A row for each lookup, from three boots."""
    rows = []
    for index, *what in base.figures:
        if index != base.default:
            continue
        boots = [boot.of_default(what) for boot in (base, again, judged)]
        medians = [figures["median"] for figures in boots]
        rows.append({
            **dict(zip(("function", "pattern", "slots"), what)),
            "baseline": medians[0], "aa": medians[1] - medians[0], "variant": medians[2],
            "spread": max(figures["spread"] / max(figures["median"], 1) for figures in boots),
            "difference": medians[2] - medians[0],
            "indexes": {each: judged.median(each, what) for each in judged.indexes}})
    return rows


def measure(options):
    for variant in kernels(options):
        build(variant)
    boots = [Boot(boot(variant, options.runs), options.runs)
             for variant in (options.baseline, options.baseline, options.variant)]
    return {"unit": "instructions per gfn lookup, beyond an empty function",
            "default_index": boots[2].default, "rows": rows_of(*boots)}
