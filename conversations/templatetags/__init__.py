"""Template tags of what was said."""
