"""Errors, checks, frozen models and resources: used by the whole package."""
