"""Expectations in closed form, and in the limit of infinite graphs."""
