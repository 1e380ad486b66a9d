"""The figure: seconds per layer against the size of the state, log-log, and a copy for the notebook."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import peers
from cases import FAMILIES
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    Points = list[dict[str, Any]]

# Colours of Okabe and Ito. The shapes differ too. A white background can be read in light and dark themes.
STYLES = {
    "qgraph": ("#D55E00", "o"),
    "aer": ("#0072B2", "s"),
    "qulacs": ("#009E73", "^"),
    "lightning": ("#CC79A7", "D"),
    "qsim": ("#E69F00", "v"),
    "qokit": ("#56B4E9", "P"),
}
LIMIT = "limit of the machine"
NAME, CAPTION = "speed.png", "attachment:speed.png"


def panel(axes: Axes, points: Points, family: str, precision: str) -> None:
    """Everyone's times of one family in one precision."""
    rows = [p for p in points if p["family"] == family and p["precision"] == precision]
    axes.set_title(f"{FAMILIES[family]}, {precision} precision", fontsize=11)
    for name, (colour, marker) in STYLES.items():
        times = [(p["n"], p["runs"].get(name, {}).get("seconds")) for p in rows]
        times = [(n, seconds / p["depth"]) for (n, seconds), p in zip(times, rows, strict=True) if seconds]
        if times:
            wide = (
                {"linewidth": 2.4, "markersize": 7}
                if name == "qgraph"
                else {"linewidth": 1.3, "markersize": 6}
            )
            sizes, seconds = zip(*times, strict=True)
            axes.plot(
                [2.0**n for n in sizes],
                seconds,
                color=colour,
                marker=marker,
                label=peers.TITLES[name],
                **wide,
            )
    sizes = [p["n"] for p in rows]
    limits = [p["limit_per_layer"] for p in rows]
    axes.plot(
        [2.0**n for n in sizes], limits, color="black", linestyle=(0, (4, 2)), linewidth=1.3, label=LIMIT
    )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks([2.0**n for n in sizes], [str(n) for n in sizes])
    axes.minorticks_off()
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def draw(section: dict[str, Any], folder: Path) -> Path:
    """Write speed.png: two families by two precisions."""
    figure = Figure(figsize=(10.5, 8.2), layout="constrained", facecolor="white")
    table = figure.subplots(2, 2, sharex=True, sharey=True)
    for row, precision in zip(table, ("single", "double"), strict=True):
        for axes, family in zip(row, FAMILIES, strict=True):
            panel(axes, section["points"], family, precision)
    for axes in table[-1]:
        axes.set_xlabel("nodes n (the state has 2ⁿ amplitudes)")
    for axes in table[:, 0]:
        axes.set_ylabel("seconds per layer")
    pairs = [pair for axes in table.flat for pair in zip(*axes.get_legend_handles_labels(), strict=True)]
    found = {label: handle for handle, label in pairs}
    found[LIMIT] = found.pop(LIMIT)  # last
    figure.legend(found.values(), found.keys(), loc="outside upper center", ncols=4, frameon=False)
    threads, processor = section["machine"]["threads"], section["machine"]["processor"]
    figure.supxlabel(
        f"QAOA expectation, depth 4, per layer; {threads} threads of {processor}", fontsize=9, color="#444444"
    )
    path = folder / NAME
    figure.savefig(path, dpi=90, metadata={"Software": None})
    return path


def attach(picture: Path, notebook: Path) -> None:
    """Replace the copy of the figure that the notebook carries, so that it needs no file beside it."""
    content = json.loads(notebook.read_text())
    for cell in content["cells"]:
        if CAPTION in "".join(cell["source"]):
            cell["attachments"] = {NAME: {"image/png": base64.b64encode(picture.read_bytes()).decode()}}
    notebook.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
