"""Errors, checks, frozen models and resources: what every other room uses."""
