"""How the Python programs end: without a traceback, the same way everywhere."""

import os
import sys

from results import BUILD

BAD_USAGE, INTERRUPTED = 2, 130


def stop(text):
    """Refuse to go on: TEXT names cause and cure."""
    print(f"{os.path.basename(sys.argv[0])}: {text}", file=sys.stderr)
    sys.exit(BAD_USAGE)


def need(path, cure):
    """PATH must be there for anything to be done."""
    if not os.path.exists(path):
        near = os.path.relpath(path)
        stop(f"{path if near.startswith('..') else near} is missing; {cure}")


def need_kernel(variant, file=None):
    """A kernel to boot must be there: FILE if there is one, else that of VARIANT."""
    need(file or os.path.join(BUILD, "kernel", variant, "bzImage"),
         "name a kernel that is there" if file else f"run 'make kernel-{variant}'")


def run_main(main):
    """Exit with what MAIN returns or exits with; 130 after ^C, which reaches child
    processes, too, who clean up; 1 if standard output can't be written."""
    try:
        try:
            status = main()
        except SystemExit as end:
            status = end.code
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:
        # Nobody reads on: that is no error of this program, others are.
        if not isinstance(error, BrokenPipeError):
            print(f"{os.path.basename(sys.argv[0])}: "
                  f"{error.filename or 'standard output'}: {error.strerror}", file=sys.stderr)
        # What is still in the buffer is written at exit, to where it can't fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
