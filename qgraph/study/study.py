"""A study: problems x solvers x seeds. Each trial is stored as it ends, and none runs twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Self

from qgraph.base.checks import require, require_time_limit, require_whole
from qgraph.base.errors import InvalidInput, printable
from qgraph.solvers.progress import watching
from qgraph.solvers.result import Result, Solution
from qgraph.study.background import Background
from qgraph.study.execute import execute
from qgraph.study.live import Live
from qgraph.study.memory import Size
from qgraph.study.plan import Plan, plan_of, read_plan, trial_name, write_plan
from qgraph.study.pool import require_dask
from qgraph.study.run import Ended
from qgraph.study.settings import Solver, Variant, require_distinct, tuples
from qgraph.study.sources import Named
from qgraph.study.store import Store
from qgraph.study.tables.frame import frame_of
from qgraph.study.views import Views, chosen

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

OF_PROBLEMS = ("name", "digest", "source", "kind", "n", "edges", "sense", "halved", "routes")


class Study(Views):
    """Problems x solvers x seeds, in a folder with one SQLite file.

    A trial is one problem, one solver with its settings, and one seed. Its name is a content hash. What the
    folder already holds is kept: new problems, solvers, values of settings and seeds add trials, and none
    runs again. The same lines therefore start a study, extend it, and go on with it after an interrupt.

    `problems`: a mapping from names to problems, or a list. Instead of a problem: a function of a module, or
    `functools.partial` of one, which returns a problem, a graph or a city; a file or a pattern such as
    `"graphs/*.txt"`; or a mapping, `{"files": "*.mtx", "problem": "VertexCover", "directed": "merge"}`.
    Workers then read the file or call the function themselves. Graphs stand for MaxCut, cities for
    PriorityRouting.

    `solvers`: a mapping from labels to solvers with settings, `{"solver": "qaoa", "depth": range(1, 6)}`.
    The names are those of `compare`. A function of a module is a solver, too: it takes a problem, perhaps
    `seed`, and its settings, and returns a `Solution` or a `Result`. A range or a list gives several values
    to a setting. Depths of QAOA that differ in nothing else are one climb. `seeds`: whole numbers. Solvers
    that take no seed have one trial for each problem.

    Raises `InvalidInput`, and `InvalidFile` if the folder holds something else.

    >>> from tempfile import TemporaryDirectory
    >>> from qgraph import Graph, MaxCut
    >>> with TemporaryDirectory() as folder:
    ...     study = Study(
    ...         folder,
    ...         problems={f"ring-{n}": MaxCut(Graph.ring(n)) for n in (6, 8)},
    ...         solvers={"qaoa": {"solver": "qaoa", "depth": range(1, 3)}, "greedy": {"solver": "greedy"}},
    ...         seeds=range(3),
    ...     )
    ...     frame = study.run(progress=False).frame()
    >>> frame.groupby("solver").size().to_dict()
    {'greedy': 2, 'qaoa': 12}
    """

    def __init__(
        self, folder: str | PathLike[str], *, problems: object, solvers: object, seeds: object = (0,)
    ) -> None:
        self._begin(Path(folder), plan_of(problems, solvers, seeds))

    @classmethod
    def open(cls, folder: str | PathLike[str]) -> Self:
        """The study of a folder. Raises `InvalidFile` if there is none.

        >>> Study.open("examples")
        Traceback (most recent call last):
        qgraph.base.errors.InvalidFile: `folder` must hold a study, and examples/study.sqlite does not exist
        """
        study = cls.__new__(cls)
        study._begin(Path(folder), None)
        return study

    @classmethod
    def from_plan(cls, path: str | PathLike[str], folder: str | PathLike[str] | None = None) -> Self:
        """The study of a TOML file, see `save_plan`. Its folder is by default named after the file.

        Raises `InvalidFile` or `InvalidInput`.
        """
        plan, named = read_plan(Path(path))
        study = cls.__new__(cls)
        study._begin(named if folder is None else Path(folder), plan)
        return study

    def _begin(self, folder: Path, plan: Plan | None) -> None:
        self.folder = folder
        self.stopped_by: Ended | None = None
        self._background: Background | None = None
        self._store = Store(folder, new=plan is not None)
        if plan is not None:
            self._add(plan)

    def _add(self, plan: Plan) -> None:
        """Add what is new in a plan."""
        store = self._store
        with store.transaction():
            stored = dict(store.read("SELECT name, digest FROM problems"))
            for one in plan.problems:
                if one.name in stored and stored[one.name] != one.digest:
                    rule = "must keep their names in a study, and another problem has the name"
                    raise InvalidInput(f"`problems` {rule} {printable(one.name)}")
            new = [one for one in plan.problems if one.name not in stored]
            store.add("problems", OF_PROBLEMS, map(_described, new))
            solvers = [*self.solvers, *(solver for solver in plan.solvers if solver not in self.solvers)]
            require_distinct(solvers)
            store.ask_for("solvers", solvers)
            store.ask_for("seeds", list(dict.fromkeys([*self.seeds, *plan.seeds])))
            variants = [variant for solver in solvers for variant in solver.variants()]
            rows = [(v.key, v.label, v.algorithm, json.dumps(v.settings)) for v in variants]
            store.add("variants", ("key", "label", "algorithm", "settings"), rows)
            store.add("trials", ("name", "problem", "variant", "seed"), self._trials())

    def _trials(self) -> Iterable[tuple[str, int, int, int | None]]:
        variants, seeds = self._variants(), self.seeds
        for number, name, content in self._store.read("SELECT id, name, digest FROM problems ORDER BY id"):
            for variant_id, variant in variants.items():
                key = variant.key
                for seed in seeds if variant.seeded else [None]:
                    yield trial_name(name, content, key, seed), number, variant_id, seed

    def _variants(self) -> dict[int, Variant]:
        rows = self._store.read("SELECT id, label, algorithm, settings FROM variants ORDER BY id")
        return {
            number: Variant(label, algorithm, tuples(json.loads(text)))
            for number, label, algorithm, text in rows
        }

    @property
    def problems(self) -> list[str]:
        """The names of the problems."""
        return [row[0] for row in self._store.read("SELECT name FROM problems ORDER BY id")]

    @property
    def solvers(self) -> list[Solver]:
        """The solvers with their settings, in the order in which they were asked for."""
        stored = self._store.asked("solvers") or []
        return [
            Solver(
                label,
                algorithm,
                tuples(fixed),
                {name: [tuples(x) for x in axis] for name, axis in axes.items()},
            )
            for label, algorithm, fixed, axes in stored
        ]

    @property
    def seeds(self) -> list[int]:
        """The seeds."""
        return self._store.asked("seeds") or []

    def __len__(self) -> int:
        """The number of trials."""
        return self._store.counts()[0]

    @property
    def waiting(self) -> int:
        """The number of trials that have no row yet."""
        trials, ended, _ = self._store.counts()
        return trials - ended

    @property
    def failed(self) -> int:
        """The number of trials that ended with an error."""
        return self._store.counts()[2]

    def __repr__(self) -> str:
        trials, ended, failures = self._store.counts()
        failed = f", {failures} failed" if failures else ""
        return f"Study({printable(fspath(self.folder))}: {ended} of {trials} trials done{failed})"

    def _repr_html_(self) -> str:
        return Live.of(self._store, self._variants()).html()

    def run(
        self,
        client: Client | None = None,
        *,
        workers: int | None = None,
        retry: bool = False,
        time_limit: float | None = None,
        progress: bool = True,
    ) -> Self:
        """Run the trials that have no row yet, and store each row at once. Gives the study itself.

        Without `client`, processes of this machine do the work: one for each core, or `workers` of them, with
        one thread each; fewer processes with more threads where states are large. Work of about a second is
        done in this process. `client` is a `distributed.Client` of any Dask cluster.

        A trial that fails, or whose process ends, is a row with its `error`; `retry=True` runs such trials
        again. After `time_limit` (s), or at an interrupt (Ctrl-C, a notebook's stop button), the run ends
        within about a second. `stopped_by` then says so. What is stored stays, and `run` goes on from there.
        Two processes may run one study at the same time: each trial runs in one of them.

        Raises `MissingDependency` without Dask, and `QGraphError` if the disk is full or the cluster is gone.
        """
        self._check(workers, time_limit)
        live = self._live(retry)
        with watching(f"study {self.folder.name}", wanted=progress) as live.watch:
            self.stopped_by = execute(self._store, self._variants(), live, client, workers, time_limit)
        return self

    def start(
        self,
        client: Client | None = None,
        *,
        workers: int | None = None,
        retry: bool = False,
        time_limit: float | None = None,
    ) -> None:
        """Run in the background, so that a notebook stays free; the arguments are those of `run`.

        A notebook shows a table, a figure and a Stop button. They live in the kernel, so they are there
        again when a closed tab is opened. `stop` ends the run, `wait` waits for its end. Raises
        `InvalidInput` if the study runs already.
        """
        self._check(workers, time_limit)
        runs = self._background is not None and self._background.runs
        require(not runs, "start", "must wait until the study has ended", self)
        live, variants = self._live(retry), self._variants()

        def work() -> None:
            self.stopped_by = execute(self._store, variants, live, client, workers, time_limit)

        self._background = Background(work, live)

    def stop(self) -> None:
        """End what `start` began, within about a second. What is stored stays."""
        if self._background is not None:
            self._background.stop()

    def wait(self) -> Self:
        """Wait until what `start` began has ended. Raises what it raised."""
        if self._background is not None:
            self._background.wait()
        return self

    def _check(self, workers: int | None, time_limit: float | None) -> None:
        require_dask()
        require_time_limit(time_limit)
        if workers is not None:
            require_whole("workers", workers, 1)

    def _live(self, retry: bool) -> Live:
        """The state before a run."""
        if retry:
            self._store.forget_failures()
        self.stopped_by = None
        return Live.of(self._store, self._variants())

    def frame(self, where: str | None = None) -> pd.DataFrame:
        """A pandas DataFrame with one row for each trial that ended; docs/studies.md has its columns.

        `where` is a pandas query that chooses rows, such as "depth == 3". No Dask is needed.
        `frame.set_index([...]).to_xarray()` makes an xarray of it. Raises `InvalidInput`.
        """
        return chosen(frame_of(self._store, self._variants()), where)

    def results(self, trials: Iterable[str] | None = None) -> dict[str, Result | Solution]:
        """The answers in full, by trial: a `Result` of QAOA, a `Solution` of others.

        `trials` are names in the frame's column `trial`, by default all. Those without answer are left out.
        """
        parsed: dict[str, Result | Solution] = {}
        for name, text in self._store.answers(trials):
            kind = Result if text.startswith('{"gammas":') else Solution  # the first field tells
            parsed[name] = kind.model_validate_json(text)
        return parsed

    def save_plan(self, path: str | PathLike[str]) -> None:
        """Write problems, solvers and seeds as a TOML file, which `qgraph study run` and `from_plan` read."""
        rows = self._store.read("SELECT name, source FROM problems ORDER BY id")
        write_plan(Path(path), {name: json.loads(text) for name, text in rows}, self.solvers, self.seeds)


def _described(one: Named) -> tuple[object, ...]:
    """The columns of a problem in the store."""
    size, edges = Size.of(one.problem), _couplings(one)
    kind, sense = type(one.problem).__name__, one.problem.sense
    return one.name, one.digest, json.dumps(one.source), kind, size.n, edges, sense, size.halved, size.routes


def _couplings(one: Named) -> int:
    graph = getattr(one.problem, "graph", None) or getattr(one.problem, "city", None)
    return len(one.problem.to_ising().J) if graph is None else len(graph.edges)
