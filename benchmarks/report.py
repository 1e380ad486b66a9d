"""The tables of RESULTS.md. They report losses as plainly as wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import claims
import cones
import peers
from cases import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Section = dict[str, Any]

NOTE = """The *peers* are the other simulators. All run in turn, and each time is the least of several runs.
*Per layer* is the time of a whole expectation divided by its depth. It includes the start state and the
reading of the expectation. *Limit* is the larger of two times on this machine, measured in the same run, and
*roof* says which one it is (*memory alone*: the run did not measure arithmetic). *Memory* is the time of two
passes that read and write the stored half of the state. If that half fits into a cache, so does the array of
these passes. *Arithmetic* is the time of the multiply-adds of a layer, at the highest rate of all threads on
numbers in registers. They are counted in qgraph's kernel, for each amplitude of the half: 9/4 for each spin
that is mixed together with another one, 2 for each of the spins within a vector, and 4 for the phase. An
addition alone counts as one. Loading, permuting and finding the phases do not count. On sparse graphs qgraph
takes less in the first and the last layer.
A time counts only if the expectation agrees with qgraph's in double precision: to 1e-4 relative in single
precision, and to 1e-8 in double. An empty cell means that the simulator does not have that precision, or
that it stopped (see the remarks)."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the columns after the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def milliseconds(seconds: float | None) -> str:
    """Three digits."""
    return "" if seconds is None else f"{1e3 * seconds:.3g}" if seconds < 0.9995 else f"{1e3 * seconds:.0f}"


def machine(about: Section) -> str:
    """The machine, the versions and the load: what the numbers depend on."""
    caches = ", ".join(f"{level} {size}" for level, size in about["caches"].items())
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"{about['processor']}, {about['processors']} processors, {about['threads']} threads each; "
        f"caches {caches}; {about['memory_gib']} GiB; {about['system']}, Python {about['python']}; "
        f"{about['date']}, load before the run {about['load_before']}. {versions}.\n"
    )


def expectations(section: Section, family: str, precision: str) -> str:
    """One table: the times of all simulators as n grows."""
    rows = [p for p in section["points"] if p["family"] == family and p["precision"] == precision]
    names = [name for name in peers.NAMES[1:] if any(name in p["runs"] for p in rows)]
    head = [
        "n",
        "qgraph, ms",
        "per layer",
        "limit",
        "roof",
        "times the limit",
        "times the fastest peer",
        *(peers.TITLES[k] for k in names),
    ]
    lines = []
    for p in rows:
        ours = p["runs"].get("qgraph", {}).get("seconds")
        if ours is None:
            continue
        layer, best = ours / p["depth"], claims.fastest(p)
        factor = "" if best is None else f"{best[1] / ours:.1f} ({peers.TITLES[best[0]]})"
        line = [str(p["n"]), milliseconds(ours), milliseconds(layer), milliseconds(p["limit_per_layer"])]
        line.append(roof(p))
        line += [f"{layer / p['limit_per_layer']:.2f}", factor]
        lines.append(line + [milliseconds(p["runs"].get(k, {}).get("seconds")) for k in names])
    title = f"### {FAMILIES[family]}, {precision} precision\n\n"
    return title + table(head, lines) if lines else ""


def roof(point: Section) -> str:
    """Which of the two limits is larger. Results of older versions have memory alone."""
    if "arithmetic" not in point:
        return "memory alone"
    return "memory" if point["memory"] >= point["arithmetic"] else "arithmetic"


def remarks(section: Section) -> str:
    """Which simulators stopped, which did not count, and which way was the fastest."""
    lines: dict[str, None] = {}
    for p in section["points"]:
        for name, run in p["runs"].items():
            where = f"{peers.TITLES[name]}, {FAMILIES[p['family']]}, {p['precision']}"
            if "stopped" in run:
                lines.setdefault(f"- {where}: stopped; {run['stopped']}.")
    for name, reason in section["machine"]["missing"].items():
        lines[f"- {peers.TITLES[name]}: not measured; {reason}."] = None
    for text in (*section["left_out"], *section["disagreements"]):
        lines[f"- Does not agree, so it does not count: {text}."] = None
    ways: dict[str, dict[str, None]] = {}
    for p in section["points"]:
        for name, run in p["runs"].items():
            if "way" in run and name != "qgraph":
                ways.setdefault(peers.TITLES[name], {})[run["way"]] = None
    lines |= {f"- {title}: the fastest ways are {'; '.join(found)}.": None for title, found in ways.items()}
    return "\n".join(lines) + "\n"


def setups(section: Section) -> str:
    """What qgraph's own times do not include."""
    rows = [(p, p["runs"].get("qgraph", {})) for p in section["points"]]
    most = max((run["setup"] for _, run in rows if "setup" in run), default=0)
    longest = milliseconds(most)
    return f"The times do not include making a `Simulator`. This took at most {longest} ms at any n.\n"


def gradient(section: Section) -> str:
    """All 2p derivatives."""
    head = [
        "n, precision",
        "expectation, ms",
        "gradient, ms",
        "in expectations",
        "lightning's adjoint, ms",
        "times faster",
    ]
    rows = []
    for p in section["points"]:
        t = p["seconds"]
        cells = map(milliseconds, (t["expectation"], t["qgraph"]))
        ratio, factor = t["qgraph"] / t["expectation"], t["lightning"] / t["qgraph"]
        theirs = milliseconds(t["lightning"])
        rows.append([f"{p['n']}, {p['precision']}", *cells, f"{ratio:.2f}", theirs, f"{factor:.1f}"])
    depth = section["points"][0]["depth"]
    return f"## All {2 * depth} derivatives at depth {depth}, 3-regular\n\n" + table(head, rows)


