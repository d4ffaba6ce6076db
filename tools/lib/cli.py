# SPDX-License-Identifier: GPL-2.0-only
"""How the Python programs read their command line, and how they end: without a
traceback, the same way everywhere."""

import argparse
import difflib
import fnmatch
import os
import shlex
import sys

from paths import BUILD, ROOT, shown

BAD_USAGE, INTERRUPTED = 2, 130
SHOWN_NAMES = 12


class _Help(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        try:
            print(parser.text, flush=True)
        except BrokenPipeError:
            # Nobody reads on, which is no error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        parser.exit()


class Parser(argparse.ArgumentParser):
    """Options as argparse reads them; --help prints TEXT, the program's __doc__, and
    what is wrong is refused in one line with exit status STATUS."""

    def __init__(self, text, name=None, status=BAD_USAGE):
        super().__init__(prog=name or program_name(), add_help=False, allow_abbrev=False)
        self.text = text.strip()
        self.status = status
        self.add_argument("--help", "-h", action=_Help, nargs=0)

    def parse_known_args(self, args=None, namespace=None):
        """An option that takes a value takes the next word, whatever it begins with:
        argparse itself refuses --append -x."""
        words, joined = list(sys.argv[1:] if args is None else args), []
        while words:
            word = words.pop(0)
            action = self._option_string_actions.get(word)
            if action and action.nargs is None and words:
                word = f"{word}={words.pop(0)}"
            joined.append(word)
        return super().parse_known_args(joined, namespace)

    def add_names(self, dest):
        """Positional names or patterns, and --words, which holds more of them: what make
        was given in one variable arrives as it was typed, no file name put in for *."""
        self.add_argument(dest, nargs="*")
        self.add_argument("--words", default="")

    def parse_names(self, arguments, dest):
        """The options; those given by --words are added to DEST."""
        options = self.parse_intermixed_args(arguments)
        try:
            getattr(options, dest).extend(shlex.split(options.words))
        except ValueError as error:
            self.error(f"--words {options.words}: {error}")
        return options

    def error(self, message):
        print(f"{self.prog}: {message}; see --help", file=sys.stderr)
        self.exit(self.status)


def whole_number(least=0, most=None):
    """For add_argument(type=…): a whole number, LEAST to MOST."""
    def number(text):
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        if most is not None and int(text) > most:
            raise argparse.ArgumentTypeError(f"{text} is more than {most}")
        return int(text)
    return number


def matches(name, pattern):
    """Does PATTERN mean NAME: a part of it, or with * ? [ the whole?"""
    whole = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
    return fnmatch.fnmatchcase(name, whole)


def choose(names, patterns, what):
    """Those of NAMES that some of PATTERNS means, in their own order; all without
    patterns. One that means nothing ends the program. WHAT they are, in the singular,
    is for the message."""
    chosen = set() if patterns else set(names)
    for pattern in patterns:
        if not pattern:
            stop(f"an empty name chooses no {what}; leave it out for all")
        hits = [name for name in names if matches(name, pattern)]
        if not hits:
            close = difflib.get_close_matches(pattern, names, 3, 0.3)
            near = f"close: {', '.join(close)}" if close else \
                f"there are {', '.join(names[:SHOWN_NAMES])}{', …' * (len(names) > SHOWN_NAMES)}"
            stop(f"no {what} matches '{pattern}'; {near}")
        chosen.update(hits)
    return [name for name in names if name in chosen]


def program_name():
    """How messages call this program; many are called `run`, in a folder that says more."""
    path = os.path.realpath(sys.argv[0])
    return shown_from_root(path) if os.path.basename(path) == "run" else os.path.basename(path)


def shown_from_root(path):
    """PATH as documents name it: from the top of the checkout, if it is in there."""
    relative = os.path.relpath(path, ROOT)
    return path if relative.startswith("..") else relative


def stop(text, status=BAD_USAGE):
    """Refuse to go on: TEXT names cause and cure."""
    print(f"{program_name()}: {text}", file=sys.stderr)
    sys.exit(status)


def need(path, cure, status=BAD_USAGE):
    """PATH must be there for anything to be done."""
    if not os.path.exists(path):
        stop(f"{shown(path)} is missing; {cure}", status)


def kernel_variants():
    """The kernels that tools/kernel/build builds."""
    with open(os.path.join(ROOT, "kernel-config", "variants.list"), encoding="utf-8") as file:
        return [line.split("|")[0].strip() for line in file
                if line.strip() and not line.startswith("#")]


def need_variant(variant, status=BAD_USAGE):
    """VARIANT must be one that can be built."""
    if variant not in kernel_variants():
        stop(f"there is no kernel variant '{variant}'; there are: "
             f"{', '.join(kernel_variants())}", status)


def need_kernel(variant, file=None, status=BAD_USAGE):
    """A kernel to boot must be there: FILE if there is one, else that of VARIANT."""
    if file:
        need(file, "name a kernel that is there", status)
    else:
        need_variant(variant, status)
        need(os.path.join(BUILD, "kernel", variant, "bzImage"),
             f"run 'make kernel-{variant}'", status)


def run_main(main, unwritable=1):
    """Exit with what MAIN returns or exits with; 130 after ^C, which reaches child
    processes, too, who clean up; UNWRITABLE if standard output can't be written."""
    try:
        try:
            status = main()
        except SystemExit as end:
            status = end.code
        # sys.stdout is None where standard output is closed.
        print(end="", flush=True)
    except KeyboardInterrupt:
        print(f"{program_name()}: interrupted", file=sys.stderr)
        status = INTERRUPTED
    except OSError as error:
        # Nobody reads on: that is no error of this program, others are.
        if not isinstance(error, BrokenPipeError):
            print(f"{program_name()}: "
                  f"{error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        # What is still in the buffer is written at exit, to where it can't fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = unwritable
    sys.exit(status)
