"""The exact versions that a text cites: where each is read, whether it still holds, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.models import KnowledgeState, KnowledgeVersion


@dataclass(frozen=True)
class Citation:
    """A version that a text cites.

    :ivar newer: the version of its item that is published now, where that is another one. :ivar since: in words what became of it; "" while it
        holds. :ivar holds: whether it may still be said.
    """

    version: KnowledgeVersion
    newer: KnowledgeVersion | None
    since: str
    holds: bool

    @property
    def address(self) -> str:
        """The page of the item with the words of this version."""
        page = reverse("admin:knowledge_knowledgeitem_change", args=[self.version.item_id])
        return f"{page}?version={self.version.number}"

    @property
    def difference(self) -> str:
        """The page of what differs from what is published now, "" where nothing newer is."""
        if self.newer is None:
            return ""
        page = reverse("admin:knowledge_knowledgeitem_diff", args=[self.version.item_id])
        return f"{page}?from={self.version.number}&to={self.newer.number}"


def citations(versions: Iterable[KnowledgeVersion], *, at: datetime) -> list[Citation]:
    """Every version once, in the order in which it was cited; two queries for all."""
    cited = list({one.pk: one for one in versions}.values())
    published = {
        one.item_id: one for one in KnowledgeVersion.objects.published().filter(item__in={one.item_id for one in cited})
    }
    return [_citation(one, published.get(one.item_id), at) for one in cited]


def _citation(version: KnowledgeVersion, published: KnowledgeVersion | None, at: datetime) -> Citation:
    over = version.valid_until is not None and version.valid_until <= at
    holds = (
        version.state == KnowledgeState.PUBLISHED
        and not over
        and (version.valid_from is None or version.valid_from <= at)
    )
    newer = published if published is not None and published.pk != version.pk else None
    if newer is not None:
        since = _("version %(number)d is published now") % {"number": newer.number}
    elif version.state == KnowledgeState.RETIRED:
        since = _("retired since")
    elif over:
        since = _("its campaign is over")
    else:
        since = ""
    return Citation(version, newer, since, holds)
