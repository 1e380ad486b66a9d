"""Optimisation problems, each with a way down to the Ising model."""
