"""QAOA: the search for angles, recursive QAOA, and known angles."""