def optimum(section: Section) -> str:
    """Time to a local optimum."""
    names = list(section["starts"][0]["runs"])
    rows = []
    for row in section["starts"]:
        cells = []
        for name in names:
            run = row["runs"][name]
            text = f"{run['seconds']:.3g} ({run.get('evaluations', 0)} evaluations)"
            cells.append(text if run["reached"] else f"not reached: {run.get('value', float('nan')):.6g}")
        rows.append([f"{row['start']} → {row['target']:.6f}", *cells])
    size = f"3-regular, n = {section['n']}, double precision"
    title = f"## Seconds to a depth-{section['depth']} optimum, {size}\n\n"
    text = (
        "The time from the same start until <C> is close to the local optimum that qgraph's gradients reach: "
        f"within {section['slack']:g} relative. Circuits are built once and bound. "
        "Aer reads <C> from the saved state.\n\n"
    )
    head = ["start → target", *(name.replace("qgraph", "qgraph,").replace("aer", "Aer,") for name in names)]
    return title + text + table(head, rows)


def cone(section: Section) -> str:
    """Values and gradients on light cones."""
    head = ["instance", "simulator", "planning, s", "value, s", "gradient, s", "difference of the values"]
    rows, notes = [], list[str]()
    for p in section["points"]:
        title = f"{cones.TITLES[p['name']]}, depth {p['depth']}: {p['kinds']} of {p['edges']} edges"
        for name, run in p["runs"].items():
            simulator = ", ".join(filter(None, (cones.NAMES[name], run.get("truncates"))))
            times = [f"{run[key]:.3g}" if key in run else "" for key in ("planning", "seconds", "gradient")]
            if "seconds" in run and not times[2]:
                times[2] = f"{run['values']} x value = {run['values'] * run['seconds']:.3g}"
            rows.append([title, simulator, *times, f"{run['apart']:.1e}" if "apart" in run else ""])
            if "stopped" in run:
                notes.append(f"- {cones.NAMES[name]}, {title}: stopped; {run['stopped']}.")
    notes += [f"- Does not agree, so it does not count: {text}." for text in section["disagreements"]]
    text = (
        "A value is <C> in double precision. Planning is what does not depend on the angles. Each simulator "
        "measures the same edges, one of each kind of light cone, and multiplies by the number of such "
        "edges. qgraph finds the kinds by itself, in its planning. A gradient is a value with all 2p "
        "derivatives: qgraph's from one back-propagation, the others' from the 2p + 1 values of forward "
        "differences, measured once or as a multiple of one value. The difference is relative to qgraph's "
        f"value. A time counts if it is at most {cones.TOLERANCE:g}. Matrix product states are not exact: "
        "their difference is their error. Forward differences of their values are noise, so only the time "
        "means something.\n\n"
    )
    table_ = table(head, rows) + "\n" + "\n".join(notes) + "\n" if notes else table(head, rows)
    return "## Light cones\n\n" + machine(section["machine"]) + "\n" + text + table_


def start(section: Section) -> str:
    """Seconds from a fresh process to a first result."""
    parts = f"import {section['import']:.2f} s, simulation {section['simulation']:.2f} s"
    return (
        "## First use\n\nA fresh Python process that imports qgraph and simulates ten nodes: "
        f"{section['total']:.2f} s ({parts}; slowest of seven {section['slowest']:.2f} s).\n"
    )


def huge(section: Section) -> str:
    """The largest state."""
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in section["seconds"].items())
    deviation = section["sample_deviation_in_standard_errors"]
    return (
        f"## {section['n']} nodes, single precision\n\n"
        f"{section['graph']}; depth 1, {section['shots']} samples: {seconds}. "
        f"Peak memory {section['peak_bytes'] / 2**30:.2f} GiB. <C> = {section['expectation']:.7f}, the "
        f"closed form for triangle-free graphs {section['closed_form']:.7f}: "
        f"the relative difference is {section['relative_error']:.1e}. "
        f"The samples' mean is {section['sample_mean']:.3f}, {deviation:+.2f} standard errors from it.\n"
    )


def markdown(results: dict[str, Section]) -> str:
    """RESULTS.md."""
    parts = [
        "# Measurements\n",
        "Written by `make bench` (see [README.md](README.md)). Times without a unit are in ms.\n",
    ]
    if "expectation" in results:
        section = results["expectation"]
        parts += [machine(section["machine"]), "![Seconds per layer as n grows](results/speed.png)\n"]
    parts += ["## What is claimed\n", table(["claim", "measured", "holds"], claims.rows(results))]
    if "expectation" in results:
        parts += [f"## Expectation at depth {section['points'][0]['depth']}\n", NOTE + "\n", setups(section)]
        parts += [
            expectations(section, family, precision)
            for precision in ("single", "double")
            for family in FAMILIES
        ]
        parts += ["### Remarks\n", remarks(section)]
    sections = {"gradient": gradient, "optimum": optimum, "cones": cone, "start": start, "huge": huge}
    parts += [write(results[name]) for name, write in sections.items() if name in results]
    return "\n".join(part for part in parts if part)
