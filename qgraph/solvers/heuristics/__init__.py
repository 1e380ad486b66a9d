"""Greedy construction, local search, annealing and tabu search."""
