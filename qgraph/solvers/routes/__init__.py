"""Routes: exact, and by local search."""
