"""Customers report a matter: a new case, one more word about an open one, or one that comes back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from cases.models import CaseState, MaterialRequirement, ServiceCase, ServiceFlow
from triage.matching import bigrams
from triage.planning import materials
from triage.planning.planner import Planner

#: Words that neither report nor ask: a matter that somebody has only begun to tell.
_PREDICATE = re.compile(
    r"了|吗|呢|不|没|坏|漏|响|臭|裂|碎|错|少|缺|慢|差|要|想|能|可以|怎么|什么|多少|哪|几|谁|吧|是|有|在|会|得|[?？!！]|\b(is|are|was|has|have|not|can|do|does|did|need|want|broke|stopped)\b|n't",
    re.I,
)


def take_in(planner: Planner) -> None:
    """A matter is reported: note it in its case, take a closed case up again, or open one and ask for what its flow needs."""
    if planner.case is not None and planner.case.state != CaseState.OPEN:
        same = _same_matter(planner, planner.case)
        if same and not _may_reopen(planner, planner.case):
            planner.plan.follows = planner.case
        if not same or planner.plan.follows is not None:
            planner.case, planner.waits, planner.plan.new_matter = None, [], True
    if planner.case is not None and planner.case.state != CaseState.OPEN:
        planner.plan.reopen = True
        planner.say(
            "issue_received",
            planner.text("issue_received.again"),
            effects={"promise": True},
        )
        return
    if planner.case is not None:
        waits = planner.open_waits(frozenset({"waiting_customer_material"}))
        if planner.pictures() and waits:
            materials.take(planner, planner.pick(waits) or waits[0], waits)
            return
        planner.say(
            "issue_received",
            planner.text("issue_received.more"),
            effects={"promise": True},
        )
        return
    if len(planner.said) <= 12 and not planner.pictures() and not _PREDICATE.search(planner.said):
        planner.say("other", planner.holding(), held=["says_too_little"])
        return
    flow = _flow(planner)
    if flow is None or planner.situation.message.sender.customer_id is None:
        planner.say("other", planner.holding(), held=["no_flow"] if flow is None else ["no_customer"])
        planner.plan.owe_answer = True
        return
    planner.plan.open_case = flow
    required = list(flow.materials.all())
    if required:
        names = planner.words("、", " and ").join(m.name for m in required)
        planner.say("material_request", planner.text("material_request.new_case", materials=names),
            missing=[m.name for m in required], waiting_for=names,
            effects={"asks": [_material_ask(m) for m in required]})  # fmt: skip
        return
    planner.say(
        "issue_received",
        planner.text("issue_received.new"),
        effects={"promise": True},
    )


def _may_reopen(planner: Planner, case: ServiceCase) -> bool:
    """Whether a case was closed so lately that its matter is taken up again in it; otherwise a new case follows it."""
    closed = case.closed_at
    return closed is not None and planner.situation.at - closed <= timedelta(days=case.flow.reopen_days)


def _same_matter(planner: Planner, case: ServiceCase) -> bool:
    """Whether what is reported is the matter of a closed case, not another one of the same customer."""
    if re.search(r"又|再次|还是|同样|一样的?(毛病|问题)|老毛病|上次|\b(again|same|still|back)\b", planner.said, re.I):
        return True
    needs = list(case.waits.values_list("need", flat=True)[:20])
    about = bigrams(" ".join([case.title, case.flow.name, *map(str, case.flow.keywords), *needs]))
    if bigrams(planner.said) & about:
        return True
    flow = _flow(planner)
    return flow is not None and flow.pk == case.flow_id and not case.title


def _material_ask(material: MaterialRequirement) -> dict[str, Any]:
    return {
        "state": "waiting_customer_material", "need": material.name, "need_kind": "material", "requirement": material.pk,
        "proof": "image" if material.type in ("image", "video") else material.type if material.type in ("text", "file") else "none",
        "count": material.count,
    }  # fmt: skip


def _flow(planner: Planner) -> ServiceFlow | None:
    """The flow that the words fit best; None where none fits or two fit equally."""
    flows = list(
        ServiceFlow.objects.filter(active=True, intake=False).select_related("calendar", "supervisor", "fallback_owner")
    )
    if len(flows) == 1:
        return flows[0]
    said = bigrams(planner.said)

    def fit(flow: ServiceFlow) -> float:
        words = " ".join([flow.name, *map(str, flow.keywords)])
        return len(said & bigrams(words)) + sum(2 for word in flow.keywords if str(word) and str(word) in planner.said)

    ranked = sorted(flows, key=fit, reverse=True)
    return (
        ranked[0] if ranked and fit(ranked[0]) > 0 and (len(ranked) == 1 or fit(ranked[0]) > fit(ranked[1])) else None
    )
