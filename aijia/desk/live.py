"""What has changed since one last looked: a few numbers, cheap enough to be asked every ten seconds by everybody."""

from __future__ import annotations

import hashlib
import json

from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from aijia.desk.counting import count_of, gather
from aijia.desk.numbers import NUMBERS, WORK, Seeing
from cases.models import ServiceCase
from conversations.models import Conversation
from delivery.models import Pause
from evidence.models import Chain
from review.admin.page import standing_of
from review.models import Draft
from review.permissions import RELEASE

#: What a number in the menu asks somebody to do, by the right to do it.
TO_DO = {"drafts": RELEASE, "to_send": WORK}
SHOWN = ("drafts", "to_send", "late", "mentions", "unknown")


def mark_of_customer(seeing: Seeing, pk: int) -> str:
    """What changes when anything is written to or by a customer, or one of their cases moves, as far as somebody may see it. Two queries."""
    talks = seeing.rows(Conversation.objects.filter(customer=pk)).order_by()
    cases = seeing.rows(ServiceCase.objects.filter(customer=pk)).order_by()
    said = list(talks.values_list("pk", "last_position"))
    moved = list(cases.values_list("pk", "version"))
    return f"{len(said)}-{sum(at for _pk, at in said)}-{len(moved)}-{sum(version for _pk, version in moved)}"


@staff_member_required
def live(request: HttpRequest) -> HttpResponse:
    """Numbers for the menu, and a mark for each kind of thing that a page may show. Answers 304 where nothing changed."""
    seeing = Seeing.of(request, timezone.now())
    numbers = {one.key: one for one in NUMBERS if one.key in SHOWN and one.shown_to(seeing)}
    found = gather([count_of(key, one.rows(seeing)) for key, one in numbers.items()])
    counts = {key: found.get(key, {}).get("", 0) for key in numbers}
    newest = seeing.rows(Draft.objects.pending()).aggregate(newest=Max("pk"))["newest"]
    pauses = list(Pause.objects.filter(lifted_at__isnull=True).order_by("pk").values_list("pk", flat=True))
    # Who only looks has nothing in the menu that waits on them.
    looks_only = [key for key in counts if key in TO_DO and not request.user.has_perm(TO_DO[key])]
    marks = {"drafts": f"{counts.get('drafts', 0)}-{newest or 0}", "pauses": "-".join(map(str, pauses))}
    marks["to_send"] = str(counts.get("to_send", 0))
    conversation = request.GET.get("conversation", "")
    if conversation.isdigit():
        row = (
            seeing.rows(Conversation.objects.all())
            .filter(pk=conversation)
            .values_list("last_position", flat=True)
            .first()
        )
        if row is not None:
            marks["messages"] = str(row)
    case = request.GET.get("case", "")
    if case.isdigit():
        seen = seeing.rows(ServiceCase.objects.all()).filter(pk=case).values("public_id")
        head = Chain.objects.filter(subject_kind=Chain.SubjectKind.CASE, subject_ref__in=seen)
        marks["case"] = str(head.values_list("head_seq", flat=True).first() or 0)
    draft = request.GET.get("draft", "")
    if draft.isdigit():
        open_one = seeing.rows(Draft.objects.all()).filter(pk=draft).first()
        marks["draft"] = standing_of(open_one, at=seeing.at) if open_one is not None else ""
    counts = {key: count for key, count in counts.items() if key not in looks_only}
    customer = request.GET.get("customer", "")
    if customer.isdigit():
        marks["customer"] = mark_of_customer(seeing, int(customer))
    body = json.dumps({"counts": counts, "marks": marks}, sort_keys=True)
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    if request.headers.get("If-None-Match") == etag:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    return answer
