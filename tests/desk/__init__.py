"""Tests of the desk and what stands on every page."""
