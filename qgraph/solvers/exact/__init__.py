"""Exact optima, each proved."""
