# SPDX-License-Identifier: GPL-2.0-only
"""Bar charts of results, as SVG.

  memslot-index.svg  what a lookup costs a real guest with 117 memslots, and what it
                     costs in user space
  io-bus.svg         an access beside many devices, one for a queue of many, and
                     registration
"""

import html

from bench.memslot_userspace.layouts import AGAIN, LAYOUTS

# Strong enough on white and on black.
COLOURS = {"linear": "#d9822b", "bsearch": "#8a63d2", "rbtree": "#4a90c4",
           "btree": "#2f9e6e", "hash": "#2f9e6e"}
OTHER_COLOUR = "#888888"
WIDTH, MARGIN = 760, 16
NAME_WIDTH, VALUE_WIDTH = 72, 64
TITLE_HEIGHT, BAR_HEIGHT, BAR_STEP, PANEL_GAP = 40, 16, 22, 18

# What io-bus.svg shows: title, unit, that many instructions, and the rows.
IO_BUS = (
    ("An OUT that goes to user space, with 200 ioeventfds on the next port",
     "instructions until KVM_RUN returns", 1, ("byte", "ascending", "exit", 200)),
    ("An OUT that signals one of 256 queues on its port",
     "instructions", 1, ("queues", "ascending", "hit", 256)),
    ("Registering 10,000 ioeventfds in random order",
     "million instructions", 1e6, ("ports", "random", "register", 10000)),
)

# What memslot-index.svg shows of user space.
USERSPACE_LAYOUT, USERSPACE_SLOTS = "L2", (117, 509, 32764)

STYLE = """\
text{font:13px system-ui,sans-serif;fill:#24292f}
.title{font-weight:600}
.unit{fill:#57606a;font-size:12px}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.unit{fill:#9198a1}}"""


def guest_panels(results):
    """[(title, unit, {index: value})]"""
    rows = results.get("guest-lookups", {}).get("rows", [])
    most = max((row["slots"] for row in rows), default=0)
    values = {row["index"]: row["mean"] for row in rows
              if row["slots"] == most and row["phase"] == "random"}
    return [(f"A Linux guest with {most} memslots reads its memory in random order",
             "instructions per lookup, mean, cached ones included", values)] if values else []


def userspace_panels(results):
    found = []
    for slots in USERSPACE_SLOTS:
        values = {row["index"]: row["hit"]["best"]
                  for row in results.get("memslot-userspace", {}).get("rows", [])
                  if (row["layout"], row["slots"]) == (USERSPACE_LAYOUT, slots)
                  and row["index"] != AGAIN}
        if values:
            found.append((f"User space, {slots} memslots of {LAYOUTS[USERSPACE_LAYOUT]}",
                          "cycles per random lookup", values))
    return found


def io_bus_panels(results):
    found = []
    for title, unit, scale, what in IO_BUS:
        values = {row["series"]: row["median"] / scale
                  for row in results.get("io-bus", {}).get("rows", [])
                  if (row["layout"], row["order"], row["op"], row["devices"]) == what}
        if values:
            found.append((title, unit, values))
    return found


CHARTS = {
    "memslot-index.svg": lambda results: guest_panels(results) + userspace_panels(results),
    "io-bus.svg": io_bus_panels,
}


def text(x, y, content, kind="", anchor="start"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}"'
            f'{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>'
            f'{html.escape(content)}</text>')


def draw_panel(panel, top):
    """Lines of SVG, and where the panel ends."""
    title, unit, values = panel
    lines = [text(MARGIN, top + 14, title, "title"),
             text(MARGIN, top + 31, unit, "unit")]
    room = WIDTH - 2 * MARGIN - NAME_WIDTH - VALUE_WIDTH
    y = top + TITLE_HEIGHT
    for index, value in sorted(values.items(), key=lambda item: -item[1]):
        length = max(room * value / max(values.values()), 1)
        lines += [text(MARGIN + NAME_WIDTH - 8, y + 13, index, anchor="end"),
                  f'<rect x="{MARGIN + NAME_WIDTH}" y="{y}" width="{length:.1f}" '
                  f'height="{BAR_HEIGHT}" rx="2" '
                  f'fill="{COLOURS.get(index, OTHER_COLOUR)}"/>',
                  text(MARGIN + NAME_WIDTH + length + 6, y + 13,
                       f"{value:.1f}" if value < 100 else f"{value:.0f}")]
        y += BAR_STEP
    return lines, y + PANEL_GAP


def draw(panels):
    body, top = [], MARGIN
    for panel in panels:
        lines, top = draw_panel(panel, top)
        body += lines
    height = top - PANEL_GAP + MARGIN
    label = "; ".join(panel[0] for panel in panels)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{html.escape(label)}">',
        f"<style>{STYLE}</style>", *body, "</svg>", ""])
