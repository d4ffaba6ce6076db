# SPDX-License-Identifier: GPL-2.0-only
"""Read the lists of tests, selftests/*/tests.cfg. docs/testing.md says what they hold.

    [kvm-{memslot_index}]
    command = tools/vm/kselftest --append kvm.memslot_index={memslot_index} …
    timeout = 900
    kernels = queue
"""

import configparser
import itertools
import math
import os
import re
import shlex
from dataclasses import dataclass

import parameters
from cli import kernel_variants
from paths import BUILD, shown

GROUPS = ("check", "full", "debug")
DEFAULT_GROUP = "check"
FIELDS = ("command", "timeout", "groups", "kernels", "needs")
# What else a test may need: targets of the Makefile, and a file that each makes, below
# build/. kselftest means KVM's selftests of each of the test's kernels.
NEEDS = {"tree-linux": "linux/Makefile", "tree-qemu": "qemu/configure",
         "qemu": "emulator/qemu-system-x86_64", "kvmscope": "kvmscope/kvmscope",
         "test-programs": "kvmscope/hist_test", "kselftest": None}
# More are a mistake in a list.
MOST_OF_A_PRODUCT = 1000
LONGEST_NAME = 100
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ListError(Exception):
    """A list can't be read; the text names file, test and cause."""


@dataclass(frozen=True)
class Test:
    """One test. KERNELS it boots; NEEDS besides; TIMEOUT in seconds; STAGE is the
    list's folder."""
    name: str
    stage: str
    command: str
    timeout: int
    groups: tuple
    kernels: tuple
    needs: tuple


def read(path):
    """All tests of one list, products expanded."""
    config = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",),
                                          default_section="", empty_lines_in_values=False)
    try:
        with open(path, encoding="utf-8") as file:
            config.read_file(file)
    except OSError as error:
        raise ListError(f"{shown(path)}: {error.strerror}") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ListError(f"{shown(path)}: {' '.join(str(error).split())}") from error
    stage = os.path.basename(os.path.dirname(os.path.abspath(path)))
    tests = []
    for name in config.sections():
        try:
            tests += _expand(name, dict(config[name]), stage)
        except ListError as error:
            raise ListError(f"{shown(path)}: [{name}]: {error}") from error
    return tests


def read_all(paths):
    """The tests of all lists; a name may be used once."""
    tests = [test for path in paths for test in read(path)]
    seen = set()
    for test in tests:
        if test.name in seen:
            raise ListError(f"test {test.name} is listed twice: rename one")
        seen.add(test.name)
    return tests


def targets(tests):
    """What `make` must have made for TESTS, in an order that makes sense."""
    wanted = {target for test in tests for target in _targets_of(test)}
    return ["setup"] + \
        [target for what in ("kernel", "kselftest") for variant in kernel_variants()
         if (target := f"{what}-{variant}") in wanted] + \
        [target for target in NEEDS if target in wanted]


def missing(test):
    """What to run `make` with before TEST, or None."""
    for target, path in _targets_of(test).items():
        if not os.path.exists(os.path.join(BUILD, path)):
            return target
    return None


def _targets_of(test):
    """{target of the Makefile: what it makes, below build/}"""
    found = {f"kernel-{variant}": f"kernel/{variant}/bzImage" for variant in test.kernels}
    if test.kernels and not os.environ.get("QEMU"):
        # A kernel is for a VM, and that for the project's emulator.
        found["qemu"] = NEEDS["qemu"]
    for need in test.needs:
        if need == "kselftest":
            found.update({f"kselftest-{variant}": f"kselftest/{variant}"
                          for variant in test.kernels})
        else:
            found[need] = NEEDS[need]
    return found


def _expand(name, fields, stage):
    """A test for each combination of the values that {…} in NAME stands for."""
    own = {key: tuple(value.split()) for key, value in fields.items() if key not in FIELDS}
    choices = {**parameters.all_values(), **own}
    product = list(dict.fromkeys(PLACEHOLDER.findall(name)))
    for key in own:
        if key not in product:
            raise ListError(f"unknown field '{key}'; there are {', '.join(FIELDS)}, "
                            "and what {…} in the name stands for")
    for key in product:
        if key == "build" or not choices.get(key):
            raise ListError(f"{{{key}}}: no parameter of selftests/parameters.cfg, "
                            "nor a field of this test")
    if math.prod(len(choices[key]) for key in product) > MOST_OF_A_PRODUCT:
        raise ListError(f"more than {MOST_OF_A_PRODUCT} tests")
    for values in itertools.product(*(choices[key] for key in product)):
        chosen = dict(zip(product, values))
        yield _one(_fill(name, chosen),
                   {key: _fill(value, chosen) for key, value in fields.items()}, stage)


def _fill(text, chosen):
    """TEXT with {name} replaced; {build} is where everything made is."""
    known = {"build": shlex.quote(BUILD), **chosen}
    return PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), text)


def _one(name, fields, stage):
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or len(name) > LONGEST_NAME:
        raise ListError("a name has letters, digits, '.', '-' and '_', "
                        f"{LONGEST_NAME} at most")
    command = " ".join(fields.get("command", "").split("\n"))
    if not command:
        raise ListError("no command")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", fields.get("timeout", "")):
        raise ListError("timeout must be a number of seconds")
    kernels, needs = (tuple(fields.get(key, "").split()) for key in ("kernels", "needs"))
    groups = tuple(fields.get("groups", DEFAULT_GROUP).split())
    if not groups:
        raise ListError("no group: it would never run")
    for kind, words, known in (("kernel", kernels, kernel_variants()), ("need", needs, NEEDS),
                               ("group", groups, GROUPS)):
        for word in words:
            if word not in known:
                raise ListError(f"unknown {kind} '{word}'; there are {', '.join(known)}")
    return Test(name, stage, command, int(fields["timeout"]),
                groups, kernels, needs)
