"""Labels, examples and models over the API: read by whose role includes them, written by who may label, of what one sees."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from people.models import User
from tests.api.conftest import Caller
from tests.builders import Company
from triage.learning import labels_of
from triage.models import Decision, DecisionLabel, LabelledExample, LearningPolicy, ModelCandidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(shop: Company) -> Decision:
    LearningPolicy.objects.update_or_create(pk=1, defaults={"keep_examples": True, "note": "同意"})
    return Decision.objects.get(message=shop.partner_group.messages.get())


def allow(caller: Caller, *codenames: str) -> None:
    user = caller.staff.user
    assert user is not None
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def label(caller: Caller, decision: Decision, **body: Any) -> Any:
    return caller.post(f"/decisions/{decision.public_id}/label/", body)


def test_an_empty_body_confirms_and_another_corrects(handler: Caller, decision: Decision) -> None:
    said = label(handler, decision)
    assert (said.status_code, said.json()["kind"]) == (200, "confirmed"), said.content
    assert decision.case is not None
    assert said.json()["labels"]["case"] == str(decision.case.public_id)
    before = labels_of(decision)
    said = label(handler, decision, mode="record" if before.mode != "record" else "review")
    assert said.json()["kind"] == "corrected", said.content
    rows = handler.get(f"/decisions/{decision.public_id}/labels/").json()
    assert rows[0]["kind"] == "confirmed" and rows[-1]["by"]["name"] == handler.staff.name
    assert LabelledExample.objects.get().kind == "corrected"


def test_what_cannot_be_is_refused_and_nothing_is_kept(handler: Caller, decision: Decision) -> None:
    assert label(handler, decision, intent="nonsense").status_code == 400
    refused = label(handler, decision, mode="send", risk_topics=["refund"])
    assert (refused.status_code, refused.json()["code"]) == (422, "risk_sent")
    assert label(handler, decision, wait=str(decision.public_id)).status_code == 404
    assert not DecisionLabel.objects.exists() and not LabelledExample.objects.exists()


def test_who_may_not_label_does_not(handler: Caller, decision: Decision) -> None:
    user = handler.staff.user
    assert user is not None
    user.user_permissions.remove(*Permission.objects.filter(codename="label_decision"))
    handler.staff.user = User.objects.get(pk=user.pk)
    answer = label(handler, decision)
    assert (answer.status_code, answer.json()["code"]) == (403, "right_missing")
    assert not DecisionLabel.objects.exists()


def test_examples_and_models_are_for_whose_role_looks_after_them(
    shop: Company, handler: Caller, stranger: Caller, decision: Decision
) -> None:
    label(handler, decision)
    ModelCandidate.objects.create(version="v1", made_at=timezone.now(), compared_with="shipped", rows=9, examples=1)
    assert handler.rows("/examples/") == handler.rows("/models/") == []
    for one in (handler, stranger):
        allow(one, "view_labelledexample", "view_modelcandidate")
    (row,) = handler.rows("/examples/", kind="confirmed")
    assert row["decision"] == str(decision.public_id) and "陈女士" not in str(row["row"]) and row["row"]["expect"]
    assert handler.rows("/examples/", kind="corrected") == [] == stranger.rows("/examples/")
    assert (
        [one["version"] for one in handler.rows("/models/")]
        == ["v1"]
        == [one["version"] for one in stranger.rows("/models/")]
    )
    LabelledExample.objects.update(removed_at=timezone.now())
    assert handler.rows("/examples/") == []
