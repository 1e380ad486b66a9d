"""Measure everything in one process tree, and write results, tables and figure (`make bench`).

With --only, the other sections keep the numbers of an earlier run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cones
import expectation
import figure
import gradients
import peers
import report
from cases import FAMILIES
from contest import Limit, Remote, WorkerError

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE.parent / "notebooks/05_speed.ipynb"
SECTIONS = ("expectation", "gradient", "optimum", "cones", "start")
FIRST_USE = """
import time; began = time.perf_counter()
import qgraph as qg; imported = time.perf_counter()
qg.simulate(qg.MaxCut(qg.Graph.random_regular(3, 10, seed=1)), [0.6], [0.4]).expectation()
print(imported - began, time.perf_counter() - imported)
"""


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--families", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--peers", nargs="+", choices=peers.NAMES[1:], default=peers.NAMES[1:])
    parser.add_argument("--max-nodes", type=int, default=26)
    parser.add_argument(
        "--patience", type=float, default=60, help="seconds a run may take before a peer stops"
    )
    parser.add_argument("--cones", nargs="+", choices=list(cones.TITLES), default=list(cones.TITLES))
    parser.add_argument(
        "--cone-patience", type=float, default=600, help="seconds to plan light cones and for a value"
    )
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--huge", action="store_true", help="also 32 nodes, which needs 17 GiB")
    parser.add_argument("--output", type=Path, default=HERE / "results/speed.json")
    return parser.parse_args()


def machine(threads: int) -> dict[str, Any]:
    """What the numbers depend on, without the name of the machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    caches = Path("/sys/devices/system/cpu/cpu0/cache")
    sizes = {
        f"L{(cache / 'level').read_text().strip()}": (cache / "size").read_text().strip()
        for cache in sorted(caches.glob("index*"))
        if (cache / "type").read_text().strip() != "Instruction"
    }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": model,
        "processors": os.cpu_count(),
        "threads": threads,
        "caches": sizes,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def first_use() -> dict[str, Any]:
    """A fresh interpreter that imports qgraph and simulates ten nodes: seconds, the least of seven."""
    runs = []
    for _ in range(7):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", FIRST_USE], check=True, capture_output=True, text=True, cwd=HERE
        )
        total = time.perf_counter() - began
        runs.append((total, *map(float, done.stdout.split())))
    total, imported, simulated = min(runs)
    return {"total": total, "import": imported, "simulation": simulated, "slowest": max(runs)[0]}


def huge(n: int = 32, shots: int = 1000) -> dict[str, Any]:
    """The largest state, in a process of its own."""
    command = [sys.executable, str(HERE / "huge.py"), str(n), str(shots)]
    answer: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return answer


def hire(names: tuple[str, ...], threads: int) -> tuple[dict[str, Remote], dict[str, str]]:
    """The workers that started, and for each of the others the reason."""
    remotes, missing = {}, {}
    for name in names:
        try:
            remotes[name] = Remote(name, threads)
        except WorkerError as problem:
            missing[name] = str(problem)
    return remotes, missing


def measure(chosen: argparse.Namespace, folder: Path, found: dict[str, Any]) -> None:
    """Measure the chosen sections in turn. An interrupted run keeps the sections that are complete."""
    about = machine(chosen.threads)
    wanted = chosen.peers if set(chosen.only) - {"cones", "start"} else ()
    remotes, missing = hire(("qgraph", *wanted), chosen.threads)
    about |= {"versions": {k: v for r in remotes.values() for k, v in r.about["versions"].items()}}
    about |= {"missing": missing}
    if "start" in chosen.only:
        found["start"] = {"machine": about, **first_use()}
    if "gradient" in chosen.only and "lightning" in remotes:
        sizes = [n for n in (12, 16, 20) if n <= chosen.max_nodes]
        section = gradients.measure(remotes["qgraph"], remotes["lightning"], sizes, chosen.threads)
        found["gradient"] = {"machine": about, **section}
    if "cones" in chosen.only:
        of_cones = about | {"versions": {}, "missing": {}}
        found["cones"] = {"machine": of_cones, "points": [], "disagreements": []}
        cones.measure(found["cones"], chosen.cones, chosen.threads, chosen.cone_patience)
    if "optimum" in chosen.only and "aer" in remotes:
        found["optimum"] = {"machine": about, **gradients.optimum(remotes)}
    if "expectation" in chosen.only:
        contest = expectation.Expectations(remotes, Limit(folder, chosen.threads), chosen.patience)
        found["expectation"] = contest.section
        contest.section["machine"] = about
        sizes = [n for n in range(12, 27, 2) if n <= chosen.max_nodes]
        expectation.measure(contest, sizes, chosen.families)
    for remote in remotes.values():
        remote.end()
    if chosen.huge:
        found["huge"] = {"machine": about, **huge()}


def keep(output: Path, found: dict[str, Any]) -> None:
    """Write the results, the tables and the figure."""
    before = json.loads(output.read_text()) if output.exists() else {}
    results = before | found
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(results, indent=1) + "\n")
    if output.parent == HERE / "results":
        (HERE / "RESULTS.md").write_text(report.markdown(results))
        if results.get("expectation", {}).get("points"):
            figure.attach(figure.draw(results["expectation"], HERE / "results"), NOTEBOOK)


def main() -> None:
    """Measure, and write the results."""
    chosen, began = options(), time.perf_counter()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            measure(chosen, Path(folder), found)
        finally:
            keep(chosen.output, found)
    print(f"{time.perf_counter() - began:.0f} s")
    if failures := [text for section in found.values() for text in section.get("disagreements", ())]:
        sys.exit("not all simulators agree:\n" + "\n".join(failures))


if __name__ == "__main__":
    main()
