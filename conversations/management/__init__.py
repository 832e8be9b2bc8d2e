"""Commands of what was said."""
