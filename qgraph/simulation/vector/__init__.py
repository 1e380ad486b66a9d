"""State vectors over all bit strings."""
