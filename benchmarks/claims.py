"""What qgraph claims about its speed, and what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Results = dict[str, dict[str, Any]]

FACTORS = (  # family, n, precision, and how many times the fastest peer of that precision
    ("regular", 20, "single", 25),
    ("regular", 24, "single", 25),
    ("gaussian", 24, "single", 15),
    ("regular", 24, "double", 12),
    ("gaussian", 24, "double", 12),
)
NEAR_LIMIT = (("regular", 24), ("regular", 26), ("gaussian", 24), ("gaussian", 26))


def fastest(point: dict[str, Any]) -> tuple[str, float] | None:
    """The fastest peer and its seconds; None if no peer has a time for this point."""
    times = {k: v["seconds"] for k, v in point["runs"].items() if k != "qgraph" and "seconds" in v}
    return min(times.items(), key=lambda item: item[1]) if times else None


def rows(results: Results) -> Iterator[tuple[str, str, str]]:
    """(claim, measured, holds) of everything that was measured."""
    for claim, measured, holds in _all(results):
        yield claim, measured, "yes" if holds else "**no**"


def _all(results: Results) -> Iterator[tuple[str, str, bool]]:
    if "expectation" in results:
        points = {(p["family"], p["n"], p["precision"]): p for p in results["expectation"]["points"]}
        for family, n, precision, factor in FACTORS:
            point = points.get((family, n, precision))
            best = fastest(point) if point else None
            if point and best:
                ratio = best[1] / point["runs"]["qgraph"]["seconds"]
                claim = f"{family}, n = {n}, {precision}: at least {factor} times the fastest peer"
                yield claim, f"{ratio:.1f}", ratio >= factor
        for family, n in NEAR_LIMIT:
            for precision in ("single", "double"):
                if point := points.get((family, n, precision)):
                    ratio = point["runs"]["qgraph"]["seconds"] / point["depth"] / point["limit_per_layer"]
                    claim = f"{family}, n = {n}, {precision}: a layer within 4 times the limit"
                    yield claim, f"{ratio:.2f}", ratio <= 4
        if point := points.get(("regular", 14, "double")):
            value = 1e3 * point["runs"]["qgraph"]["seconds"]
            yield "n = 14: an expectation at depth 4 under 0.5 ms", f"{value:.3f} ms", value < 0.5
    for p in results.get("gradient", {}).get("points", ()):
        if p["n"] == 20:
            ratio = p["seconds"]["qgraph"] / p["seconds"]["expectation"]
            claim = f"n = 20, {p['precision']}: {2 * p['depth']} derivatives in at most 5 expectations"
            yield claim, f"{ratio:.2f}", ratio <= 5
    if "start" in results:
        total = results["start"]["total"]
        yield (
            "a fresh process: import and a first 10-node simulation under 0.6 s",
            f"{total:.2f} s",
            total < 0.6,
        )
    if "huge" in results:
        section = results["huge"]
        gib, error = section["peak_bytes"] / 2**30, section["relative_error"]
        yield f"{section['n']} nodes in under 21 GiB", f"{gib:.2f} GiB", gib < 21
        yield f"{section['n']} nodes: <C> is the closed form to 1e-4", f"{error:.1e}", error < 1e-4
