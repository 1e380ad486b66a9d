"""The simulation core in C: state vectors as NumPy arrays, evolved in place."""
