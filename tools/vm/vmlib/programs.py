# SPDX-License-Identifier: GPL-2.0-only
"""Host programs and the shared libraries they need."""

import os
import re
import shutil
import subprocess

from vmlib.errors import RunnerError

# An ordinary user's PATH lacks the last ones.
SEARCH_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"


def locate(name):
    """A program's absolute path, from a path or a name in PATH."""
    found = name if "/" in name else shutil.which(name, path=SEARCH_PATH)
    if not found or not os.path.isfile(found):
        raise RunnerError(f"no program {name} on this machine: "
                          "install it, or give its path")
    if not os.access(found, os.X_OK):
        raise RunnerError(f"{name} is not executable: chmod +x it")
    return os.path.abspath(found)


def interpreter(path):
    """The program that a script's first line names, or None."""
    with open(path, "rb") as file:
        first = file.readline(256)
    if not first.startswith(b"#!"):
        return None
    words = os.fsdecode(first[2:]).split()
    if not words:
        return None
    if os.path.basename(words[0]) == "env" and len(words) > 1:
        return words[1]
    return words[0]


def libraries(path):
    """Every shared object that a program loads, its loader included."""
    done = subprocess.run(["ldd", path], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode:
        # ldd says so about static programs and about scripts.
        return []
    missing = re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)
    if missing:
        raise RunnerError(f"{path} needs {missing[0]}, which is not installed")
    return re.findall(r"(?:^\s*|=> )(/\S+) \(0x", done.stdout, re.MULTILINE)
