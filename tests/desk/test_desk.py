"""The desk: every number is exactly the list behind it, in eight queries; what is new is found cheaply; the stop of every page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from aijia import roles
from aijia.desk.numbers import NUMBERS
from cases import operations as cases
from cases.operations import Fact
from delivery import operations as delivery
from delivery import ports
from delivery.models import Outbound, Pause
from people.models import Identity, IdentityCertainty, StaffMember, User
from review import operations as review
from review import queue
from review.gate import Reason
from review.models import Draft
from tests.builders import ME, Company, conversation, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    roles.keep_roles()
    return ready


def client_of(staff: StaffMember, name: str, role: str) -> Client:
    staff.user = User.objects.create_user(name, password="x", is_staff=True, display_name=staff.name)
    staff.user.groups.add(Group.objects.get(name=role))
    staff.save()
    client = Client()
    client.force_login(staff.user)
    return client


def outbound(shop: Company, key: str, state: str, *, ago: timedelta = timedelta()) -> Outbound:
    at = timezone.now() - ago
    row = delivery.enqueue(
        conversation=shop.group, kind="reply", purpose="progress_update", text=key, release_hash=delivery.text_hash(key),
        thread_position=0, idempotency_key=key, case_ref=shop.case.public_id, actor=ME, at=at,
    )  # fmt: skip
    Outbound.objects.filter(pk=row.pk).update(state=state)
    return row


def busy_day(shop: Company, *, times: int) -> None:
    """One of everything that a number counts, some times over."""
    now = timezone.now()
    for number in range(times):
        with transaction.atomic():
            for right in ("handler", "supervisor"):
                review.propose(
                    conversation=conversation(f"{right}{number}", "private", "kf", name=f"客{number}"), case=shop.case, cause=None,
                    reply_kind="other", text=f"您好 {number}", reasons=[Reason("automation_level")], required_right=right, actor=ME, at=now,
                )  # fmt: skip
        for due, state in ((now - timedelta(hours=2), "requested"), (now + timedelta(seconds=50), "material_received")):
            cases.open_wait(
                case=shop.case, state=state, on=shop.contact, on_role="customer_contact", need=f"事项{number}", due_at=due,
                fact=Fact(ME, now - timedelta(days=1), now - timedelta(days=1)),
            )  # fmt: skip
        for state in ("prepared", "unknown", "failed"):
            outbound(shop, f"{state}{number}", state)
        outbound(shop, f"queued{number}", "queued", ago=timedelta(hours=1))
        outbound(shop, f"old{number}", "failed", ago=timedelta(days=30))
        with transaction.atomic():
            cases.owe_writeback(case=shop.case, to=shop.partner_group, about="answer", words="好了", at=now)
        cases.add_note(case_id=shop.case.pk, by=shop.supervisor, text=f"@林悦 看一下 {number}", actor=ME, at=now)
        say(shop.group, "wmchen", f"在吗{number}", at=now - timedelta(minutes=30))
        visit = cases.open_case(
            flow=shop.flow, customer=shop.case.customer, conversation=shop.group, owner=shop.handler, title=f"上门{number}", actor=ME, at=now,
        )  # fmt: skip
        cases.note_fact(
            case=visit, message=None, subject="appointment", words="已约定", blocked=False, fact_at=now, at=now,
            appointment_at=timezone.localtime(now).replace(hour=23, minute=59),
        )  # fmt: skip
        decided = review.propose(
            conversation=conversation(f"done{number}", "private", "kf", name=f"了{number}"), case=None, cause=None, reply_kind="other",
            text=f"好的 {number}", reasons=[], actor=ME, at=now,
        )  # fmt: skip
        for outcome in (["edit", "approve"][number % 2],):
            review.decide(
                draft_id=decided.pk,
                by=shop.supervisor,
                do=outcome,
                actor=ME,
                at=now,
                text=f"好的呀 {number}" if outcome == "edit" else "",
            )
        Identity.objects.create(
            account="x", external_id=f"u{number}", person=shop.contact, certainty=IdentityCertainty.UNKNOWN
        )


def rows_behind(client: Client, link: str) -> int:
    answer = client.get(link)
    assert answer.status_code == 200, link
    if "cl" in answer.context:
        return int(answer.context["cl"].result_count)
    return int(answer.context["chosen"].paginator.count)


@pytest.mark.parametrize(("who", "role"), [("handler", roles.HANDLER), ("supervisor", roles.SUPERVISOR)])
def test_every_number_is_the_list_behind_it(shop: Company, who: str, role: str) -> None:
    busy_day(shop, times=2)
    client = client_of(getattr(shop, who), who, role)
    context = client.get("/admin/").context
    shown = [row for _title, rows in context["groups"] for row in rows] + context["alarms"]
    counted = {row["number"].key: row["count"] for row in shown}
    assert {key for key, number in counted.items() if number} >= {
        "drafts", "late", "today", "to_send", "cases", "visits", "untold", "unmatched", "unknown", "failed", "stuck_out", "stuck_in",
    }  # fmt: skip
    assert counted["failed"] == 2  # those of a month ago are history
    for row in shown:
        assert rows_behind(client, row["number"].link) == row["count"], row["number"].key
    assert counted["visits"] == 2
    bars = [bar for chart in context["week"] for bar in chart["bars"]]
    sums = [total for chart in context["week"] for total in chart["totals"]]
    assert len(bars) >= 3 and sum(bar["n"] for bar in bars) == sum(total["n"] for total in sums)
    for one in (*bars, *sums):
        assert rows_behind(client, one["link"]) == one["n"], one
    assert {one["n"] for one in sums if "outcome=approve" in one["link"] or "outcome=edit" in one["link"]} == {1}
    for line in context["load"]:
        assert (
            rows_behind(client, line["link"]) == line["open"] and rows_behind(client, line["late_link"]) == line["late"]
        )


def test_the_desk_begins_as_the_queue_does(shop: Company) -> None:
    now = timezone.now()
    for number, hours in enumerate((None, 40, 1, None)):
        place = conversation(f"w{number}", "private", "kf", name=f"客{number}")
        if hours is not None:
            place.kf_window_until = now + timedelta(hours=hours)
            place.save()
        with transaction.atomic():
            review.propose(
                conversation=place, case=None, cause=None, reply_kind="faq_answer", text=f"您好 {number}", reasons=[], actor=ME,
                at=now - timedelta(minutes=9 - number),
            )  # fmt: skip
    client = client_of(shop.supervisor, "he", roles.SUPERVISOR)
    shown = client.get("/admin/").context["drafts"]
    queued = [row.pk for row in queue.in_order(Draft.objects.pending(), at=now)]
    assert [entry.ref for entry, _kind in shown] == queued[:7]
    assert [entry.title for entry, _kind in shown] == ["客2", "客1", "客0", "客3"]
    assert [entry.gravity for entry, _kind in shown] == [1, 2, 2, 2]


def test_what_is_mine_is_mine(shop: Company) -> None:
    busy_day(shop, times=3)
    handler, supervisor = (
        client_of(shop.handler, "lin", roles.HANDLER),
        client_of(shop.supervisor, "he", roles.SUPERVISOR),
    )

    def numbers(client: Client) -> dict[str, int]:
        return {row["number"].key: row["count"] for _t, rows in client.get("/admin/").context["groups"] for row in rows}

    mine, hers = numbers(handler), numbers(supervisor)
    assert (mine["my_waits"], mine["my_late"], mine["to_check"], mine["mentions"]) == (6, 3, 3, 3)
    assert "supervisor_drafts" not in mine and hers["supervisor_drafts"] == 3
    assert (hers["my_waits"], hers["mentions"]) == (0, 0)
    assert {number.key for number in NUMBERS} >= set(mine) | set(hers)


@pytest.mark.once(on="postgres")
def test_the_desk_needs_eight_queries_whatever_the_volume(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)

    def asked() -> int:
        client.get("/admin/")  # what is remembered for some seconds is remembered
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/admin/").status_code == 200
        return len(seen)

    busy_day(shop, times=1)
    asked()
    few = asked()
    Identity.objects.filter(account="x").delete()
    more = company_like(shop)
    assert few <= 8 and asked() == few, few
    assert more


def company_like(shop: Company) -> int:
    """Much more of what the lists show."""
    now = timezone.now()
    with transaction.atomic():
        for number in range(40):
            review.propose(
                conversation=conversation(f"more{number}", "private", "kf", name=f"客{number}"), case=None, cause=None,
                reply_kind="faq_answer", text=f"您好 {number}", reasons=[], actor=ME, at=now,
            )  # fmt: skip
            cases.open_wait(
                case=shop.case, state="requested", on=shop.contact, on_role="customer_contact", need=f"更多{number}",
                due_at=now - timedelta(hours=number), fact=Fact(ME, now - timedelta(days=3), now - timedelta(days=3)),
            )  # fmt: skip
    return 40


def test_who_comes_today_stands_on_the_desk_as_it_was_agreed_last(shop: Company) -> None:
    client, now = client_of(shop.handler, "lin", roles.HANDLER), timezone.localtime()

    def agree(moment: datetime, said: datetime) -> None:
        cases.note_fact(
            case=shop.case, message=None, subject="appointment", words="约好", blocked=False, fact_at=said, at=now, appointment_at=moment,
        )  # fmt: skip

    def listed() -> list[int]:
        return [entry.ref for entry in client.get("/admin/").context["visits"]]

    today = now.replace(hour=23, minute=58)
    agree(today + timedelta(days=1), now - timedelta(hours=2))
    assert listed() == []
    agree(today, now - timedelta(hours=1))
    assert listed() == [shop.case.pk]
    agree(today + timedelta(days=1), now - timedelta(hours=3))  # written earlier, arrived late
    assert listed() == [shop.case.pk]
    cases.cancel_case(case_id=shop.case.pk, fact=Fact(ME, now, now, None, "other"), note="客户不修了")
    assert listed() == []


def test_a_draft_that_somebody_looks_at_says_what_becomes_of_it(shop: Company) -> None:
    client, now = client_of(shop.handler, "lin", roles.HANDLER), timezone.now()

    def propose(text: str) -> Draft:
        with transaction.atomic():
            return review.propose(
                conversation=shop.group,
                case=shop.case,
                cause=None,
                reply_kind="other",
                text=text,
                reasons=[],
                actor=ME,
                at=now,
            )

    old = propose("您好")
    page = client.get(reverse("admin:review_draft_change", args=[old.pk]))
    address = f"/admin/live/?draft={old.pk}&conversation={shop.group.pk}"
    marks = json.loads(client.get(address).content)["marks"]
    # What the page was made from is what stands now: nothing that comes in between is missed.
    assert f'data-was="{marks["draft"]}"' in page.content.decode() and marks["draft"].startswith("pending-")
    assert f'data-mark="messages" data-was="{marks["messages"]}"' in page.content.decode()
    say(shop.group, "wmchen", "在吗", at=now)
    assert json.loads(client.get(address).content)["marks"]["messages"] != marks["messages"]
    # Who comes second is told who works on it, and not that they may release it.
    second = client_of(shop.supervisor, "he", roles.SUPERVISOR)
    allowed = second.get(reverse("admin:review_draft_change", args=[old.pk])).context["allowed"]
    assert (False, f"{shop.handler.name} 正在处理这条草稿。") in allowed and not any(
        "放行，" in words for ok, words in allowed if ok
    )
    newer = propose("您好，刚看到")
    old.refresh_from_db()
    if old.state == "pending":
        with transaction.atomic():
            old.supersede(at=now)
            old.save()
    assert json.loads(client.get(address).content)["marks"]["draft"].startswith("superseded-")
    again = client.get(reverse("admin:review_draft_change", args=[old.pk])).content.decode()
    assert reverse("admin:review_draft_change", args=[newer.pk]) in again and 'value="approve"' not in again
    shop.handler.visibility = "own"
    shop.handler.save()
    shop.case.owner = shop.supervisor
    shop.case.save()
    shop.group.members.all().delete()
    assert json.loads(client.get(address).content)["marks"]["draft"] == ""


def test_a_message_that_was_found_is_shown_where_it_was_said(shop: Company) -> None:
    client, now = client_of(shop.handler, "lin", roles.HANDLER), timezone.now()
    said = [say(shop.group, "wmchen", f"第{number}句", at=now + timedelta(seconds=number)) for number in range(240)]
    page = client.get(
        reverse("admin:conversations_conversation_change", args=[shop.group.pk]), {"message": said[70].pk}
    )
    shown = [message.pk for message in page.context["rows"]]
    assert said[70].pk in shown and said[90].pk in shown and said[40].pk in shown and not page.context["newest"]
    assert f'aj-cause" id="m{said[70].pk}"' in page.content.decode()
    later = client.get(
        reverse("admin:conversations_conversation_change", args=[shop.group.pk]), {"before": page.context["later"]}
    )
    assert later.context["rows"][0].pk == shown[-1] + 1
    elsewhere = say(shop.internal_group, "he", "开会", at=now)
    page = client.get(
        reverse("admin:conversations_conversation_change", args=[shop.group.pk]), {"message": elsewhere.pk}
    )
    assert page.context["newest"] and elsewhere.pk not in [message.pk for message in page.context["rows"]]


def test_decided_drafts_are_a_list_with_their_outcomes(shop: Company) -> None:
    busy_day(shop, times=2)
    client = client_of(shop.handler, "lin", roles.HANDLER)
    address = reverse("admin:review_draft_changelist")
    assert rows_behind(client, f"{address}?everything=1") == Draft.objects.count()
    assert rows_behind(client, f"{address}?everything=1&outcome=edit") == 1
    assert rows_behind(client, f"{address}?everything=1&outcome=against") == 0


def test_nothing_new_is_said_in_one_word(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    first = client.get("/admin/live/")
    assert client.get("/admin/live/", headers={"if-none-match": first["ETag"]}).status_code == 304
    busy_day(shop, times=1)
    second = client.get("/admin/live/", headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200 and json.loads(second.content)["counts"]["drafts"] == 2
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/admin/live/?conversation={shop.group.pk}")
    assert len(seen) <= 9


def test_a_message_is_noticed_and_only_by_who_may_see_it(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    address = f"/admin/live/?conversation={shop.internal_group.pk}"
    before = json.loads(client.get(address).content)["marks"]["messages"]
    say(shop.internal_group, "he", "开会", at=timezone.now())
    assert json.loads(client.get(address).content)["marks"]["messages"] != before
    shop.handler.visibility = "own"
    shop.handler.save()
    shop.internal_group.members.all().delete()
    assert "messages" not in json.loads(client.get(address).content)["marks"]


def test_what_is_recorded_about_a_case_is_noticed_on_its_page(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    page = reverse("admin:cases_servicecase_change", args=[shop.case.pk])
    address = f"/admin/live/?case={shop.case.pk}"

    def mark() -> str:
        return str(json.loads(client.get(address).content)["marks"]["case"])

    before = mark()
    assert f'data-mark="case" data-was="{before}"' in client.get(page).content.decode()
    assert mark() == before  # looking is nothing new
    cases.add_note(case_id=shop.case.pk, by=shop.supervisor, text="看一下", actor=ME, at=timezone.now())
    assert mark() != before
    assert f'data-was="{mark()}"' in client.get(page).content.decode()
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    assert len(seen) <= 9
    shop.handler.visibility = "own"
    shop.handler.save()
    shop.case.owner = shop.supervisor
    shop.case.save()
    shop.group.members.all().delete()
    assert mark() == "0"


def test_the_stop_holds_within_a_second_and_stands_on_every_page(shop: Company) -> None:
    supervisor, handler = (
        client_of(shop.supervisor, "he", roles.SUPERVISOR),
        client_of(shop.handler, "lin", roles.HANDLER),
    )
    row = outbound(shop, "您好", "queued")
    handler.post(reverse("admin:delivery_pause_stop"), {"reason": "不行"})
    assert not Pause.objects.exists()
    supervisor.post(reverse("admin:delivery_pause_stop"), {"reason": ""})
    assert not Pause.objects.exists()
    supervisor.post(reverse("admin:delivery_pause_stop"), {"reason": "发错了，先停"})
    assert not delivery.deliver_one(outbound_id=row.pk, at=timezone.now())
    for page in ("/admin/", reverse("admin:cases_servicecase_changelist"), reverse("admin:people_customer_changelist")):
        assert "发错了，先停" in handler.get(page).content.decode(), page
    pause = Pause.objects.get()
    handler.post(reverse("admin:delivery_pause_lift", args=[pause.pk]))
    pause.refresh_from_db()
    assert pause.lifted_at is None
    answer = supervisor.post(
        reverse("admin:delivery_pause_lift", args=[pause.pk]), {"back": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/admin/"
    assert delivery.deliver_one(outbound_id=row.pk, at=timezone.now())


def test_a_pause_of_a_flow_holds_what_belongs_to_its_cases(shop: Company) -> None:
    row = outbound(shop, "您好", "queued")
    pause = delivery.pause(scope="flow", key=shop.flow.key, reason="换供应商", by="何姐", at=timezone.now())
    assert not delivery.deliver_one(outbound_id=row.pk, at=timezone.now())
    delivery.lift_pause(pause_id=pause.pk, by="何姐", at=timezone.now())
    assert delivery.deliver_one(outbound_id=row.pk, at=timezone.now())


def test_who_only_looks_has_the_numbers_of_everybody_and_nothing_to_begin_with(shop: Company) -> None:
    busy_day(shop, times=2)
    worker, looker = client_of(shop.handler, "lin", roles.HANDLER), client_of(shop.supervisor, "audit", roles.AUDITOR)

    def groups(client: Client) -> list[set[str]]:
        return [{row["number"].key for row in rows} for _title, rows in client.get("/admin/").context["groups"]]

    mine, theirs = groups(worker), groups(looker)
    assert {"drafts", "my_waits", "my_late", "mentions"} <= mine[0]
    assert {"mentions"} in theirs and any({"drafts", "late"} <= one for one in theirs)
    assert not any("my_waits" in one for one in theirs)
    assert worker.get("/admin/").context["decides"] and not looker.get("/admin/").context["decides"]


def test_the_page_of_a_customer_notices_what_is_new_and_shows_it_to_who_may_see_it(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    customer = shop.case.customer
    page = client.get(reverse("admin:people_customer_change", args=[customer.pk]))
    address = f"/admin/live/?customer={customer.pk}"

    def mark() -> str:
        return str(json.loads(client.get(address).content)["marks"]["customer"])

    assert page.context["mark"] == mark() and f'data-was="{mark()}"' in page.content.decode()
    was = mark()
    say(shop.group, "wmchen", "在吗", at=timezone.now())
    assert mark() != was
    was = mark()
    cases.add_note(case_id=shop.case.pk, by=shop.handler, text="已回电", actor=ME, at=timezone.now())
    cases.owe_ourselves(
        case_id=shop.case.pk,
        need="回电",
        need_kind="action",
        due_at=None,
        fact=cases.Fact(ME, timezone.now(), timezone.now()),
    )
    assert mark() != was
    own = StaffMember.objects.create(name="只看自己", visibility="own")
    other = client_of(own, "own", roles.HANDLER)
    assert json.loads(other.get(address).content)["marks"]["customer"] == "0-0-0-0"


def test_who_only_looks_offers_nothing_to_the_editors(shop: Company) -> None:
    auditor = StaffMember.objects.create(name="审计", visibility="all")
    looks, works = client_of(auditor, "audit", roles.AUDITOR), client_of(shop.handler, "lin", roles.HANDLER)
    page, offer = (
        reverse(name, args=[shop.case.pk])
        for name in ("admin:cases_servicecase_change", "admin:knowledge_proposal_from_case")
    )
    assert offer in works.get(page).content.decode() and works.get(offer).status_code == 200
    assert offer not in looks.get(page).content.decode()
    assert looks.get(offer).status_code == looks.post(offer).status_code == 403


def test_a_text_is_called_by_what_it_is_for_and_a_part_of_the_product_by_what_it_does(shop: Company) -> None:
    row = outbound(shop, "p1", "prepared")
    Outbound.objects.filter(pk=row.pk).update(released_by={"kind": "machine", "ref": "triage", "label": "triage"})
    client = client_of(shop.handler, "lin", roles.HANDLER)
    page = client.get(reverse("admin:delivery_outbound_change", args=[row.pk]))
    assert str(row.conversation) in page.context["title"] and row.text not in page.context["title"]
    assert (
        "· triage"
        not in client.get(reverse("admin:delivery_outbound_changelist") + "?state__exact=prepared").content.decode()
    )


def test_the_menu_asks_nothing_of_who_only_looks(shop: Company) -> None:
    busy_day(shop, times=1)
    auditor = StaffMember.objects.create(name="审计", visibility="all")
    counts = json.loads(client_of(auditor, "audit", roles.AUDITOR).get("/admin/live/").content)["counts"]
    assert "drafts" not in counts and "to_send" not in counts and "late" in counts
    queue = client_of(auditor, "audit2", roles.AUDITOR).get(reverse("admin:review_draft_changelist"))
    assert queue.context["rows"] and not any(row["may_tick"] for row in queue.context["rows"])
