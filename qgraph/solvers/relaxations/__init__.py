"""Semidefinite relaxations: bounds, and cuts by rounding."""
