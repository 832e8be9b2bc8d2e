"""The automation ladder: figures that justify a rise, a rise by a person, and the fall by itself after a wrong send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cases.models import ServiceFact, ServiceFlow
from evidence.operations import Subject, record
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused
from review.models import AutomationLevel, Draft, Level, LevelFall, Verdict
from review.policies import NEVER_DIRECT

DAYS = 30
#: Fewer decided drafts than this say little; the page warns.
ENOUGH = 30
#: The chain of what is done with the levels as a whole.
LADDER = Subject("policy", "0198e2a0-0000-7000-8000-000000000002")
_ORDER = [Level.RECORD, Level.DRAFT, Level.REVIEW, Level.DIRECT]


@dataclass
class Figures:
    """What became of the drafts of a kind in some days. `decided` are those that a person decided; shares are of these."""

    days: int = DAYS
    drafts: int = 0
    unchanged: int = 0
    edited: int = 0
    rejected: int = 0
    taken_over: int = 0
    by_rule: int = 0
    wrong: int = 0
    held: Counter[str] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        """How many a person decided."""
        return self.unchanged + self.edited + self.rejected + self.taken_over

    @property
    def is_enough(self) -> bool:
        """Whether there are enough cases to say anything."""
        return self.decided + self.by_rule >= ENOUGH

    def share(self, count: int) -> float:
        """A count as a share of what people decided."""
        return count / self.decided if self.decided else 0.0

    def as_json(self) -> dict[str, Any]:
        """For the history of the level and for evidence."""
        return {
            "days": self.days, "drafts": self.drafts, "decided": self.decided, "unchanged": self.unchanged, "edited": self.edited,
            "rejected": self.rejected, "taken_over": self.taken_over, "by_rule": self.by_rule, "wrong": self.wrong,
            "held": dict(self.held.most_common(8)),
        }  # fmt: skip


_COUNTED = {
    Verdict.Do.APPROVE: "unchanged", Verdict.Do.EDIT: "edited", Verdict.Do.REJECT: "rejected", Verdict.Do.RECORD: "rejected",
    Verdict.Do.TAKE_OVER: "taken_over", Verdict.Do.AUTO: "by_rule",
}  # fmt: skip
Scope = tuple[int | None, str, str]
"""Flow (None: all), conversations ("": all), kind of reply."""


def figures_of(scopes: Iterable[Scope], *, at: datetime, days: int = DAYS) -> dict[Scope, Figures]:
    """The figures of several scopes at once: four queries, however many."""
    wanted, since = list(scopes), at - timedelta(days=days)
    found = {scope: Figures(days=days) for scope in wanted}

    def fitting(flow: int | None, conversations: str | None, kind: str) -> list[Figures]:
        keys = ((f, c, kind) for f in {flow, None} for c in {conversations or "", ""})
        return [found[key] for key in keys if key in found]

    place = ("case__flow_id", "conversation__kind", "reply_kind")
    drafts = Draft.objects.filter(created_at__gte=since, created_at__lte=at)
    for *key, count in drafts.values_list(*place).annotate(n=Count("pk")).order_by():
        for figures in fitting(*key):
            figures.drafts += count
    verdicts = Verdict.objects.filter(accepted=True, at__gte=since, at__lte=at)
    rows = verdicts.values_list(*(f"draft__{name}" for name in place), "do").annotate(n=Count("pk")).order_by()
    for *key, do, count in rows:
        for figures in fitting(*key):
            name = _COUNTED[Verdict.Do(do)]
            setattr(figures, name, getattr(figures, name) + count)
    # Reasons are a list in a column: the newest are counted here.
    newest = drafts.exclude(reasons=[]).order_by("-created_at").values_list(*place, "reasons")[:2000]
    for *key, reasons in newest:
        codes = {_held_code(reason) for reason in reasons}
        for figures in fitting(*key):
            figures.held.update(codes - {"automation_level", "superseded"})
    falls = LevelFall.objects.filter(at__gte=since, at__lte=at)
    for *key, count in (
        falls.values_list("flow_id", "conversation_kind", "reply_kind")
        .annotate(n=Count("draft", distinct=True))
        .order_by()
    ):
        for figures in fitting(*key):
            figures.wrong += count
    return found


def _held_code(reason: dict[str, Any]) -> str:
    code, params = str(reason.get("code", "")), reason.get("params") or {}
    return (
        f"risk:{params.get('topic', '')}"
        if code == "risk_topic"
        else f"alert:{params.get('alert', '')}"
        if code == "alert"
        else code
    )


def scope_of(row: AutomationLevel) -> Scope:
    """What a row is about."""
    return (row.flow_id, row.conversation_kind, row.reply_kind)


def is_rise(before: str, after: str) -> bool:
    """Whether more goes by itself than before."""
    return _ORDER.index(Level(after)) > _ORDER.index(Level(before))


def check_can_set(*, reply_kind: str, level: str, conversation_kind: str) -> None:
    """Whether a kind of reply may have this level there.

    :raises Refused: for a kind that never goes without review, and for public groups.
    """
    if level != Level.DIRECT:
        return
    if reply_kind in NEVER_DIRECT:
        raise Refused(_("Texts of this kind never go without review."), code="kind_never_direct")
    if conversation_kind == "community_group":
        raise Refused(_("Nothing goes into a public group without review."), code="public_never_direct")


def set_level(
    *,
    flow: ServiceFlow | None,
    conversation_kind: str,
    reply_kind: str,
    level: str,
    note: str,
    actor: Actor,
    at: datetime,
    confirmed: bool = False,
) -> AutomationLevel:
    """A person sets a level. A rise to `direct` needs their word that they have seen the figures, which are kept with the row.

    :raises NotAllowed: when a machine tries to raise a level. :raises Refused: without a reason or confirmation for a rise to `direct`.
    """
    check_can_set(reply_kind=reply_kind, level=level, conversation_kind=conversation_kind)
    with transaction.atomic():
        scope = Q(flow=flow, conversation_kind=conversation_kind, reply_kind=reply_kind)
        row = AutomationLevel.objects.select_for_update().filter(scope).first()
        before = row.level if row is not None else Level.REVIEW
        if is_rise(before, level) and actor.kind != "user":
            raise NotAllowed(_("Only a person raises a level."))
        if is_rise(before, level) and level == Level.DIRECT:
            if not note.strip():
                raise Refused(_("Please say why."), code="no_reason")
            if not confirmed:
                raise Refused(_("Look at the figures and confirm."), code="not_confirmed")
        figures = figures_of([(flow.pk if flow else None, conversation_kind, reply_kind)], at=at)
        (seen,) = figures.values()
        row = row or AutomationLevel(flow=flow, conversation_kind=conversation_kind, reply_kind=reply_kind)
        row.level, row.note, row.changed_by, row.changed_at = level, note[:255], actor.label[:64], at
        row.figures = seen.as_json()
        row.save()
        record(
            subject=LADDER, kind="action", actor=actor, at=at,
            body={
                "action": "set_level", "flow": flow.key if flow else "", "conversations": conversation_kind, "kind": reply_kind,
                "from": str(before), "to": level, "note": note, "figures": row.figures,
            },
        )  # fmt: skip
    return row


def fall_after_wrong_send(*, draft: Draft, fact: ServiceFact, actor: Actor, at: datetime) -> LevelFall | None:
    """A delivered text was wrong: what goes by itself of its flow and kind is reviewed again. Call it inside a transaction.

    Once per fact: who raises the level again afterwards is not overruled by the same one.

    :returns: the row that says what fell; None where this fact was dealt with before.
    """
    if LevelFall.objects.filter(fact=fact).exists():
        return None
    flow = draft.case.flow if draft.case is not None else None
    kind = draft.reply_kind
    rows = AutomationLevel.objects.select_for_update().filter(reply_kind=kind, level=Level.DIRECT)
    above = rows.filter(flow__isnull=True).exists()
    fallen = list(rows.filter(flow=flow) if flow is not None else rows.filter(flow__isnull=True))
    if flow is not None and above:
        own = (
            AutomationLevel.objects.select_for_update().filter(flow=flow, reply_kind=kind, conversation_kind="").first()
        )
        if own is None:
            fallen.append(AutomationLevel(flow=flow, reply_kind=kind, conversation_kind="", level=Level.DIRECT))
    for row in fallen:
        row.level, row.changed_by, row.changed_at = Level.REVIEW, actor.label[:64], at
        row.note = _("Fell by itself after a wrong send: %(words)s") % {"words": fact.words or fact.detail}
        row.note = row.note[:255]
        row.save()
    fall = LevelFall.objects.create(
        fact=fact, draft=draft, flow=flow, reply_kind=kind, fell=bool(fallen), at=at,
        conversation_kind=draft.conversation.kind if draft.conversation is not None else "",
    )  # fmt: skip
    record(
        subject=LADDER, kind="action", actor=actor, at=at, refs={"draft": str(draft.public_id)},
        body={
            "action": "level_fell" if fallen else "wrong_send", "flow": flow.key if flow else "", "kind": kind,
            "how": fact.detail, "words": fact.words, "rows": len(fallen),
        },
    )  # fmt: skip
    return fall
