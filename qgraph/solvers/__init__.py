"""Solvers: QAOA, and the exact and classical methods that stand beside it."""
