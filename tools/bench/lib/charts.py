# SPDX-License-Identifier: GPL-2.0-only
"""Bar charts of results, as SVG. A chart is made of panels, which are

    (title, unit, {index: value})

A page that has some offers page.CHART, the name of the file, and page.panels(data).
Pages that name the same file share it.
"""

import html

# Strong enough on white and on black.
COLOURS = {"linear": "#d9822b", "bsearch": "#8a63d2", "rbtree": "#4a90c4",
           "btree": "#2f9e6e", "hash": "#2f9e6e"}
OTHER_COLOUR = "#888888"
WIDTH, MARGIN = 760, 16
NAME_WIDTH, VALUE_WIDTH = 72, 64
TITLE_HEIGHT, BAR_HEIGHT, BAR_STEP, PANEL_GAP = 40, 16, 22, 18

STYLE = """\
text{font:13px system-ui,sans-serif;fill:#24292f}
.title{font-weight:600}
.unit{fill:#57606a;font-size:12px}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.unit{fill:#9198a1}}"""


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
