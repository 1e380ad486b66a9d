"""Simulation of routing problems on their feasible routes."""
