"""Learning from the team: labels, consent, desensitised examples."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from aijia import pump
from cases import operations as cases
from cases.models import WaitingItem
from cases.operations import Fact
from delivery import ports
from evidence.models import Entry
from foundation.errors import NotAllowed, Refused
from people.models import StaffMember, User
from review import operations as review
from review.models import Draft, Verdict
from tests.builders import ME, NINE, Company, say
from triage import learning
from triage.engines.evaluation import predict_row
from triage.engines.registry import local_engine
from triage.models import Decision, DecisionLabel, LabelledExample, LearningPolicy

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LATER = NINE + timedelta(minutes=10)


@pytest.fixture
def shop(ready: Company, settings: object, tmp_path: Path) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return ready


def client_of(staff: StaffMember, **rights: bool) -> Client:
    staff.user = User.objects.create_user(f"u{staff.pk}", password="x", is_staff=True, **rights)
    staff.save()
    client = Client()
    client.force_login(staff.user)
    return client


def consent(keep: bool = True) -> None:
    LearningPolicy.objects.update_or_create(pk=1, defaults={"keep_examples": keep})


def asked(
    shop: Company, text: str = "陈女士这边，订单号JD20260511778899，电话13812345678，洗衣机漏水了麻烦安排师傅看看"
) -> Decision:
    say(shop.group, "wmchen", text, at=LATER)
    pump.drain(LATER, channel=False)
    return Decision.objects.order_by("pk").last()  # type: ignore[return-value]


def label(shop: Company, decision: Decision, **other: object) -> DecisionLabel:
    labels = learning.Labels(**{**vars(learning.labels_of(decision)), **other})  # type: ignore[arg-type]
    return learning.label_decision(decision_id=decision.pk, labels=labels, by=shop.handler, actor=ME, at=LATER)


def test_without_consent_a_correction_is_noted_and_no_words_are_kept(shop: Company) -> None:
    row = label(shop, asked(shop), intent="complains", risk_topics=("complaint",), mode="review")
    assert row.kind == "corrected" and row.labels["intent"] == "complains"
    assert not LabelledExample.objects.exists()
    entry = Entry.objects.filter(kind="action").order_by("pk").last()
    assert entry is not None and json.loads(entry.body_row.body)["action"] == "label_decision"


def test_with_consent_the_example_holds_no_name_number_or_phone_and_is_a_row_that_the_engine_reads(
    shop: Company,
) -> None:
    consent()
    label(shop, asked(shop))
    row = LabelledExample.objects.get().row
    words = json.dumps(row, ensure_ascii=False)
    for secret in ("陈女士", "13812345678", "JD20260511778899", shop.case.number):
        assert secret not in words
    assert "漏水" in row["text"] and row["expect"]["intent"]
    assert predict_row(row, local_engine())["mode"] in ("send", "review", "record")


def test_the_example_holds_the_items_as_they_were_when_the_message_came(shop: Company) -> None:
    consent()
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="铭牌照片",
        proof="image", fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    say(shop.group, "wmchen", "拍好了", at=LATER, attachments=("image",))
    pump.drain(LATER, channel=False)
    assert WaitingItem.objects.get(pk=wait.pk).state != "waiting_customer_material"
    decision = Decision.objects.get()
    label(shop, decision)
    row = LabelledExample.objects.get().row
    assert [one["state"] for one in row["open_waits"]] == ["waiting_customer_material"]
    assert row["expect"]["wait"] == "w1" and row["expect"]["wait_state_after"] == "material_received"
    assert row["attachments"] == ["image"]


def test_a_verdict_without_change_confirms_and_an_edit_says_nothing_about_the_message(shop: Company) -> None:
    consent()
    for place, do in enumerate((Verdict.Do.EDIT, Verdict.Do.APPROVE)):
        at = LATER + timedelta(hours=place)
        say(shop.group, "wmchen", "冰箱不制冷了，麻烦安排师傅看看", at=at)
        pump.drain(at, channel=False)
        draft = Draft.objects.filter(state="pending").order_by("pk").last()
        assert draft is not None
        verdict = review.decide(
            draft_id=draft.pk,
            by=shop.supervisor,
            do=do,
            actor=ME,
            at=at,
            text="收到，我们看一下。" if do == "edit" else "",
        )
        assert verdict.accepted
        assert DecisionLabel.objects.count() == place
    row = DecisionLabel.objects.get()
    assert (row.kind, row.origin) == ("confirmed", "verdict") and LabelledExample.objects.count() == 1


def test_only_record_teaches_record_but_never_for_what_is_risky(shop: Company) -> None:
    decision = asked(shop, "你们这什么态度，我要投诉你们，赶紧退钱")
    draft = Draft.objects.filter(state="pending").latest("pk")
    review.decide(draft_id=draft.pk, by=shop.supervisor, do=Verdict.Do.RECORD, actor=ME, at=LATER)
    assert decision.risk_topics and not DecisionLabel.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"intent": "nonsense"}, {"mode": "send", "risk_topics": ("refund",)}, {"wait": 999999}, {"case": 999999}],
)
def test_what_is_no_label_is_refused_and_nothing_is_kept(shop: Company, wrong: dict[str, object]) -> None:
    consent()
    decision = asked(shop)
    with pytest.raises(Refused):
        label(shop, decision, **wrong)
    assert not DecisionLabel.objects.exists() and not LabelledExample.objects.exists()


def test_who_does_not_see_the_conversation_may_not_label_it(shop: Company) -> None:
    decision = asked(shop)
    stranger = StaffMember.objects.create(name="外人", visibility="own")
    with pytest.raises(NotAllowed):
        learning.label_decision(
            decision_id=decision.pk, labels=learning.labels_of(decision), by=stranger, actor=ME, at=LATER
        )


def test_a_removed_example_loses_its_words_and_no_later_verdict_brings_them_back(shop: Company) -> None:
    consent()
    decision = asked(shop)
    label(shop, decision)
    example = LabelledExample.objects.get()
    assert learning.remove_example(example_id=example.pk, actor=ME, at=LATER)
    assert not learning.remove_example(example_id=example.pk, actor=ME, at=LATER)
    label(shop, decision, intent="complains", risk_topics=("complaint",), mode="review")
    example.refresh_from_db()
    assert example.row == {} and not LabelledExample.objects.kept().exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_form_on_decision_and_draft_page_corrects(shop: Company, language: str) -> None:
    consent()
    decision, client = asked(shop), client_of(shop.supervisor, is_superuser=True)
    client.cookies["django_language"] = language
    draft = Draft.objects.filter(decision_ref=decision.public_id).latest("pk")
    form = reverse("admin:triage_decision_label", args=[decision.pk])
    for address in (
        reverse("admin:triage_decision_change", args=[decision.pk]), reverse("admin:review_draft_change", args=[draft.pk]),
    ):  # fmt: skip
        assert form in client.get(address).content.decode()
    data = {
        "intent": "requests_remedy", "business_class": "after_sales", "service_context": "after_sales", "mode": "review",
        "risk_topics": ["refund"], "case": "", "wait": "", "back": f"draft:{draft.pk}",
    }  # fmt: skip
    answer = client.post(form, data)
    assert answer.headers["Location"] == reverse("admin:review_draft_change", args=[draft.pk])
    row = DecisionLabel.objects.get()
    assert row.kind == "corrected" and row.labels["risk_topics"] == ["refund"] and row.by == shop.supervisor
    page = client.get(reverse("admin:triage_labelledexample_changelist")).content.decode()
    assert LabelledExample.objects.get().row["text"][:6] in page
    lines = client.post(reverse("admin:triage_labelledexample_export")).content.decode().splitlines()
    assert json.loads(lines[0])["expect"]["intent"] == "requests_remedy"
    decision.refresh_from_db()
    assert decision.intent != "requests_remedy"


def test_who_lacks_the_right_may_neither_label_nor_export_nor_switch(shop: Company) -> None:
    decision, client = asked(shop), client_of(shop.handler)
    form = reverse("admin:triage_decision_label", args=[decision.pk])
    assert client.post(form, {"intent": "chats"}).status_code == 403
    assert client.post(reverse("admin:triage_labelledexample_export")).status_code == 403
    assert client.post(reverse("admin:triage_modelcandidate_switch", args=[1]), {"reason": "x"}).status_code == 403
    assert not DecisionLabel.objects.exists()
