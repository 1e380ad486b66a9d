"""Expectations on light cones: sparse problems of any size at small depth."""
