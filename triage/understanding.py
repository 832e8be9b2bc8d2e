"""How a message was understood, in words for people, and the form by which they confirm or correct it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import ServiceContext
from foundation.masking import masked_text
from people.models import staff_of
from review.models import Draft
from review.presenters import TOPICS, topic_words
from triage.engines.local import entities, times
from triage.learning import Labels, is_part_of_turn, labels_of, waits_before
from triage.models import Decision, LearningPolicy, Mode
from triage.pictures import named_in_pictures
from triage.presenters import CLASSES, INTENTS, class_words, entity_words, intent_words
from triage.situation import load


def named_in(decision: Decision) -> list[tuple[str, str]]:
    """What the message names, for people to see: what it is, in words, and the words themselves, each once; phones that stand in pictures masked."""
    message = decision.message
    found = [(entity_words(one.kind), one.text) for one in entities.find(message.text)]
    for one, case in named_in_pictures(decision.message):
        shown = masked_text(one.text)
        found.append(
            (_("%(what)s in the picture") % {"what": entity_words(one.kind)}, f"{shown} → {case}" if case else shown)
        )
    for time in times.find(message.text, message.sent_at):
        start = timezone.localtime(time.start)
        found.append(
            (
                entity_words("time"),
                f"{time.words} → {start:%Y-%m-%d}"
                + (f" {start:%H:%M}" if time.precision in ("hour", "minute") else ""),
            )
        )
    return list(dict.fromkeys(found))


def understanding(decision: Decision, labels: Labels, *, as_it_went: bool = False) -> dict[str, Any]:
    """What the form shows: the choices, and what is chosen now. `as_it_went` sums up what happened, not what the mature policy would do."""
    mode = decision.mode if as_it_went and not decision.labels.exists() else labels.mode
    waits = waits_before(decision)
    return {
        "decision": decision,
        "labels": labels,
        "intents": list(INTENTS.items()),
        "classes": list(CLASSES.items()),
        "contexts": ServiceContext.choices,
        "modes": Mode.choices,
        "topics": [(code, words, code in labels.risk_topics) for code, words in TOPICS.items()],
        "cases": load(decision.message, at=decision.at).cases,
        "waits": waits,
        "keeps": LearningPolicy.allows_keeping(),
        "named": named_in(decision),
        "said": decision.labels.select_related("by").order_by("-pk")[:5],
        "part_of_turn": is_part_of_turn(decision),
        "summary": " · ".join(
            [
                intent_words(labels.intent),
                class_words(labels.business_class),
                str(dict(Mode.choices).get(mode, mode)),
                *(topic_words(topic) for topic in labels.risk_topics),
            ]
        ),
    }


def understanding_panel(request: HttpRequest, draft: Draft) -> str:
    """The form on the page of a draft; nothing for those who do not see the conversation in which it was said."""
    staff = staff_of(request.user)
    if draft.decision_ref is None or staff is None or not request.user.has_perm("triage.label_decision"):
        return ""
    decision = (
        Decision.objects.visible_to(staff)
        .select_related("message__conversation", "message__sender", "message__identity", "conversation", "case")
        .filter(public_id=draft.decision_ref)
        .first()
    )
    if decision is None:
        return ""
    context = {**understanding(decision, labels_of(decision), as_it_went=True), "back": f"draft:{draft.pk}"}
    return render_to_string("triage/understanding.html", context, request=request)
