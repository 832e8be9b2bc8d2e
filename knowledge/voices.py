"""Which brand voice speaks: a company may keep several, each for flows, channels or customers with a tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models.signals import m2m_changed

from cases.models import ServiceCase
from conversations.models import Conversation
from foundation.remembering import Remembered
from knowledge.channels import code_of
from knowledge.models import BrandVoice, KnowledgeKind, KnowledgeVersion


@dataclass(frozen=True)
class _Known:
    voice: BrandVoice
    flows: frozenset[int]
    channels: frozenset[str]
    tags: frozenset[int]

    def fits(self, flow: int | None, channels: Callable[[], set[str]], tags: Callable[[], set[int]]) -> bool:
        """Whether everything that it asks for is there."""
        return (
            (not self.flows or flow in self.flows)
            and (not self.channels or not self.channels.isdisjoint(channels()))
            and (not self.tags or not self.tags.isdisjoint(tags()))
        )

    @property
    def conditions(self) -> int:
        """How many kinds of things it asks for."""
        return bool(self.flows) + bool(self.channels) + bool(self.tags)


def _load() -> list[_Known]:
    return [
        _Known(
            one, frozenset(row.pk for row in one.flows.all()), frozenset(code_of(str(name)) for name in one.channels),
            frozenset(row.pk for row in one.tags.all()),
        )
        for one in BrandVoice.objects.prefetch_related("flows", "tags").order_by("pk")
    ]  # fmt: skip


_voices = Remembered(_load, seconds=5)
_voices.forget_on_change(BrandVoice)
for _through in (BrandVoice.flows.through, BrandVoice.tags.through):
    m2m_changed.connect(_voices.forget, sender=_through, weak=False)
_used = Remembered(
    lambda: tuple(
        sorted(
            {
                str(fields.get("voice"))
                for fields in KnowledgeVersion.objects.filter(kind=KnowledgeKind.TONE_EXAMPLE).values_list(
                    "fields", flat=True
                )
                if fields.get("voice")
            }
        )
    ),
    seconds=5,
)
_used.forget_on_change(KnowledgeVersion)


def default_voice() -> BrandVoice:
    """The voice that speaks wherever no other is chosen: the first; as shipped where there is none."""
    known = _voices()
    return known[0].voice if known else BrandVoice()


def names() -> set[str]:
    """What the voices are called; an example of a name that is none speaks for all."""
    return {known.voice.name for known in _voices()}


def of_proposal(name: str) -> str:
    """The voice that a proposed example belongs to: the one of its case, while there is one of that name, else the default."""
    return name if name in names() else default_voice().name


def voice_for(*, case: ServiceCase | None, conversation: Conversation | None) -> BrandVoice:
    """The voice in which a customer is written to: of those whose flow, channel and tag all fit the one that asks for most, else the default."""
    chosen = [known for known in _voices()[1:] if known.conditions]
    if not chosen:
        return default_voice()

    def tags() -> set[int]:
        customer = case.customer if case is not None else conversation.customer if conversation is not None else None
        return set(customer.tags.values_list("pk", flat=True)) if customer is not None else set()

    def channels() -> set[str]:
        return {"wecom", conversation.surface} if conversation is not None else set()

    flow = case.flow_id if case is not None else None
    fitting = [known for known in chosen if known.fits(flow, channels, tags)]
    return max(fitting, key=lambda known: known.conditions).voice if fitting else default_voice()


def speaks_for(version: KnowledgeVersion, voice: BrandVoice) -> bool:
    """Whether an example of tone is one of this voice, or of none in particular."""
    name = str(version.fields.get("voice") or "")
    return name == voice.name or name not in names()


class VoiceChoices:
    """The brand voices as choices of a field, with the names that examples have had before."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        found = [known.voice.name for known in _voices()] or [BrandVoice().name]
        return iter([(name, name) for name in dict.fromkeys([*found, *_used()])])

    def __bool__(self) -> bool:
        return True
