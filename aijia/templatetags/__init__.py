"""Template tags of the project's own screens."""
