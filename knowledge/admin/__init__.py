"""Knowledge in the admin: editors keep what may be said."""

from knowledge.admin import exchange, items, quality, wordings  # noqa: F401  (registers the screens)
