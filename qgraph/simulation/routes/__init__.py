"""States over the feasible routes of a routing problem."""
