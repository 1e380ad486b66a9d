"""What a study shows of its table: files, a summary, a comparison in pairs, and figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from os import PathLike
from typing import TYPE_CHECKING

from qgraph.base.errors import InvalidInput, shown
from qgraph.base.typing import Axes
from qgraph.study.tables import plots
from qgraph.study.tables.plots import Fitted, Unit
from qgraph.study.tables.summary import Paired, paired, summary

if TYPE_CHECKING:
    import pandas as pd


class Views(ABC):
    """Ways to look at a table of trials. `where` is a pandas query that chooses rows: "depth == 3"."""

    @abstractmethod
    def frame(self, where: str | None = None) -> pd.DataFrame:
        """The table."""

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the table as CSV. Angles are lists in JSON."""
        self.frame().to_csv(path, index=False)

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write the table as Parquet, with its types."""
        frame = self.frame()
        try:
            import pyarrow  # noqa: F401
        except ImportError:  # fastparquet is a tenth of its size
            from fastparquet import write

            write(str(path), frame)
        else:
            frame.to_parquet(path, engine="pyarrow", index=False)

    def summary(self, by: str = "solver", *, where: str | None = None) -> pd.DataFrame:
        """One row for each solver and depth: trials, failures, medians and quartiles over problems.

        See `qgraph.study.tables.summary.summary` for its columns.
        """
        return summary(self.frame(where), by)

    def paired(
        self,
        first: str | tuple[str, int],
        second: str | tuple[str, int],
        y: str = "best_ratio",
        *,
        confidence: float = 0.95,
        seed: int = 0,
        where: str | None = None,
    ) -> Paired:
        """Two solvers, or (solver, depth) pairs, on the same problems: their difference with its interval.

        See `qgraph.study.tables.summary.paired`.
        """
        return paired(self.frame(where), first, second, y, confidence=confidence, seed=seed)

    def plot(
        self,
        y: str,
        against: str | None = None,
        by: str = "solver",
        *,
        fit: Fitted | None = None,
        where: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Median and quartiles over problems of a column, against a setting or a size.

        `fit="exponential"` adds y = a 2**(-b x) with its confidence. See `qgraph.study.tables.plots.plot`.
        """
        return plots.plot(self.frame(where), y, against, by, fit=fit, ax=ax)

    def plot_time_to_solution(
        self,
        against: str | None = None,
        by: str = "solver",
        *,
        unit: Unit = "shots",
        confidence: float = 0.99,
        where: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """The time until an optimum is found with this confidence. See `qgraph.study.tables.plots`."""
        frame = self.frame(where)
        return plots.plot_time_to_solution(frame, against, by, unit=unit, confidence=confidence, ax=ax)

    def plot_profile(
        self,
        y: str = "best_ratio",
        by: str = "solver",
        *,
        target: float = 1.0,
        where: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Performance profiles: the share of problems solved within a factor of the best solver.

        See `qgraph.study.tables.plots.plot_profile`.
        """
        return plots.plot_profile(self.frame(where), y, by, target=target, ax=ax)


def chosen(frame: pd.DataFrame, where: str | None) -> pd.DataFrame:
    """The rows of a query. Raises `InvalidInput`."""
    if where is None:
        return frame
    try:
        found = frame.query(where)
    except Exception as error:
        raise InvalidInput(f"`where` must be a pandas query ({error}), got {shown(where)}") from None
    return found.reset_index(drop=True)
