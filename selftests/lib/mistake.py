# SPDX-License-Identifier: GPL-2.0-only
"""Mistakes that are made on purpose, in copies of sources, to see a test find them."""

import contextlib
import filecmp
import shutil
import subprocess


@contextlib.contextmanager
def made(original, copy, expression):
    """COPY, of the file ORIGINAL, changed by sed's EXPRESSION, and as it was again in
    the end. Yields whether the expression changes anything."""
    try:
        subprocess.run(["sed", "-i", expression, copy], check=True)
        yield not filecmp.cmp(original, copy, shallow=False)
    finally:
        shutil.copyfile(original, copy)
