"""Signing in: the second step after the password, how long a session lasts, and what administrators do about lost phones."""
