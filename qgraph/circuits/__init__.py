"""Circuits, operators and runs with Qiskit."""
