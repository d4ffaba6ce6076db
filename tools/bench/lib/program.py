# SPDX-License-Identifier: GPL-2.0-only
"""How each benchmark runs: measure, judge, write.

    program.main(parser, "io-bus", measure, judge, page)

are modules that have
    measure.kernels(options)  variants that must have been built
    measure.measure(options)  what was measured, as in NAME.json
    judge.checks(data)        a list of Check, of all that a benchmark must fulfil
    judge.by_chance(data)     optional: is chance what makes a check fail?
    page.TITLE, page.text(data)
    page.CHART, page.panels(data)  optional, see charts.py
"""

import sys
import time

from bench.lib import options, records
from bench.lib.checks import all_good, print_ktap
from bench.lib.circumstances import check_kernels, circumstances
from bench.lib.errors import INVALID, NOT_MEASURED, VALID, Failure
from bench.lib.vm import need_kernels
from cli import program_name, run_main

START = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - START:4.0f} s] {program_name()}: {text}",
          file=sys.stderr, flush=True)


def guarded(work):
    """What WORK returns; None if something kept it from measuring, which is said."""
    try:
        return work()
    except Failure as error:
        print(f"{program_name()}: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"{program_name()}: {error.filename} is missing; run 'make bench', which "
              "builds what is needed", file=sys.stderr)
    except OSError as error:
        print(f"{program_name()}: {error.filename or 'the system'}: {error.strerror}",
              file=sys.stderr)
    return None


def measure_and_judge(known, given, measure, judge):
    """The data, KNOWN before included, and the checks of them."""
    data = {**known, **measure.measure(given)}
    if given.ktap and hasattr(judge, "by_chance") and judge.by_chance(data):
        say("not valid, by chance: measuring once more")
        data = {**known, **measure.measure(given)}
    checks = judge.checks(data)
    if not checks:
        raise Failure("nothing of what was measured has a target; measure more")
    return data, checks


def measure_and_publish(parser, given, name, measure, judge, page):
    """The data, the checks of them, and the files that have them, but none for KTAP."""
    variants = measure.kernels(given)
    need_kernels(variants)
    known = {"facts": circumstances(options.command_line(parser, given), variants),
             "options": options.of_measurement(parser, given)}
    data, checks = measure_and_judge(known, given, measure, judge)
    if given.ktap:
        return data, checks, None
    check_kernels(data["facts"])
    return data, checks, records.publish(name, page, data,
                                         records.RECORDED if given.record else records.UNRECORDED)


def run(parser, given, name, measure, judge, page):
    """The exit status. What standard output does not take is left to run_main()."""
    done = guarded(lambda: measure_and_publish(parser, given, name, measure, judge, page))
    if not done:
        return NOT_MEASURED
    data, checks, files = done
    if given.ktap:
        print_ktap(checks)
    else:
        print(page.text(data), flush=True)
        say(f"wrote {files}")
    return VALID if all_good(checks) else INVALID


def main(parser, name, measure, judge, page):
    """Of a benchmark whose results are called NAME, unless option --name says else."""
    def work():
        given = parser.parse_args()
        return run(parser, given, getattr(given, "name", name), measure, judge, page)
    run_main(work, NOT_MEASURED)
