"""Checks of numbers: every type of real number passes, and everything else is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from qgraph.base.checks import as_float, require_number, require_positive
from qgraph.base.errors import InvalidInput


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int8(2), Fraction(2)])
def test_every_real_number_is_a_float(value: object) -> None:
    assert as_float(value) == require_number("x", value) == require_positive("x", value) == 2.0


@pytest.mark.parametrize("value", [True, np.True_, "2", None, 2j, [2], math.nan])
def test_other_values_are_refused(value: object) -> None:
    assert math.isnan(as_float(value))
    with pytest.raises(InvalidInput, match="`x` must be a finite number, got "):
        require_number("x", value)
    with pytest.raises(InvalidInput, match="`x` must be positive, got "):
        require_positive("x", value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, 10**400, -(10**400)])
def test_infinite_numbers_are_not_finite(value: object) -> None:
    with pytest.raises(InvalidInput, match="`x` must be a finite number"):
        require_number("x", value)


def test_bounds_are_included_and_zero_is_not_positive() -> None:
    assert require_number("x", 0, 0, 0.5) == 0.0
    assert require_number("x", 0.5, 0, 0.5) == 0.5
    with pytest.raises(InvalidInput, match=r"`x` must lie between 0 and 0\.5, got 0\.6"):
        require_number("x", 0.6, 0, 0.5)
    with pytest.raises(InvalidInput, match="`x` must be positive, got 0"):
        require_positive("x", 0)
    with pytest.raises(InvalidInput, match="`x` must be positive and finite, got 2"):
        require_positive("x", 2, most=1)
