#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The demo, with fewer reads: both guests measured, and the page says the same
numbers as the JSON.
"""

import html.parser
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/lib"))
sys.dont_write_bytecode = True

from paths import BUILD, ROOT  # noqa: E402
from tap import Tap  # noqa: E402

OUTCOMES = ("cached", "found", "absent")

# Elements of HTML that have no end tag.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
        "source", "track", "wbr"}
# What could make the page ask the network for something.
LOADING = {"src", "href", "srcset", "action", "data", "poster", "xlink:href"}


class Page(html.parser.HTMLParser):
    """Notes what is not well-formed, and every text and address."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.addresses, self.texts = [], [], [], []
        self.tags = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in LOADING]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in LOADING]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at line {self.getpos()[0]} closes nothing")

    def handle_data(self, data):
        self.texts.append(data.strip())


def buckets_agree(row):
    return sum(bucket["count"] for bucket in row["buckets"]) == row["count"]


def shown(page, number):
    """Numbers may be grouped: 12345, 12,345, 12 345 with any space."""
    return any("".join(c for c in text if c.isdigit()) == str(number) for text in page.texts)


def main():
    tap = Tap(9)
    out = Path(BUILD) / "selftests/demo"
    done = subprocess.run([Path(ROOT) / "tools/demo/run", "--quick", "--interval", "2",
                           "--output", out],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    tap.equal(done.returncode, 0, "tools/demo/run succeeds")
    if done.returncode:
        sys.exit(1)
    result = json.loads((out / "hist.json").read_text(encoding="utf-8"))
    page = Page((out / "report.html").read_text(encoding="utf-8"))

    vms = {vm["name"]: vm for vm in result["vms"]}
    tap.equal({name: vm["index"] for name, vm in vms.items()},
              {"linear": "linear", "bsearch": "bsearch"}, "both VMs were measured")
    tap.check(all(vm["slots"] > 100 for vm in vms.values()), "each has more than 100 memslots",
              result["vms"])
    tap.equal({(row["index"], row["outcome"]) for row in result["rows"] if row["count"]},
              {(index, outcome) for index in vms for outcome in OUTCOMES},
              "every outcome was seen under both indexes")
    tap.check(all(buckets_agree(row) for row in result["rows"]), "buckets add up to the counts")

    text = done.stdout
    tap.check("== total of" in text and text.count("==") > 2, "histograms live, then in total",
              text[-2000:])
    tap.equal(page.wrong, [], "the page is well-formed")
    tap.check(page.tags.count("svg") >= 3 and not any(
        address and not address.startswith("#") for address in page.addresses),
              "it has the charts and loads nothing", page.addresses)
    missing = [row["count"] for row in result["rows"] if not shown(page, row["count"])]
    tap.equal(missing, [], "it shows the counts of the JSON")
    tap.finish()


if __name__ == "__main__":
    main()
