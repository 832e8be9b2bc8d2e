"""Pages of a matter that has grown long: as many questions to the database as of a short one, and a page that still shows what matters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aijia import roles
from aijia.customers import MOST
from cases import operations as cases
from cases.admin.case import STORY
from cases.models import Role, ServiceCase
from cases.operations import Fact
from conversations.models import Attachment, Conversation
from delivery import operations as delivery
from foundation.remembering import forget_all
from people.models import Identity, Person, Side, StaffMember
from review import operations as review
from review.gate import Reason
from review.models import Draft
from tests.builders import ME, Company, say
from tests.desk.test_desk import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LONG = "师傅上门看过之后说压缩机的启动电容坏了，配件要从厂里调，客户希望周末之前能修好，家里有老人。" * 42


def grow(case: ServiceCase, group: Conversation, staff: StaffMember, *, by: int) -> Draft:
    """Let a case grow: people, material of every kind, items open and closed, notes, texts, changes of owner, a long draft."""
    now = timezone.now()
    senders = list(
        group.members.filter(person__side=Side.CUSTOMER).values_list("person__identities__external_id", flat=True)
    )
    before = case.participants.count()
    for number in range(before, before + by):
        at = now - timedelta(minutes=before + by - number)
        fact = Fact(ME, at, at)
        person = Person.objects.create(name=f"第{number}位联系人", side=Side.CUSTOMER, customer=case.customer)
        cases.add_participant(case=case, person=person, role=Role.CUSTOMER_CONTACT)
        message = say(
            group, senders[0], f"{LONG}{number}", at=at, key=f"long{case.pk}-{number}", attachments=("image",)
        )
        cases.add_material(
            case_id=case.pk, attachments=Attachment.objects.filter(message=message), fact=Fact(ME, at, at, message)
        )  # fmt: skip
        for state in ("requested", "waiting_customer_material"):
            wait = cases.open_wait(
                case=case, state=state, on=person, on_role="customer_contact", need=f"{LONG[:180]}{number}{state}", fact=fact,
                due_at=now + timedelta(hours=number),
            )  # fmt: skip
            if number % 2:
                cases.cancel_wait(wait_id=wait.pk, fact=fact)
        with transaction.atomic():
            cases.owe_writeback(case=case, to=group, about="answer", words=f"{LONG[:200]}{number}", at=at)
        cases.add_note(case_id=case.pk, by=staff, text=f"@{staff.name} {LONG[:400]} {number}", actor=ME, at=at)
        case.refresh_from_db()
        case.title = f"标题{number}"
        case.owner = StaffMember.objects.order_by("pk")[number % 2]
        case.save()
        row = delivery.enqueue(
            conversation=group, kind="reply", purpose="progress_update", text=f"{LONG}{number}", release_hash=delivery.text_hash(f"{LONG}{number}"),
            thread_position=0, idempotency_key=f"grown{case.pk}-{number}", case_ref=case.public_id, actor=ME, at=at,
        )  # fmt: skip
        delivery.deliver_one(outbound_id=row.pk, at=at)
    with transaction.atomic():
        return review.propose(
            conversation=group, case=case, cause=message, reply_kind="other", text=LONG[:2000], reasons=[Reason("automation_level")], actor=ME,
            at=now,
        )  # fmt: skip


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    roles.keep_roles()
    return ready


def asked(client: Client, address: str) -> int:
    forget_all()  # what is remembered for some seconds is read by every one of them
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.once(on="postgres")
def test_a_matter_that_has_grown_long_asks_the_database_no_more(shop: Company) -> None:
    client = client_of(shop.supervisor, "he", roles.SUPERVISOR)
    draft = grow(shop.case, shop.group, shop.handler, by=3)

    def pages() -> dict[str, str]:
        return {
            "case": reverse("admin:cases_servicecase_change", args=[shop.case.pk]),
            "conversation": reverse("admin:conversations_conversation_change", args=[shop.group.pk]),
            "customer": reverse("admin:people_customer_change", args=[shop.case.customer_id]),
            "draft": reverse("admin:review_draft_change", args=[draft.pk]),
            "queue": reverse("admin:review_draft_changelist"),
            "cases": reverse("admin:cases_servicecase_changelist"),
            "to send": reverse("admin:delivery_outbound_changelist") + "?state__exact=prepared",
            "desk": "/admin/",
            "waits": reverse("admin:cases_waitingitem_changelist"),
            "hand over": reverse("admin:cases_waitingitem_hand_over_mine"),
            "identity": reverse(
                "admin:people_identity_change",
                args=[Identity.objects.filter(person=shop.contact).values("pk")[:1].get()["pk"]],
            ),
            "decisions": reverse("admin:triage_decision_changelist"),
            "writebacks": reverse("admin:cases_writeback_changelist"),
            "notes": reverse("admin:cases_casenote_changelist"),
            "search": reverse("find") + "?q=压缩机",
            "what is new": f"/admin/live/?case={shop.case.pk}&conversation={shop.group.pk}&customer={shop.case.customer_id}",
        }

    for address in pages().values():
        client.get(address)
    few = {name: asked(client, address) for name, address in pages().items()}
    draft = grow(shop.case, shop.group, shop.handler, by=24)
    for address in pages().values():
        client.get(address)
    many = {name: asked(client, address) for name, address in pages().items()}
    assert many == few
    assert many["case"] <= 31, many


def test_the_newest_part_of_a_long_story_is_shown_and_the_rest_is_a_click_away(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    address = reverse("admin:cases_servicecase_change", args=[shop.case.pk])
    short = client.get(address).context
    assert short["left_out"] == 0
    grow(shop.case, shop.group, shop.handler, by=20)
    shown = client.get(address)
    whole = client.get(f"{address}?story=all").context
    assert len(shown.context["timeline"]) == STORY and shown.context["left_out"] == len(whole["timeline"]) - STORY > 0
    assert shown.context["timeline"] == whole["timeline"][-STORY:] and whole["left_out"] == 0
    assert "story=all" in shown.content.decode() and not shown.context["faults"]


def test_a_customers_page_begins_with_what_is_open_then_with_what_was_closed_last(shop: Company) -> None:
    now, flow = timezone.now(), shop.case.flow
    ServiceCase.objects.bulk_create(
        ServiceCase(
            number=f"OLD-{number:03}", customer=shop.case.customer, conversation=shop.group, flow=flow, owner=shop.handler, state="completed",
            opened_at=now - timedelta(days=300 - number), closed_at=now - timedelta(days=200 - number), close_reason="done",
        )
        for number in range(MOST + 5)
    )  # fmt: skip
    client = client_of(shop.handler, "lin", roles.HANDLER)
    shown = client.get(reverse("admin:people_customer_change", args=[shop.case.customer_id]))
    numbers = [case.number for case in shown.context["cases"]]
    assert numbers[0] == shop.case.number and numbers[1] == f"OLD-{MOST + 4:03}" and len(numbers) == MOST
    # What is not on the page is one click away, and counted.
    address = f"{reverse('admin:cases_servicecase_changelist')}?customer__id__exact={shop.case.customer_id}"
    assert shown.context["case_count"] == MOST + 6 and address in shown.content.decode()
    assert client.get(address).context["cl"].result_count == MOST + 6
