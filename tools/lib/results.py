"""What benchmarks share about results: tables, circumstances, files."""

import datetime
import hashlib
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("KVMSCOPE_BUILD") or os.path.join(ROOT, "build")
RECORDED = os.path.join(ROOT, "docs", "results")
UNRECORDED = os.path.join(BUILD, "bench", "results")

_LOAD = os.getloadavg()


class Failure(Exception):
    """Nothing was measured; the text names cause and cure."""


def relative(path):
    return os.path.relpath(path, ROOT)


def table(header, rows, left=0):
    """A Markdown table that reads well as text, too; LEFT columns of words."""
    assert all(len(row) == len(header) for row in rows), "a row of another length"
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    lines = []
    for row in [header, *rows]:
        cells = [cell.ljust(width) if i < left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        lines.append("| " + " | ".join(cells) + " |")
    lines.insert(1, "|" + "|".join(
        "-" * (width + 1) + ("-" if i < left else ":")
        for i, width in enumerate(widths)) + "|")
    return "\n".join(lines)


def write_new(path, text):
    """Write TEXT to a file beside PATH, then take PATH's place."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scratch = f"{path}.new"
    with open(scratch, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(scratch, path)


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


def _first_line(*command):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              text=True).stdout.partition("\n")[0]
    except FileNotFoundError:
        return "unknown"


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def _kernel(variant):
    folder = os.path.join(BUILD, "kernel", variant)
    releases = os.listdir(os.path.join(folder, "modules", "lib", "modules"))
    return (f"{', '.join(releases)}, config SHA-256 "
            f"{_digest(os.path.join(folder, 'config'))}, bzImage SHA-256 "
            f"{_digest(os.path.join(folder, 'bzImage'))}")


def circumstances(command, variants=()):
    """Date, command, machine, versions: what the figures hold for."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = next((line.partition(":")[2].strip() for line in file
                    if line.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="utf-8") as file:
        gigabytes = round(int(file.readline().split()[1]) / 2**20)
    facts = {
        "date": datetime.date.today().isoformat(),
        "command": command,
        "machine": f"{os.cpu_count()} CPUs {cpu}, {gigabytes} GiB, "
                   f"load {_LOAD[0]:.1f} at the start"}
    for variant in variants:
        facts[f"kernel {variant}"] = _kernel(variant)
    if variants:
        facts["emulator"] = _first_line(
            os.environ.get("QEMU", "qemu-system-x86_64"), "--version")
    facts["compiler"] = _first_line(os.environ.get("HOSTCC", "gcc"), "--version")
    return facts


def publish(name, title, facts, text, data, record):
    """Write NAME.md and NAME.json, for the record or below build/."""
    for fact, value in facts.items():
        what, _, variant = fact.partition(" ")
        if what == "kernel" and value != _kernel(variant):
            raise Failure(f"kernel {variant} was built anew meanwhile; "
                          "nothing was written: measure again")
    folder = RECORDED if record else UNRECORDED
    path = os.path.join(folder, name)
    listed = "\n".join(f"- {fact}: {value}" for fact, value in facts.items())
    write_new(path + ".json", as_json({**facts, **data}))
    write_new(path + ".md", f"# {title}\n\nThe figures are in {name}.json, too.\n\n"
                            f"{listed}\n\n{text.strip()}\n")
    return f"{relative(path)}.md and .json"
