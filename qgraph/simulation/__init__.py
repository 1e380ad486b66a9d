"""State vectors of QAOA: the mission's hot path."""
