#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How the benchmarks end and what they write, on made-up measurements: the command
that was run, JSON with one row a line, pages, exit statuses. Needs no kernel.
"""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/lib"), str(ROOT / "selftests/lib")]

from bench.lib import circumstances, errors, options, program, records, vm  # noqa: E402
from bench.lib.checks import Check  # noqa: E402
import parameters  # noqa: E402
from tap import Tap  # noqa: E402


def parser():
    made = options.Parser("usage: x", ktap=True)
    options.add_runs(made, 5)
    options.add_slots(made, [10, 100])
    options.add_indexes(made)
    made.add_argument("--limit", type=options.factor, default=1.02)
    options.add_selftests(made)
    return made


def command(*words, build=ROOT / "build", **environment):
    made = parser()
    return options.command_line(made, made.parse_args(words), environment, str(build))


def test_command(tap):
    name = parser().prog
    tap.equal(command(), f"{name} --runs 5 --slots 10,100 --indexes all --limit 1.02",
              "the command has all options, also those that were not given")
    given = "--record --runs 7 --slots 13 --indexes linear,btree --limit 1.5 --selftests 'a b'"
    tap.equal(command(*shlex.split(given)), f"{name} {given}",
              "the command has what was given")
    tap.equal(command(QEMU="/opt/my qemu", ACCEL="", HOME="/root"),
              f"'QEMU=/opt/my qemu' {command()}",
              "the command has the environment that matters, and no other")
    tap.equal(command(build="/tmp/my build"), f"'KVMSCOPE_BUILD=/tmp/my build' {command()}",
              "the command has the folder of what was built, if that is another one")
    made = parser()
    words = shlex.split(command("--limit=2", "--ktap"))[1:]
    tap.equal(vars(made.parse_args(words)), vars(made.parse_args(["--limit", "2", "--ktap"])),
              "the command, given again, means the same")
    tap.equal(options.of_measurement(made, made.parse_args(["--ktap", "--limit", "2"])),
              {"runs": 5, "slots": [10, 100], "indexes": "all", "limit": 2.0},
              "results have the options that decide what is measured")


def test_json(tap):
    data = {"facts": {"date": "x", "command": "ü"}, "unit": "s", "empty": [], "numbers": [1, 2],
            "rows": [{"a": 1, "b": {"c": None}}, {"a": 2.5}]}
    text = records.as_json(data)
    tap.equal(json.loads(text), data, "JSON: nothing is lost")
    tap.equal(text.splitlines()[8:12],
              [' "rows": [', '  {"a": 1, "b": {"c": null}},', '  {"a": 2.5}', ' ]'],
              "JSON: a line for each row")


def benchmark(checks=(True,), measure=lambda _: {"rows": [{"a": 1}]}):
    """MEASURE, judge and page, as program.run() takes them."""
    return (SimpleNamespace(kernels=lambda _: [], measure=measure),
            SimpleNamespace(checks=lambda _: [Check(good, f"check {number}", "why")
                                              for number, good in enumerate(checks)]),
            SimpleNamespace(TITLE="Title", text=lambda data: f"There are {len(data['rows'])} rows."))


def run(modules, *words):
    """The exit status, what was printed on standard output, and on the other one."""
    made = parser()
    said, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        status = program.run(made, made.parse_args(words), "made-up", *modules)
    return status, said.getvalue(), told.getvalue()


def failing(error):
    def measure(_):
        raise error
    return measure


def test_program(tap):
    with tempfile.TemporaryDirectory() as folder:
        records.UNRECORDED = folder
        status, said, _ = run(benchmark())
        files = sorted(path.name for path in Path(folder).iterdir())
        tap.equal((status, files, said), (errors.VALID, ["made-up.json", "made-up.md"], "There are 1 rows.\n"),
                  "a measurement is written as JSON and page, and printed")
        data = records.load(Path(folder, "made-up.json"))
        page = Path(folder, "made-up.md").read_text(encoding="utf-8")
        tap.check(list(data) == ["facts", "options", "rows"]
                  and {"date", "command", "machine", "compiler"} <= set(data["facts"]),
                  "results say when, where and how they were measured", data)
        tap.check(page.startswith("# Title\n") and f"\n- command: {data['facts']['command']}\n" in page
                  and page == records.page_of("made-up", benchmark()[2], data),
                  "the page has the same, and can be made again from the JSON", page)
        tap.equal(run(benchmark(checks=(True, False)))[0], errors.INVALID,
                  "a check that is not good makes the measurement invalid")

    with tempfile.TemporaryDirectory() as folder:
        records.UNRECORDED = folder
        status, said, _ = run(benchmark(checks=(True, False)), "--ktap")
        tap.equal((status, said), (errors.INVALID, "KTAP version 1\n1..2\nok 1 check 0\n# why\nnot ok 2 check 1\n"),
                  "KTAP has a result for each check")
        for words, measured, name in ((["--ktap"], 2, "a test measures twice what failed by chance"),
                                      ([], 1, "a benchmark measures it once")):
            tries = []
            modules = benchmark((False,), lambda _, tries=tries: tries.append(1) or {"rows": []})
            modules[1].by_chance = lambda _: True
            run(modules, *words)
            tap.equal(len(tries), measured, name)
            for file in Path(folder).iterdir():
                file.unlink()
        for error, said in ((errors.Failure("no luck"), "no luck"),
                            (FileNotFoundError(2, "x", "build/thing"), "build/thing is missing"),
                            (PermissionError(13, "not permitted", "thing"), "thing: not permitted")):
            status, _, told = run(benchmark(measure=failing(error)))
            tap.check(status == errors.NOT_MEASURED and said in told and told.count("\n") == 1,
                      f"no measurement: {said}", told)
        tap.equal(run(benchmark(checks=()))[0], errors.NOT_MEASURED,
                  "what nothing can be judged by is no measurement")
        tap.equal(list(Path(folder).iterdir()), [], "nothing is written of these")


# A benchmark of its own, given the folders of this file and of its results, and options.
BENCHMARK = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
import results_test as test
test.records.UNRECORDED = sys.argv.pop(1)
test.program.main(test.parser(), "made-up", *test.benchmark())
"""


