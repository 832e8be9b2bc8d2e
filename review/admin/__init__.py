"""Review in the admin: the queue, the page of a draft, policy and findings."""

from review.admin import drafts, levels, policy

__all__ = ["drafts", "levels", "policy"]
