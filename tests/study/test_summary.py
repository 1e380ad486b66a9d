"""Tables of a study, compared with groupby by hand and with SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from qgraph.base.errors import InvalidInput
from qgraph.study.tables.summary import Paired, paired, summary

FACTS = {"kind": "MaxCut", "sense": "maximize", "feasible": True, "error": None, "n": 4, "bound": np.nan}


def study(problems: int = 12, seeds: int = 3) -> pd.DataFrame:
    rng, rows = np.random.default_rng(5), []
    for k in range(problems):
        base = {**FACTS, "problem": f"g{k}", "random": 5.0 + k, "optimum": 10.0 + 2 * k}
        for solver, depth in (("qaoa", 1), ("qaoa", 2), ("annealing", None)):
            for seed in range(seeds):
                row: dict[str, Any] = {"solver": solver, "algorithm": solver, "depth": depth, "seed": seed}
                row["best_ratio"] = float(rng.choice([0.7, 0.9, 1.0]))
                row["seconds"] = float(rng.uniform(1, 2) * (depth or 5))
                row["normalized_ratio"] = rng.uniform(0.5, 0.9) if depth else np.nan
                rows.append({**base, **row})
    frame = pd.DataFrame(rows).astype({"depth": "Int64", "seed": "Int64", "feasible": "boolean"})
    return frame.assign(
        objective=frame["random"] + frame["best_ratio"] * (frame["optimum"] - frame["random"])
    )


FRAME = study()


def medians(frame: pd.DataFrame, y: str) -> pd.Series[Any]:
    return frame.groupby("problem")[y].median()


def test_rows_are_solvers_and_their_depths() -> None:
    table = summary(FRAME)
    assert table["solver"].tolist() == ["qaoa", "qaoa", "annealing", "(random answers)"]
    assert table["depth"].tolist()[:2] == [1, 2]
    assert table["depth"].isna().tolist() == [False, False, True, True]
    assert table["trials"].tolist()[:3] == [36, 36, 36]
    one = summary(FRAME[FRAME["depth"].isna() | (FRAME["depth"] == 2)])
    assert "depth" not in one
    assert one["solver"].tolist() == ["qaoa", "annealing", "(random answers)"]


def test_numbers_are_those_of_pandas() -> None:
    table = summary(FRAME).set_index(["solver", "depth"])
    own = FRAME[(FRAME["solver"] == "qaoa") & (FRAME["depth"] == 2)]
    row = table.loc[("qaoa", 2)]
    for y in ("best_ratio", "normalized_ratio", "seconds"):
        expected = medians(own, y).quantile([0.25, 0.5, 0.75])
        assert row[[f"{y}_25", y, f"{y}_75"]].tolist() == pytest.approx(expected.tolist())
    found = (own["best_ratio"] == 1).groupby(own["problem"]).mean().mean()
    assert row["optimum_found"] == pytest.approx(found)
    assert pd.isna(row["optimum_probability"]), "there is no such column"


def test_failed_and_infeasible_trials() -> None:
    frame = FRAME.copy()
    frame.loc[frame["seed"] == 0, ["error", "best_ratio", "objective"]] = ["no memory", 99.0, 99.0]
    frame.loc[(frame["seed"] == 1) & (frame["problem"] == "g1"), "feasible"] = False
    table, kept = summary(frame), frame[(frame["seed"] > 0) & frame["feasible"]]
    assert table["failed"].tolist()[:3] == [12, 12, 12]
    assert table["feasible"].tolist()[:3] == pytest.approx([1 - 0.5 / 12] * 3)
    expected = medians(kept[kept["solver"] == "annealing"], "best_ratio").median()
    assert table["best_ratio"][2] == pytest.approx(expected)
    hits = kept.assign(hit=(kept["best_ratio"] == 1).astype(float))[kept["solver"] == "annealing"]
    shares = hits.groupby("problem")["hit"].sum() / 2
    assert table["optimum_found"][2] == pytest.approx(shares.mean()), "an infeasible answer is no optimum"


def test_all_failed_and_empty() -> None:
    table = summary(FRAME.assign(error="no memory", best_ratio=np.nan))
    assert table["failed"].tolist()[:3] == table["trials"].tolist()[:3] == [36, 36, 36]
    assert table["problems"].tolist() == [0, 0, 0, 0]
    assert table["best_ratio"].isna().all()
    assert summary(FRAME[:0]).empty


@pytest.mark.parametrize("sense", ["maximize", "minimize"])
def test_gap_is_to_the_optimum_or_the_tightest_bound(sense: str) -> None:
    sign = 1 if sense == "maximize" else -1
    base = {**FACTS, "sense": sense, "random": sign * 2.0, "best_ratio": np.nan, "seed": 0}
    rows = [
        {
            **base,
            "problem": "known",
            "solver": "s",
            "objective": sign * 9.0,
            "optimum": sign * 10.0,
            "bound": sign * 20.0,
        },
        {**base, "problem": "open", "solver": "s", "objective": sign * 6.0, "bound": sign * 8.0},
        {**base, "problem": "open", "solver": "t", "objective": sign * 3.0, "bound": sign * 12.0},
        {**base, "problem": "open", "solver": "u", "objective": sign * 7.5, "feasible": False},
    ]
    table = summary(pd.DataFrame(rows)).set_index("solver")
    assert table["gap"]["s"] == pytest.approx((1 / 10 + 2 / 8) / 2)
    assert table["gap"]["t"] == pytest.approx(5 / 8)
    assert np.isnan(table["gap"]["u"])
    assert table["gap"]["(random answers)"] == pytest.approx((8 / 10 + 6 / 8) / 2)
    assert table["optimum_known"].tolist() == [1, 0, 0, 1]


def test_pairs_are_the_problems() -> None:
    frame = FRAME[(FRAME["solver"] != "annealing") | (FRAME["problem"] != "g11")]
    found = paired(frame, ("qaoa", 2), "annealing", "seconds", seed=3)
    one = medians(frame[frame["depth"] == 2], "seconds")
    other = medians(frame[frame["solver"] == "annealing"], "seconds")
    d = (one - other).dropna()
    assert (found.pairs, found.unpaired) == (11, 1)
    assert (found.median_difference, found.mean_difference) == pytest.approx((d.median(), d.mean()))
    assert (found.wins, found.ties, found.losses) == (11, 0, 0), "fewer seconds are better"
    assert found.p_value == pytest.approx(stats.wilcoxon(one[d.index], other[d.index]).pvalue)
    assert found.p_value == pytest.approx(2 / 2**11), "all signs are equal"


def test_intervals_are_those_of_scipy() -> None:
    found = paired(FRAME, ("qaoa", 2), ("qaoa", 1), "normalized_ratio", confidence=0.9)
    one, other = (medians(FRAME[FRAME["depth"] == depth], "normalized_ratio") for depth in (2, 1))
    d = (one - other).to_numpy()
    mean = stats.bootstrap((d,), np.mean, confidence_level=0.9, n_resamples=50_000, rng=1).confidence_interval
    width = mean.high - mean.low
    assert found.mean_interval == pytest.approx((mean.low, mean.high), abs=0.05 * width)
    median = stats.bootstrap(
        (d,), np.median, confidence_level=0.9, method="percentile", n_resamples=50_000, rng=1
    )
    assert found.median_interval == pytest.approx(tuple(median.confidence_interval), abs=0.1 * width)
    t = stats.ttest_1samp(d, 0).confidence_interval(0.9)
    assert width == pytest.approx(t.high - t.low, rel=0.25)
    again = paired(FRAME, ("qaoa", 2), ("qaoa", 1), "normalized_ratio", confidence=0.9)
    assert again == found
    swapped = paired(FRAME, ("qaoa", 1), ("qaoa", 2), "normalized_ratio", confidence=0.9)
    assert swapped.p_value == pytest.approx(found.p_value)
    assert (swapped.wins, swapped.losses) == (found.losses, found.wins)


def two(values: list[tuple[float, float]], y: str = "best_ratio", **facts: Any) -> pd.DataFrame:
    rows = [
        {**FACTS, "problem": f"g{k}", "solver": s, "seed": 0, y: x, **facts}
        for k, pair in enumerate(values)
        for s, x in zip("ab", pair, strict=True)
    ]
    return pd.DataFrame(rows)


def test_better_depends_on_the_column_and_the_sense() -> None:
    values = [(1.0, 2.0), (1.0, 3.0), (5.0, 4.0), (0.1 + 0.2, 0.3)]
    cases = [("best_ratio", {}, (1, 1, 2)), ("seconds", {}, (2, 1, 1)), ("evaluations", {}, (2, 1, 1))]
    cases += [("objective", {}, (1, 1, 2)), ("objective", {"sense": "minimize"}, (2, 1, 1))]
    for y, facts, expected in cases:
        found = paired(two(values, y, **facts), "a", "b", y)
        assert (found.wins, found.ties, found.losses) == expected, (y, facts)
        assert found.mean_difference == pytest.approx(-0.5)


def test_few_and_equal_pairs() -> None:
    one = paired(two([(0.9, 0.5)]), "a", "b")
    assert (one.pairs, one.median_interval, one.mean_interval, one.p_value) == (1, None, None, 1.0)
    equal = paired(two([(0.5, 0.5)] * 9), "a", "b")
    assert (equal.ties, equal.p_value, equal.mean_interval) == (9, 1.0, (0, 0))
    same = paired(two([(0.75, 0.5)] * 9), "a", "b")
    assert same.mean_interval == same.median_interval == (0.25, 0.25)
    assert same.p_value == pytest.approx(2 / 2**9)
    itself = paired(FRAME, "annealing", "annealing")
    assert (itself.ties, itself.pairs) == (12, 12)
    for seed in range(5):
        found = paired(two([(0.5, 0.5)] * 20 + [(0.9, 0.5)]), "a", "b", seed=seed)
        assert found.median_interval == (0, 0)


def test_the_report_can_be_read_and_saved() -> None:
    frame = FRAME.copy()
    frame.loc[0, "error"] = "no memory"
    found = paired(frame, ("qaoa", 1), "annealing")
    text = repr(found)
    assert text.startswith(
        "qaoa, depth 1 against annealing, best_ratio of 12 problems: qaoa, depth 1 is better on "
    )
    assert text.endswith(" Failed trials left out: 1.")
    assert Paired.model_validate_json(found.model_dump_json()) == found


def test_wrong_arguments() -> None:
    wrong = [
        (
            ("climb", "annealing"),
            {},
            "`first` must be a solver of the study, one of qaoa, annealing, got 'climb'",
        ),
        (("annealing", "climb"), {}, "`second` must be a solver of the study"),
        (("annealing", "qaoa"), {}, "there are qaoa, depth 1, qaoa, depth 2, got 'qaoa'"),
        ((("qaoa", 7), "annealing"), {}, "`first` must have a depth of qaoa, one of 1, 2, got ('qaoa', 7)"),
        ((("annealing", 1), "annealing"), {}, "`first` must have a depth of annealing, one of none"),
        ((["qaoa"], "annealing"), {}, "`first` must be a solver of the study"),
        (("annealing", ("qaoa", 1), "speed"), {}, "`y` must be a column of the study, got 'speed'"),
        (("annealing", ("qaoa", 1), "kind"), {}, "`y` must be a column of numbers, got 'kind'"),
        (
            ("annealing", ("qaoa", 1), "normalized_ratio"),
            {},
            "`second` must have values of normalized_ratio on problems",
        ),
        (("annealing", ("qaoa", 1)), {"confidence": 1}, "`confidence` must lie between 0 and 1, got 1"),
        (("annealing", ("qaoa", 1)), {"seed": -1}, "`seed` must be a whole number"),
    ]
    for arguments, options, message in wrong:
        with pytest.raises(InvalidInput) as caught:
            paired(FRAME, *arguments, **options)
        assert message in str(caught.value)
    apart = FRAME[(FRAME["problem"] == "g1") == (FRAME["solver"] == "annealing")]
    with pytest.raises(InvalidInput, match="`second` must have values of best_ratio on problems of `first`"):
        paired(apart, "annealing", ("qaoa", 1))
    with pytest.raises(InvalidInput, match="`by` must be a column of the study, got 'colour'"):
        summary(FRAME, "colour")


def test_summary_by_another_column() -> None:
    table = summary(FRAME, "kind")
    assert table["solver"].tolist()[:3] == ["qaoa", "qaoa", "annealing"]
    assert table["kind"].tolist()[:3] == ["MaxCut"] * 3
