"""What stands on the page of a draft: the thread, the evidence, what is allowed and what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import ServiceCase
from conversations.models import Conversation
from delivery.operations import pause_over
from foundation.templatetags.when import moment_words, span_words
from knowledge.citing import citations
from knowledge.rendering import answer_text
from knowledge.search import find_examples
from knowledge.voices import voice_for
from people.models import StaffMember
from review import operations
from review.gate import Reason
from review.guidance import guidance
from review.marks import Mark, marks_of, spans_of
from review.models import Draft, DraftState
from review.permissions import list_refusals, may_decide, may_overrule, needs_two
from review.presenters import REJECT_REASONS, alert_words, reason_words, topic_words

Panel = Callable[[HttpRequest, Draft], str]
#: Set by higher rooms: what else stands on the page of a draft (safe HTML).
_panels: list[Panel] = []


def register_panel(panel: Panel) -> None:
    """Let a higher room show something on the page of a draft."""
    if panel not in _panels:
        _panels.append(panel)


def panels_of(request: HttpRequest, draft: Draft) -> list[str]:
    """What higher rooms show on the page of this draft."""
    return [words for panel in _panels if (words := panel(request, draft))]


THREAD = 20
OTHER_THREAD = 6


def _rows(draft: Draft) -> list[Any]:
    if draft.conversation is None:
        return []
    rows = draft.conversation.messages.select_related("sender").prefetch_related("attachments__blob__reading")
    return list(reversed(rows.order_by("-position")[:THREAD]))


def _source_rows(draft: Draft, staff: StaffMember | None) -> list[Any]:
    """What was said around the message that the draft answers, where that was said elsewhere. Who may not see that conversation sees the
    message alone: without it nobody could judge the wording."""
    cause = draft.cause
    if cause is None or cause.conversation_id == draft.conversation_id:
        return []
    if staff is not None and not Conversation.objects.visible_to(staff).filter(pk=cause.conversation_id).exists():
        return [cause]
    rows = cause.conversation.messages.select_related("sender").prefetch_related("attachments__blob__reading")
    return list(reversed(rows.filter(position__lte=cause.position).order_by("-position")[:OTHER_THREAD]))


def check(draft: Draft, wording: str) -> list[Mark]:
    """Every leak, forbidden promise, opened debt and source that holds no more in a wording of this draft, with its places."""
    faults = operations.check_wording(draft, wording)
    found = marks_of(wording, [*faults, *operations.text_notes(draft, wording)])
    outdated = operations.outdated_source(draft, wording, at=timezone.now())
    if outdated is not None:
        reason = Reason("source_outdated", {"words": outdated.title})
        spans = spans_of(wording, answer_text(outdated)) or [(0, len(wording))]
        found.append({"level": "stop", "words": reason_words(reason.as_json()), "spans": spans})
    return found


def standing_of(draft: Draft, *, at: datetime) -> str:
    """A mark that changes when a draft is decided, reworded, or comes into other hands."""
    holder = draft.claimed_by_id if draft.claimed_until is not None and draft.claimed_until > at else None
    return f"{draft.state}-{draft.content_hash[:12]}-{holder or 0}"


def permissions(draft: Draft, staff: StaffMember | None, *, at: datetime) -> list[tuple[bool, str]]:
    """What is allowed with this draft and what is not, each in a sentence."""
    lines: list[tuple[bool, str]] = []
    if staff is None:
        return [(False, _("Only staff members decide drafts."))]
    refusals = list_refusals(staff, draft)
    lines += [(False, reason_words(one.as_json())) for one in refusals]
    holder = draft.claimed_by if draft.claimed_until is not None and draft.claimed_until > at else None
    if holder is not None and holder != staff:
        lines.append((False, _("%(name)s is working on this draft.") % {"name": holder.name}))
    elif not refusals:
        lines.append((True, _("You may release it, as it is or in other words.")))
    elif may_decide(staff):
        lines.append((True, _("You may reject it or take over.")))
    if needs_two(draft):
        first = draft.first_yes
        said = _("Two people release this: %(name)s has confirmed it.") % {"name": first.by} if first else None
        lines.append(
            (first is not None, said or _("Two people release this: after the first a second one has to confirm."))
        )
    conversation = draft.conversation
    if conversation is not None:
        pause = pause_over(conversation, case_ref=draft.case.public_id if draft.case else None)
        if pause is not None:
            lines.append(
                (False, _("Sending is paused: %(why)s. A release waits until it is lifted.") % {"why": pause.reason})
            )
        until = conversation.kf_window_until
        if conversation.surface == "kf" and until is not None:
            if until <= at:
                lines.append((False, _("The reply window has closed; the customer has to write first.")))
            else:
                left = conversation.kf_replies_left
                lines.append((True, _("Reply window open for %(span)s, until %(when)s.") % {
                    "span": span_words(until - at), "when": moment_words(until, now=at)}))  # fmt: skip
                if left is not None:
                    lines.append((left > 0, _("%(count)s replies left in this window.") % {"count": left}))
        if conversation.needs_tap:
            lines.append((True, _("After the release a member sends it with one tap.")))
        if conversation.kind == "community_group":
            lines.append((False, _("Nothing about one customer: many read along.")))
    lines.append(
        (
            False,
            _(
                "No names of partners or colleagues, no internal words, no amount without a source, no promise of a result."
            ),
        )
    )
    return lines


def customer_context(draft: Draft, staff: StaffMember | None) -> dict[str, Any]:
    """Who the customer is to us: other cases, other drafts that wait."""
    customer = (draft.case.customer if draft.case else None) or (
        draft.conversation.customer if draft.conversation else None
    )
    if customer is None:
        return {}
    cases = ServiceCase.objects.filter(customer=customer)
    cases = cases.filter(pk__in=ServiceCase.objects.visible_to(staff).values("pk")) if staff is not None else cases
    others = [case for case in cases.select_related("flow").order_by("-opened_at")[:6] if case.pk != draft.case_id]
    return {"customer": customer, "other_cases": others[:5]}


def _newer(draft: Draft, staff: StaffMember | None) -> Draft | None:
    """The draft that waits in the place of one that is decided."""
    if draft.conversation is None:
        return None
    rows = Draft.objects.pending().filter(conversation=draft.conversation, pk__gt=draft.pk)
    rows = rows.filter(pk__in=Draft.objects.visible_to(staff).values("pk")) if staff is not None else rows
    return rows.order_by("-pk").first()


def build(draft: Draft, *, staff: StaffMember | None, text: str, view: Mapping[str, str]) -> dict[str, Any]:
    """The context of the page."""
    at = timezone.now()
    pending = draft.state == DraftState.PENDING
    marks = check(draft, text) if pending else []
    refusals = list_refusals(staff, draft) if staff is not None else []
    holder = draft.claimed_by if draft.claimed_until is not None and draft.claimed_until > at else None
    busy = pending and holder is not None and holder != staff
    verdicts = list(draft.verdicts.select_related("by").order_by("-pk"))
    return {
        "draft": draft,
        "staff": staff,
        "pending": pending,
        "busy": holder if busy else None,
        "standing": standing_of(draft, at=at),
        "newer": _newer(draft, staff) if not pending else None,
        "open": pending and not busy and staff is not None and may_decide(staff),
        "may_release": staff is not None and not refusals,
        "may_overrule": staff is not None and not refusals and may_overrule(staff),
        "refusals": [reason_words(one.as_json()) for one in refusals],
        "may_take_from": busy and staff is not None and staff.is_supervisor,
        "thread": _rows(draft),
        "source_thread": _source_rows(draft, staff),
        "reasons": [reason_words(reason) for reason in draft.reasons],
        "guidance": guidance(draft),
        "topics": [topic_words(topic) for topic in draft.risk_topics],
        "alerts": [alert_words(alert) for alert in draft.alerts],
        "examples": find_examples(
            draft.text, at=at, limit=2, voice=voice_for(case=draft.case, conversation=draft.conversation)
        ) if draft.state == DraftState.PENDING else [],
        "sources": [
            (one.version, operations.may_be_told(one.version, at=at), one)
            for one in citations(draft.sources.select_related("item"), at=at)
        ],
        "waits": draft.case.waits.open().select_related("on").with_holders(at=at).order_by("due_at") if draft.case else [],
        "verdicts": [(row, [reason_words(r) for r in row.refusals], [reason_words(r) for r in row.overruled]) for row in verdicts],
        "decided": next((row for row in verdicts if row.accepted), None),
        "reject_reasons": list(REJECT_REASONS.items()),
        "seen_position": draft.conversation.last_position if draft.conversation else 0,
        "text": text,
        "marks": marks,
        "stopped": any(mark["level"] == "stop" for mark in marks),
        "allowed": permissions(draft, staff, at=at) if pending else [],
        "now": at,
        "view": dict(view),
        **customer_context(draft, staff),
    }  # fmt: skip
