"""The columns of a study's table: names, types, units."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "whole", "real", "yes", "list"]
SQL: dict[Kind, str] = {"text": "TEXT", "whole": "INTEGER", "real": "REAL", "yes": "INTEGER", "list": "TEXT"}


class Column(NamedTuple):
    """A column of the table."""

    name: str
    kind: Kind
    meaning: str


ASKED = (
    Column("trial", "text", "content hash of problem, solver with settings, and seed"),
    Column("problem", "text", "the problem's name"),
    Column("kind", "text", "its class, such as MaxCut"),
    Column("n", "whole", "its number of bits"),
    Column("edges", "whole", "its number of couplings: edges of a graph, roads of a city"),
    Column("sense", "text", "maximize or minimize"),
    Column("solver", "text", "the solver's label"),
    Column("algorithm", "text", "the solver's name, such as qaoa"),
)  # then each setting that a solver of the study was given, with the defaults of the others
SEED = Column("seed", "whole", "missing for solvers that take none")
FOUND = (
    Column("objective", "real", "C of the best answer, in the problem's units"),
    Column("feasible", "yes", "whether that answer keeps all rules"),
    Column("optimal", "yes", "whether the solver proved that no answer is better"),
    Column("bound", "real", "a proved limit on C"),
    Column("optimum", "real", "the best C of the problem, where any trial of the study knows it"),
    Column("random", "real", "the mean of C over uniformly random answers"),
    Column("best_ratio", "real", "(objective - random) / (optimum - random): the best answer of a trial"),
    Column("expectation", "real", "<C> at the best angles; QAOA only"),
    Column("normalized_ratio", "real", "(expectation - random) / (optimum - random); QAOA only"),
    Column("approximation_ratio", "real", "(expectation - worst) / (optimum - worst); QAOA only"),
    Column("feasible_probability", "real", "of a sample that keeps all rules; QAOA only"),
    Column("optimum_probability", "real", "of a sample that is an optimum; QAOA only"),
    Column("shots", "whole", "samples drawn at the best angles; QAOA only"),
    Column("evaluations", "whole", "of <C> with its gradient; QAOA only"),
    Column("seconds", "real", "time of the solver (s); of a climb, up to this depth"),
    Column("memory", "real", "the largest memory of the worker process meanwhile (MiB)"),
    Column("gammas", "list", "the best angles (rad)"),
    Column("betas", "list", "the best angles (rad)"),
    Column("stopped_by", "text", "what ended the search, such as time_limit"),
    Column("kernel", "text", "instruction set of the simulation, or reference"),
    Column("versions", "text", "of qgraph, Python, NumPy and SciPy"),
    Column("host", "text", "the machine that ran it"),
    Column("error", "text", "why there is no answer; missing if the trial ended well"),
)
DERIVED = ("best_ratio",)  # computed from the table when it is read
STORED = tuple(column for column in FOUND if column.name not in DERIVED)
