"""The QAOA explorer: its problem and scene, its settings, and what it computes beside them."""
