# SPDX-License-Identifier: GPL-2.0-only
"""The files of results: NAME.json has what was measured, NAME.md is made from it."""

import contextlib
import json
import os

from cli import shown_from_root, stop
from paths import BUILD, ROOT

RECORDED = os.path.join(ROOT, "docs", "results")
UNRECORDED = os.path.join(BUILD, "bench", "results")


def as_json(data):
    """DATA as JSON that differs in few lines if the data do: a line for each value, and
    of an object or a list of objects for each entry."""
    lines = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            entries = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in value.items()]
            text = "{\n  " + ",\n  ".join(entries) + "\n }"
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            text = "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
        else:
            text = json.dumps(value)
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def load(path):
    """What a benchmark wrote; a file that isn't that ends the program."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (ValueError, RecursionError):
        unusable(path)


def unusable(path):
    stop(f"{shown_from_root(path)} is not what a benchmark writes; measure again")


def write_new(path, text):
    """Write TEXT to a file beside PATH, then take PATH's place."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scratch = f"{path}.new"
    try:
        with open(scratch, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(scratch, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(scratch)
        error.filename = error.filename or path
        raise


def page_of(name, page, data):
    """The text of NAME.md; PAGE has TITLE and text(data)."""
    facts = "\n".join(f"- {fact}: {value}" for fact, value in data["facts"].items())
    return (f"# {page.TITLE}\n\nThis page is made from {name}.json by tools/bench/render.\n\n"
            f"{facts}\n\n{page.text(data).strip()}\n")


def publish(name, page, data, folder):
    """Write both files to FOLDER; their names, for people."""
    path = os.path.join(folder, name)
    text = page_of(name, page, data)
    write_new(path + ".json", as_json(data))
    write_new(path + ".md", text)
    return f"{shown_from_root(path)}.md and .json"