def end_of(stdout, *words):
    """The exit status of a benchmark that prints to STDOUT, and what it says."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", BENCHMARK, os.path.dirname(os.path.abspath(__file__)),
             folder, *words], stdout=stdout, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def test_unwritable(tap):
    full = os.open("/dev/full", os.O_WRONLY)
    unread, unheard = os.pipe()
    os.close(unread)
    for words, what in ((["--ktap"], "KTAP"), ([], "a page")):
        status, told = end_of(full, *words)
        tap.check(status == errors.NOT_MEASURED and told.count("\n") == 1
                  and "standard output: No space left" in told,
                  f"{what} for a full disk is no measurement", f"status {status}\n{told}")
        tap.equal(end_of(unheard, *words), (errors.NOT_MEASURED, ""),
                  f"{what} that nobody reads is no measurement")
    os.close(full)
    os.close(unheard)


def driver():
    """tools/bench/run, as a module."""
    path = str(ROOT / "tools" / "bench" / "run")
    loader = importlib.machinery.SourceFileLoader("driver", path)
    made = importlib.util.module_from_spec(importlib.util.spec_from_loader("driver", loader))
    loader.exec_module(made)
    return made


def test_driver(tap):
    made = driver()
    for words, drawn, wanted, name in (
            (["--record"], 0, errors.VALID, "a part that was measured, and charts that were drawn"),
            (["--record"], 1, errors.NOT_MEASURED, "charts that could not be drawn"),
            (["--record"], 130, 130, "charts that were interrupted"),
            ([], 1, errors.VALID, "no charts without --record")):
        made.run = lambda command, *_, drawn=drawn: drawn if "render" in command[0] else 0
        sys.argv = ["run", *words, "lookup-cost"]
        told = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
            status = made.main()
        tap.check(status == wanted and ("charts" in told.getvalue()) == bool(wanted),
                  f"the driver's status: {name}", f"status {status}\n{told.getvalue()}")


def test_kernels(tap):
    with tempfile.TemporaryDirectory() as folder:
        circumstances.BUILD = folder
        kernel = Path(folder, "kernel", "queue")
        (kernel / "modules/lib/modules/7.1.0").mkdir(parents=True)
        for name in ("config", "bzImage"):
            (kernel / name).write_text(name, encoding="utf-8")
        facts = circumstances.circumstances("x", ["queue"])
        tap.check(facts["kernel queue"].startswith("7.1.0, config SHA-256 ") and "emulator" in facts,
                  "results name kernel and emulator", facts)
        circumstances.check_kernels(facts)
        (kernel / "bzImage").write_text("another", encoding="utf-8")
        try:
            circumstances.check_kernels(facts)
            refused = ""
        except errors.Failure as failure:
            refused = str(failure)
        tap.check("built anew" in refused,
                  "results of a kernel that was built anew meanwhile are not written")


def test_turns(tap):
    turns = len(parameters.values("memslot_index")) + 1
    tap.check(turns <= vm.MOST_TURNS, "a VM gets time for a turn of each index, and another of the default",
              f"{turns} turns, MOST_TURNS {vm.MOST_TURNS}")


def main():
    tap = Tap(6 + 2 + 12 + 4 + 4 + 2 + 1)
    test_command(tap)
    test_json(tap)
    test_program(tap)
    test_unwritable(tap)
    test_driver(tap)
    test_kernels(tap)
    test_turns(tap)
    tap.finish()


if __name__ == "__main__":
    main()
