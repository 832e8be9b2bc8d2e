"""Measured facts of a week in figures. Reads only."""
