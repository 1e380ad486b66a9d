"""Graphs and cities, and how they are made, converted, drawn and written."""
