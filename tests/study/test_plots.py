"""Figures of a study: their artists are compared with pandas, SciPy and small cases by hand."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy import stats

from qgraph.base.errors import InvalidInput
from qgraph.canvas import INK
from qgraph.study.tables import scaling
from qgraph.study.tables.plots import plot, plot_profile, plot_time_to_solution

LINEAR: Any = "linear"  # no fit of the package
FACTS = {
    "kind": "MaxCut",
    "sense": "maximize",
    "feasible": True,
    "error": None,
    "random": 0.0,
    "optimum": 1.0,
}


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{**FACTS, "seed": 0, "n": 4, **row} for row in rows])


def synthetic(problems: int = 20, depths: int = 5, seeds: int = 3) -> pd.DataFrame:
    """Two QAOA solvers with depths 1, 2, ..., annealing with seeds, and greedy without; nothing is symmetric."""
    rng, rows = np.random.default_rng(7), []
    for k in range(problems):
        n = 8 + 2 * (k % 5)
        base = {"problem": f"g{k}", "n": n, "optimum": n + 3.0, "random": 0.5 * n, "bound": n + 3.0}
        for name in ("qaoa", "warm qaoa"):
            for depth in range(1, depths + 1):
                for seed in range(seeds):
                    row = {
                        "solver": name,
                        "algorithm": "qaoa",
                        "depth": depth,
                        "seed": seed,
                        "evaluations": 40 * depth,
                    }
                    row["normalized_ratio"] = 1 - 0.4 * rng.uniform(0.7, 1.0) * np.exp(-0.3 * depth)
                    row["optimum_probability"] = float(2 ** (-(0.5 - 0.05 * depth) * n + rng.normal() / 2))
                    row["best_ratio"] = float(rng.choice([0.9, 1.0]))
                    rows.append(
                        {
                            **base,
                            **row,
                            "seconds": 0.01 * depth * rng.uniform(1, 2),
                            "warm_start": name != "qaoa",
                        }
                    )
        for name, count in (("annealing", seeds), ("greedy", 1)):
            for seed in range(count):
                ratio = float(rng.choice([0.8, 1.0], p=[0.3, 0.7]))
                row = {
                    "solver": name,
                    "algorithm": name,
                    "seed": seed if count > 1 else None,
                    "best_ratio": ratio,
                }
                rows.append({**base, **row, "seconds": 0.1 * rng.uniform(1, 2)})
    frame = pd.DataFrame([{**FACTS, **row} for row in rows])
    frame["objective"] = frame["random"] + frame["best_ratio"] * (frame["optimum"] - frame["random"])
    types = {"depth": "Int64", "seed": "Int64", "n": "Int64", "evaluations": "Int64", "feasible": "boolean"}
    return frame.astype(types)


FRAME = synthetic()
FEW = FRAME[FRAME["depth"].isna() | FRAME["depth"].isin([1, 4])]
ZEROS = FRAME.assign(
    optimum_probability=FRAME["optimum_probability"].where((FRAME["n"] < 16) | (FRAME["depth"] > 1), 0.0)
)
FIGURES = {
    "ratio": lambda: plot(FRAME, "normalized_ratio"),
    "answers": lambda: plot(FRAME, "best_ratio"),
    "seconds": lambda: plot(FEW, "seconds", "n"),
    "fit": lambda: plot(FEW, "optimum_probability", "n", fit="exponential"),
    "shots": lambda: plot_time_to_solution(ZEROS),
    "layers": lambda: plot_time_to_solution(ZEROS[ZEROS["depth"] < 4], "n", unit="layers"),
    "time": lambda: plot_time_to_solution(FRAME, unit="seconds"),
    "profile": lambda: plot_profile(FEW),
    "profile of seconds": lambda: plot_profile(FEW, "seconds"),
}


def named(axes: Axes) -> dict[str, Any]:
    handles, labels = axes.get_legend_handles_labels()
    return dict(zip(labels, handles, strict=True))


def note(axes: Axes) -> str:
    return " ".join(axes.texts[-1].get_text().split())


def y_of(axes: Axes, name: str) -> np.ndarray:
    return np.asarray(named(axes)[name].get_ydata(), dtype=float)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_covers_text_and_all_of_it_can_be_read(name: str) -> None:
    axes = FIGURES[name]()
    figure, image = axes.figure, io.BytesIO()
    figure.savefig(image, format="png")
    assert figure.get_facecolor()[3] == axes.get_facecolor()[3] == 0
    legend = axes.get_legend()
    assert legend is not None
    boxes = [
        legend.get_window_extent(),
        axes.xaxis.label.get_window_extent(),
        axes.texts[-1].get_window_extent(),
    ]
    assert boxes[0].y0 >= axes.bbox.y1 - 1, "the legend stands above the data"
    for k, one in enumerate(boxes):
        assert figure.bbox.x0 <= one.x0 <= one.x1 <= figure.bbox.x1 + 1
        assert figure.bbox.y0 <= one.y0 <= one.y1 <= figure.bbox.y1 + 1
        assert not any(one.overlaps(other) for other in boxes[k + 1 :])
    for text in axes.findobj(Text):
        assert not text.get_text() or to_hex(text.get_color()) == INK


def test_series_differ_in_more_than_colour() -> None:
    lines = [line for name, line in named(plot_profile(FEW)).items() if name not in ("optimum", "random")]
    assert len(lines) == 6
    for aspect in ("get_color", "get_marker", "_dash_pattern"):
        values = [getattr(line, aspect) for line in lines]
        assert len({str(v() if callable(v) else v) for v in values}) == 6, aspect


def test_medians_are_over_seeds_then_over_problems() -> None:
    axes = plot(FRAME, "normalized_ratio")
    own = FRAME[FRAME["solver"] == "warm qaoa"]
    problems = own.groupby(["depth", "problem"])["normalized_ratio"].median()
    by_depth = problems.groupby("depth")
    assert y_of(axes, "warm qaoa") == pytest.approx(by_depth.median().to_numpy())
    band = axes.collections[1].get_paths()[0].vertices
    for depth in range(1, 6):
        inside = band[band[:, 0] == depth, 1]
        assert inside.min() == pytest.approx(np.quantile(problems[depth], 0.25))
        assert inside.max() == pytest.approx(np.quantile(problems[depth], 0.75))
    assert axes.get_xlabel() == "depth p"


def test_a_problem_with_many_seeds_counts_once() -> None:
    rows = [{"problem": "a", "solver": "s", "seed": k, "best_ratio": 0.1} for k in range(99)]
    rows += [{"problem": p, "solver": "s", "best_ratio": 0.9} for p in "bc"]
    assert y_of(plot(frame_of(rows), "best_ratio"), "s").tolist() == [0.9]


def test_solvers_without_depth_are_horizontal() -> None:
    axes = plot(FRAME, "best_ratio")
    own = FRAME[FRAME["solver"] == "annealing"].groupby("problem")["best_ratio"].median()
    assert y_of(axes, "annealing").tolist() == [own.median()] * 2
    assert named(axes)["annealing"].get_xdata().tolist() == [1, 5]
    assert y_of(axes, "optimum").tolist() == [1, 1]
    assert y_of(axes, "random").tolist() == [0, 0]
    assert "random" not in named(plot(FRAME, "seconds"))


def test_solvers_without_expectation_show_their_answer() -> None:
    axes = plot(FRAME, "normalized_ratio")
    own = FRAME[FRAME["solver"] == "greedy"].groupby("problem")["best_ratio"].median()
    assert y_of(axes, "greedy (answer)").tolist() == [own.median()] * 2
    assert "without optimum_probability: annealing, greedy" in note(plot(FRAME, "optimum_probability"))


def test_depths_are_never_mixed() -> None:
    names = set(named(plot(FEW, "seconds", "n")))
    assert names == {f"{name}, depth {p}" for name in ("qaoa", "warm qaoa") for p in (1, 4)} | {
        "annealing",
        "greedy",
    }
    by = plot(FEW[FEW["depth"].notna()], "seconds", "n", "depth")
    assert set(named(by)) == {f"depth {p}, {name}" for name in ("qaoa", "warm qaoa") for p in (1, 4)}
    assert set(named(plot(FEW, "seconds", "n", "kind"))) == {f"MaxCut, {name}" for name in names}


def test_other_settings_split_a_solver_but_new_columns_do_not() -> None:
    rows = [{"problem": p, "solver": "s", "reads": r, "best_ratio": r / 10} for p in "ab" for r in (1, 5)]
    assert set(named(plot(frame_of(rows), "best_ratio"))) == {"s, reads 1", "s, reads 5", "optimum", "random"}
    dense = frame_of([row for row in rows if row["reads"] == 1]).assign(density=[0.1, 0.2])
    assert "s" in named(plot(dense, "best_ratio"))


def test_failed_trials_and_infeasible_answers_are_counted() -> None:
    rows = [{"problem": p, "solver": "s", "best_ratio": 0.5} for p in "abc"]
    rows += [{"problem": "d", "solver": "s", "best_ratio": 0.9, "error": "no memory"}]
    rows += [{"problem": "e", "solver": "s", "best_ratio": 0.9, "feasible": False}]
    axes = plot(frame_of(rows), "best_ratio")
    assert y_of(axes, "s").tolist() == [0.5]
    assert (
        note(axes)
        == "median and quartiles of 3 problems; 1 failed trial left out; 1 infeasible answer left out"
    )


def decaying(b: float, noise: float = 0.0, each: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    places = [(f"{n}-{k}", n) for n in (6, 9, 11, 16) for k in range(each)]
    rows = [{"problem": p, "n": n, "solver": "q", "algorithm": "qaoa"} for p, n in places]
    values = [0.7 * 2 ** (-b * row["n"] + noise * rng.normal()) for row in rows]
    return frame_of(rows).assign(optimum_probability=values)


def test_fit_recovers_an_exponential() -> None:
    axes = plot(decaying(0.31), "optimum_probability", fit="exponential")
    assert "q: b = 0.310 [0.310, 0.310]" in named(axes)
    curve = axes.lines[-1]
    assert curve.get_ydata() == pytest.approx(0.7 * 2 ** (-0.31 * curve.get_xdata()))
    assert axes.get_yscale() == "log"


def fitted(frame: pd.DataFrame) -> scaling.Fit:
    table = frame.rename(columns={"n": "x", "optimum_probability": "y"})[["problem", "x", "y"]]
    fit = scaling.exponential(table)
    assert fit is not None
    return fit


def width_of(frame: pd.DataFrame) -> float:
    """Of the interval of the fit."""
    interval = fitted(frame).interval
    assert interval is not None
    return float(interval[1] - interval[0])


def test_interval_of_the_fit_is_that_of_regression() -> None:
    """With independent errors of one size, the bootstrap agrees with the t interval of linear regression."""
    frame = decaying(0.31, noise=0.5, each=40)
    fit, line = (
        fitted(frame),
        stats.linregress(frame["n"].astype(float), np.log2(frame["optimum_probability"])),
    )
    assert (fit.b, fit.log_a) == pytest.approx((-line.slope, line.intercept))
    assert fit.interval is not None
    half = stats.t.ppf(0.975, len(frame) - 2) * line.stderr
    assert fit.interval == pytest.approx((fit.b - half, fit.b + half), abs=0.15 * half)
    low, middle, high = fit.band(np.array([10.5]))
    assert low < middle < high
    assert middle == pytest.approx(2 ** (line.intercept + line.slope * 10.5))
    n = frame["n"].to_numpy(dtype=float)
    residual = np.sqrt(
        ((np.log2(frame["optimum_probability"]) - line.intercept - line.slope * n) ** 2).sum() / (len(n) - 2)
    )
    for x in (6.0, 10.5, 16.0):
        error = residual * np.sqrt(1 / len(n) + (x - n.mean()) ** 2 / ((n - n.mean()) ** 2).sum())
        low, middle, _ = fit.band(np.array([x]))[:, 0]
        assert np.log2(middle / low) == pytest.approx(stats.t.ppf(0.975, len(n) - 2) * error, rel=0.15)


def test_resamples_draw_problems_not_trials() -> None:
    """A copy of each value within its problem adds no information; as a problem of its own it would."""
    frame = decaying(0.31, noise=0.5)
    width = width_of(frame)
    copies = pd.concat([frame] * 4)
    assert width_of(copies) == pytest.approx(width)
    several = copies.assign(problem=[f"{p}{k}" for k, p in enumerate(copies["problem"])])
    assert width_of(several) < 0.7 * width


def test_fit_counts_zeros_and_needs_places() -> None:
    frame = decaying(0.31)
    frame.loc[[0, 5], "optimum_probability"] = 0.0
    axes = plot(frame, "optimum_probability", fit="exponential")
    assert "q: 2 zeros are not in the fit" in note(axes)
    one_n = plot(frame[frame["n"] == 6], "optimum_probability", fit="exponential")
    assert set(named(one_n)) == {"q: no fit"}
    few = plot(frame[frame["problem"].isin(["9-0", "16-0"])], "optimum_probability", fit="exponential")
    assert set(named(few)) == {"q: b = 0.310 no interval"}


def test_runs_until_success() -> None:
    p = np.array([0.0, 1e-18, 0.01, 0.5, 0.99, 1.0, 1.0 + 1e-12, np.nan])
    expected = [np.inf, np.log(100) * 1e18, np.log(0.01) / np.log(0.99), np.log2(100), 1.0, 1.0, 1.0, np.nan]
    assert scaling.runs(p, 0.99) == pytest.approx(expected, nan_ok=True)
    assert 1 - (1 - 0.01) ** scaling.runs(p, 0.9)[2] == pytest.approx(0.9)


def test_shots_and_layers() -> None:
    places = [("a", 1, 0.5), ("b", 1, 0.9), ("a", 3, 0.99), ("b", 3, 0.5)]
    rows = [
        {"problem": p, "solver": "q", "algorithm": "qaoa", "depth": d, "optimum_probability": x}
        for p, d, x in places
    ]
    frame = frame_of(rows)
    shots = y_of(plot_time_to_solution(frame), "q")
    assert shots == pytest.approx([(np.log2(100) + 2) / 2, (1 + np.log2(100)) / 2])
    axes = plot_time_to_solution(frame, unit="layers")
    assert y_of(axes, "q") == pytest.approx(shots * [1, 3])
    assert axes.get_ylabel() == "circuit layers (shots x depth) for 99 % success"


def test_seconds_come_from_the_share_of_seeds() -> None:
    hits = [1.0, 0.5, 1.0, 0.5]
    rows = [
        {"problem": "a", "solver": "s", "algorithm": "sa", "seed": k, "objective": x}
        for k, x in enumerate(hits)
    ]
    frame = frame_of(rows).assign(seconds=[1.0, 2.0, 3.0, 6.0])
    assert y_of(plot_time_to_solution(frame, unit="seconds"), "s") == pytest.approx([np.log2(100) * 3.0])
    less = frame.assign(sense="minimize", objective=1 - frame["objective"], optimum=0.0, random=1.0)
    assert y_of(plot_time_to_solution(less, unit="seconds"), "s") == pytest.approx([np.log2(100) * 3.0])
    broken = frame.assign(feasible=[False, True, True, True])
    quarter = np.log(0.01) / np.log(0.75)
    assert y_of(plot_time_to_solution(broken, unit="seconds"), "s") == pytest.approx([quarter * 3.0])


def test_problems_without_a_known_optimum_are_left_out() -> None:
    rows = [{"problem": p, "solver": "s", "algorithm": "sa", "objective": 1.0, "seconds": 2.0} for p in "ab"]
    frame = frame_of(rows).assign(optimum=[1.0, np.nan])
    axes = plot_time_to_solution(frame, unit="seconds")
    assert y_of(axes, "s").tolist() == [2.0]
    assert note(axes) == "median and quartiles of 1 problem"
    assert note(plot_profile(frame.assign(best_ratio=[1.0, np.nan]), "seconds")) == "1 problem"


def test_units_never_share_an_axis() -> None:
    shots, seconds = plot_time_to_solution(FRAME), plot_time_to_solution(FRAME, unit="seconds")
    assert set(named(shots)) == {"qaoa", "warm qaoa"}
    assert set(named(seconds)) == {"annealing", "greedy"}
    assert "not in shots: annealing, greedy" in note(shots)
    assert "not in seconds: qaoa, warm qaoa" in note(seconds)
    with pytest.raises(InvalidInput, match="`unit` must be of some solver of the study, got 'shots'"):
        plot_time_to_solution(FRAME[FRAME["algorithm"] != "qaoa"])


def test_infinite_times_do_not_vanish() -> None:
    p = {"a": 0.5, "b": 0.0, "c": 0.0, "d": 0.9}
    rows = [
        {"problem": k, "solver": "q", "algorithm": "qaoa", "optimum_probability": x} for k, x in p.items()
    ]
    frame = frame_of(rows)
    axes = plot_time_to_solution(frame, "n")
    assert np.isnan(y_of(axes, "q")).all(), "the median of two finite and two infinite values is infinite"
    (triangle,) = (line for line in axes.lines if line.get_marker() == "^")
    assert triangle.get_ydata()[0] == pytest.approx(axes.get_ylim()[1])
    assert "infinite, as p = 0: q 2 of 4 trials" in note(axes)
    three = pd.concat([frame, frame_of([{**rows[0], "problem": "e"}])])
    assert y_of(plot_time_to_solution(three, "n"), "q") == pytest.approx([np.log2(100)])
    for value in (0.0, 1.0):
        axes = plot_time_to_solution(frame.assign(optimum_probability=value), "n")
        axes.figure.savefig(io.BytesIO(), format="png")


def test_profile_of_costs_as_dolan_and_more() -> None:
    """Three problems: times (1, 2), (4, 2), (3, unsolved)."""
    times = {
        ("a", "x"): 1.0,
        ("a", "y"): 2.0,
        ("b", "x"): 4.0,
        ("b", "y"): 2.0,
        ("c", "x"): 3.0,
        ("c", "y"): 1.0,
    }
    rows = [
        {"problem": p, "solver": s, "seconds": t, "objective": 1.0, "best_ratio": 1.0}
        for (p, s), t in times.items()
    ]
    rows[-1] |= {"objective": 0.8, "best_ratio": 0.8}
    axes = plot_profile(frame_of(rows), "seconds")
    x, y = named(axes)["x"], named(axes)["y"]
    assert (x.get_xdata()[:2].tolist(), x.get_ydata()[:2].tolist()) == ([1, 2], pytest.approx([2 / 3, 1]))
    assert (y.get_xdata()[:2].tolist(), y.get_ydata()[:2].tolist()) == ([1, 2], pytest.approx([1 / 3, 2 / 3]))
    assert y.get_ydata()[-1] == pytest.approx(2 / 3), "an unsolved problem is never within tau"
    lenient = named(plot_profile(frame_of(rows), "seconds", target=0.8))
    assert lenient["y"].get_ydata()[0] == pytest.approx(2 / 3)
    assert lenient["x"].get_ydata()[0] == pytest.approx(1 / 3)
    hard = frame_of(rows).assign(objective=0.5, best_ratio=0.5)
    assert "3 of them solved by no solver" in note(plot_profile(hard, "seconds"))


def test_profile_of_gaps() -> None:
    ratios = {("a", "x"): 1.0, ("a", "y"): 0.75, ("b", "x"): 0.5, ("b", "y"): 1.0}
    rows = [{"problem": p, "solver": s, "best_ratio": t, "objective": 8 * t} for (p, s), t in ratios.items()]
    rows.append({"problem": "c", "solver": "x", "best_ratio": 0.5, "objective": 4.0})
    lines = named(plot_profile(frame_of(rows)))
    assert lines["x"].get_xdata()[:2].tolist() == [0, 0.5]
    assert lines["x"].get_ydata()[:2] == pytest.approx([2 / 3, 1])
    assert lines["y"].get_xdata()[:2].tolist() == [0, 0.25]
    assert lines["y"].get_ydata() == pytest.approx([1 / 3, 2 / 3, 2 / 3]), "no answer to c"
    relative = named(plot_profile(frame_of(rows), "objective"))
    assert relative["y"].get_xdata()[1] == pytest.approx(2 / 8)
    less = frame_of(rows).assign(sense="minimize", objective=[8.0, 10.0, 16.0, 8.0, 4.0])
    assert named(plot_profile(less, "objective"))["x"].get_xdata()[:2] == pytest.approx([0, 1])


def test_wrong_arguments() -> None:
    wrong = [
        (lambda: plot(FRAME, "speed"), "`y` must be a column of the study, got 'speed'"),
        (lambda: plot(FRAME, "kind"), "`y` must be a column of numbers, got 'kind'"),
        (lambda: plot(FRAME, "feasible"), "`y` must be a column of numbers, got 'feasible'"),
        (lambda: plot(FRAME, "seconds", "kind"), "`against` must be a column of numbers, got 'kind'"),
        (lambda: plot(FRAME, "seconds", by="colour"), "`by` must be a column of the study, got 'colour'"),
        (lambda: plot(FRAME, "seconds", fit=LINEAR), '`fit` must be None or "exponential"'),
        (
            lambda: plot(FRAME, "seconds", "n"),
            "`by` must give at most 8 series; plot a part of the table. There are 12",
        ),
        (lambda: plot(FRAME.assign(error="x"), "seconds"), "`y` must have values in trials that ended well"),
        (lambda: plot(FRAME[:0], "seconds"), "must have"),
        (
            lambda: plot(FRAME.assign(angles=[[0.1]] * len(FRAME)), "angles"),
            "`y` must be a column of numbers",
        ),
        (
            lambda: plot(FRAME[FRAME["depth"].isna()], "seconds", "depth"),
            "`against` must have a value in some trial",
        ),
        (lambda: plot_time_to_solution(FRAME, unit="hours"), "`unit` must be one of shots, layers"),  # type: ignore[arg-type]
        (
            lambda: plot_time_to_solution(FRAME, confidence=1.0),
            "`confidence` must lie between 0 and 1, got 1.0",
        ),
        (lambda: plot_profile(FRAME, "n"), "`y` must be one of seconds, evaluations"),
        (lambda: plot_profile(FRAME), "`by` must give at most 8 series"),
    ]
    for call, message in wrong:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert message in str(caught.value)


def test_hostile_tables_are_drawn() -> None:
    for frame in (FRAME[FRAME["problem"] == "g3"], FRAME[FRAME["seed"] == 1], FRAME.assign(best_ratio=1.0)):
        for axes in (plot(frame, "best_ratio"), plot_time_to_solution(frame)):
            axes.figure.savefig(io.BytesIO(), format="png")
    names = {"qaoa": "_$x_{", "warm qaoa": "long " * 30, "annealing": "line\nbreak", "greedy": "$x_{$"}
    axes = plot(FRAME.assign(solver=FRAME["solver"].map(names), warm_start=pd.NA), "best_ratio")
    axes.figure.savefig(io.BytesIO(), format="png")
    assert len(axes.get_legend().get_texts()) == 6  # type: ignore[union-attr]
    own = Figure().subplots()
    assert plot(FRAME, "best_ratio", ax=own) is own
