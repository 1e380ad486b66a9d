"""Expectations of depth-4 QAOA at growing sizes: all simulators in turn, and only those that agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contest import Limit, Remote, WorkerError, multiply_adds, state_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contest import Answer

DEPTH = 4
TOLERANCE = {"single": 1e-4, "double": 1e-8}
# (Runs up to so many seconds, rounds, seconds of a round). Medium runs get the most rounds, because other
# work in the same memory slows them most.
ROUNDS = ((0.01, 5, 0.2), (1.0, 12, 0.2), (10.0, 2, 0.0))
EXPLORED = 18  # qubits up to which all ways of a peer are tried
COMPARED = 22  # qubits up to which the best two are tried


@dataclass
class Series:
    """One peer on one family in one precision, as n grows."""

    ranking: list[str] = field(default_factory=list)
    last: tuple[int, float] | None = None
    stopped: str | None = None

    def ways(self, n: int) -> list[str] | None:
        """What to try at this size; None for everything."""
        if n <= EXPLORED or not self.ranking:
            return None
        return self.ranking[: 2 if n <= COMPARED else 1]

    def projected(self, n: int, *, dense: bool) -> float:
        """Seconds expected at this size: twice the amplitudes per qubit, and the gates."""
        if self.last is None:
            return 0.0
        size, seconds = self.last
        return seconds * 2.0 ** (n - size) * (n / size) ** (2 if dense else 1)


class Expectations:
    """All points, one after another."""

    def __init__(self, remotes: dict[str, Remote], limit: Limit, patience: float) -> None:
        self.remotes, self.limit, self.patience = remotes, limit, patience
        self.series: dict[tuple[str, str, str], Series] = {}
        self.section: Answer = {"points": [], "left_out": [], "disagreements": []}

    def point(self, family: str, n: int, precision: str) -> None:
        """Measure all simulators at one size."""
        reference = self.remotes["qgraph"].ask(
            "open",
            family=family,
            n=n,
            depth=DEPTH,
            precision="double",
            reference=None,
            tolerance=0,
            ways=None,
        )["value"]
        runs: dict[str, Answer] = {}
        for name, remote in self.remotes.items():
            if precision in remote.about["precisions"]:
                series = self.series.setdefault((name, family, precision), Series())
                runs[name] = self._open(remote, series, family, n, precision, reference)
        limits = self._rounds({k: v for k, v in runs.items() if "seconds" in v}, n, precision)
        for name, run in runs.items():
            self.remotes[name].ask("close")
            run.pop("tried", None)
        row = {"family": family, "n": n, "precision": precision, "depth": DEPTH, "reference": reference}
        memory = min(limit["passes"] for limit in limits)
        rate, vector = max(limit[precision] for limit in limits), limits[0]["vector"]
        arithmetic = multiply_adds(n, precision, vector) / rate
        row |= {"runs": runs, "limit_per_layer": max(memory, arithmetic)}
        row |= {"memory": memory, "arithmetic": arithmetic, "rate": rate, "vector": vector}
        self._show(row)
        self.section["points"].append(row)

    def _open(
        self, remote: Remote, series: Series, family: str, n: int, precision: str, reference: float
    ) -> Answer:
        if series.stopped is None and series.projected(n, dense=family == "gaussian") > self.patience:
            series.stopped = f"a run at n = {n} would take over {self.patience:g} s"
        if series.stopped is not None:
            return {"stopped": series.stopped}
        request: dict[str, Any] = {"family": family, "n": n, "depth": DEPTH, "precision": precision}
        request |= {"reference": reference, "tolerance": TOLERANCE[precision], "ways": series.ways(n)}
        try:
            answer = remote.ask("open", patience=10 * self.patience, **request)
        except WorkerError as problem:
            series.stopped = str(problem)
            return {"stopped": series.stopped}
        for way, value in answer["disagree"].items():
            text = f"{remote.name}, {way}: {value:.9g} instead of {reference:.9g}"
            kept = "left_out" if answer["tried"] else "disagreements"
            self.section[kept].append(f"{family}, n = {n}, {precision}: {text}")
        if not answer["tried"]:
            series.stopped = "disagreed"
            return {"stopped": series.stopped, **answer}
        series.ranking = sorted(answer["tried"], key=answer["tried"].get)
        series.last = n, answer["seconds"]
        if answer["seconds"] > ROUNDS[-1][0]:
            remote.ask("close")  # its memory may be needed
        return answer

    def _rounds(self, runs: dict[str, Answer], n: int, precision: str) -> list[Answer]:
        """Run all in turn, several times. Each keeps its least time."""
        size = state_bytes(n, precision, half=True)
        limits: list[Answer] = []
        first = {name: run["seconds"] for name, run in runs.items()}
        for number in range(max(rounds for _, rounds, _ in ROUNDS)):
            limits.append(self.limit.measure(size))
            for name, run in runs.items():
                rounds, seconds = next(((r, s) for most, r, s in ROUNDS if first[name] <= most), (0, 0.0))
                if number < rounds:
                    again = self.remotes[name].ask("turn", seconds=seconds)["seconds"]
                    run["seconds"] = min(run["seconds"], again)
        return limits

    @staticmethod
    def _show(row: Answer) -> None:
        times = [f"{k} {1e3 * v['seconds']:.4g}" for k, v in row["runs"].items() if "seconds" in v]
        head = f"{row['family']} n={row['n']} {row['precision']}"
        print(
            f"{head}, ms: {', '.join(times)}; limit per layer {1e3 * row['limit_per_layer']:.4g}", flush=True
        )


def measure(contest: Expectations, sizes: Sequence[int], families: Sequence[str]) -> None:
    """All families and precisions; `contest.section` has the points so far."""
    for precision in TOLERANCE:
        for family in families:
            for n in sizes:
                contest.point(family, n, precision)
