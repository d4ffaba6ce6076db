"""What the benchmarks under tools/bench share: options, messages, VMs, statuses.

    options = bench.options("name", __doc__, sys.argv[1:], {"--runs": 5})
    sys.exit(bench.guarded("name", lambda: measure(options)))
"""

import os
import subprocess
import sys
import time

from results import BUILD, ROOT, Failure

START = time.monotonic()
# Under icount, runs that differ by more than this measured something else, too.
MAX_SPREAD = 0.01

VALID, INVALID, BAD_USAGE, NOT_MEASURED, INTERRUPTED = 0, 1, 2, 3, 130


class Options:
    """One attribute for each option, named without dashes."""


def say(name, text):
    print(f"[{time.monotonic() - START:4.0f} s] {name}: {text}",
          file=sys.stderr, flush=True)


def options(name, doc, words, defaults, flags=("--record",), least=None, most=None, choices=None):
    """Parse WORDS; the type of an option is that of its default. LEAST, MOST and
    CHOICES say for an option what its value may be."""
    found = Options()
    values = {**dict.fromkeys(flags, False), **defaults}

    def refuse(text):
        print(f"{name}: {text}", file=sys.stderr)
        sys.exit(BAD_USAGE)

    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--help", "-h"):
            print(doc.strip())
            sys.exit(0)
        option, given, value = word.partition("=")
        if option in flags and not given:
            values[option] = True
            continue
        if option not in defaults:
            refuse(f"unknown argument '{word}'; see --help")
        if not given:
            if not words:
                refuse(f"{option} needs a value")
            value = words.pop(0)
        try:
            values[option] = type(defaults[option])(value)
        except ValueError:
            refuse(f"{option}: '{value}' is not a number")
    for option, bound in (least or {"--runs": 1}).items():
        if values[option] < bound:
            refuse(f"{option} must be at least {bound}")
    for option, bound in (most or {}).items():
        if values[option] > bound:
            refuse(f"{option} must be at most {bound}")
    for option, allowed in (choices or {}).items():
        if values[option] not in allowed:
            refuse(f"{option} {values[option]}: there are {', '.join(allowed)}")
    for option, value in values.items():
        setattr(found, option[2:].replace("-", "_"), value)
    return found


def guarded(name, measure):
    """The exit status: that of MEASURE, or what became of it."""
    try:
        return measure()
    except Failure as error:
        print(f"{name}: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"{name}: {error.filename} is missing; run 'make bench', which "
              "builds what is needed", file=sys.stderr)
    except OSError as error:
        print(f"{name}: {error.filename or 'the system'}: {error.strerror}",
              file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return NOT_MEASURED


def run_vm(arguments, runner="tools/vm/run", line=None):
    """The lines of a command in a VM; LINE is called with each as it comes."""
    lines = []
    with subprocess.Popen([os.path.join(ROOT, runner), "--quiet", *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as vm:
        try:
            for text in vm.stdout:
                lines.append(text.rstrip("\n"))
                if line:
                    line(lines[-1])
        except BaseException:
            # An interrupt may have reached this process only.
            vm.terminate()
            raise
    if vm.returncode:
        raise Failure(f"the VM exited {vm.returncode}; its logs: build/vm/last")
    return lines


def selftest(name, folder=""):
    """Path of a KVM selftest of the queue, or of the one in FOLDER."""
    path = os.path.join(folder or os.path.join(BUILD, "kselftest", "queue"), name)
    if not os.access(path, os.X_OK):
        raise Failure(f"{name} is not built; run 'make kselftest-queue'")
    return path
