"""The page of a case: one glance, mentions, the conclusion, evidence to take away; what waits for a tap."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from aijia import roles
from cases import operations as cases
from cases.operations import Fact, mentioned_in
from cases.presenters import entry_words, timeline
from delivery import operations as delivery
from delivery import ports
from delivery.models import Outbound
from evidence.verification import read_record
from people.models import DutyRoster, Shift, StaffMember, is_available, who_is_available
from tests.builders import ME, Company, conversation, say
from tests.desk.test_desk import client_of, outbound

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TO_SEND = "/admin/delivery/outbound/?state__exact=prepared"


@pytest.fixture
def shop(ready: Company, settings: Any) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"
    ports._load.cache_clear()
    roles.keep_roles()
    return ready


def page_of(client: Client, shop: Company) -> str:
    return client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).content.decode()


def act(client: Client, shop: Company, **data: Any) -> None:
    client.post(reverse("admin:cases_servicecase_act", args=[shop.case.pk]), data)


def test_the_glance_says_who_waits_for_whom_what_is_missing_and_what_is_late(shop: Company) -> None:
    now = timezone.now()
    for need, due in (("铭牌照片", now - timedelta(hours=1)), ("发票照片", now + timedelta(hours=3))):
        cases.open_wait(
            case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=need, due_at=due,
            fact=Fact(ME, now - timedelta(days=1), now - timedelta(days=1)), requested_in=shop.partner_group,
        )  # fmt: skip
    client = client_of(shop.handler, "lin", roles.HANDLER)
    context = client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk])).context
    glance = context["glance"]
    assert (glance.first.need, glance.late, glance.more, glance.missing) == ("铭牌照片", 1, 1, ["铭牌照片", "发票照片"])
    assert glance.due.need == "铭牌照片"
    assert any(not ok for ok, _words in context["allowed"])


def test_a_mentioned_colleague_finds_it_on_the_desk_until_it_is_seen(shop: Company) -> None:
    lin, he = client_of(shop.handler, "lin", roles.HANDLER), client_of(shop.supervisor, "he", roles.SUPERVISOR)
    act(lin, shop, do="note", note="@何姐 看一下这单，@没有这个人 也看看")

    def mentioned() -> int:
        rows = [row for _title, rows in he.get("/admin/").context["groups"] for row in rows]
        return next(int(row["count"]) for row in rows if row["number"].key == "mentions")

    assert mentioned() == 1 and 'value="seen"' in page_of(he, shop) and 'value="seen"' not in page_of(lin, shop)
    act(he, shop, do="seen")
    assert mentioned() == 0 and 'value="seen"' not in page_of(he, shop)


def test_of_names_that_begin_alike_the_longer_one_is_meant(shop: Company) -> None:
    longer = StaffMember.objects.create(name="何姐姐")
    assert mentioned_in("@何姐姐 你好") == [longer]
    assert mentioned_in("@何姐 你好") == [shop.supervisor] and mentioned_in("何姐") == []


def test_the_bundle_verifies_offline_and_shows_every_change(shop: Company, tmp_path: Path) -> None:
    say(shop.group, "wmchen", "冰箱不制冷", at=timezone.now())
    cases.add_note(case_id=shop.case.pk, by=shop.handler, text="记一笔", actor=ME, at=timezone.now())
    address = reverse("admin:cases_servicecase_bundle", args=[shop.case.pk])
    assert client_of(shop.handler, "lin", roles.HANDLER).get(address).status_code == 403
    answer = client_of(shop.supervisor, "he", roles.SUPERVISOR).get(address)
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)

    def verify() -> int:
        return subprocess.run(
            [sys.executable, "-I", str(tmp_path / "verify.py")], capture_output=True, check=False
        ).returncode

    assert verify() == 0
    file = tmp_path / "evidence.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert any("记一笔" in entry["body"] for entry in whole["chains"][0]["entries"])
    for tamper in ("body", "at", "hash"):
        data = json.loads(file.read_text(encoding="utf-8"))
        data["chains"][0]["entries"][-1][tamper] += "x"
        kept = file.read_text(encoding="utf-8")
        file.write_text(json.dumps(data), encoding="utf-8")
        assert verify() == 1, tamper
        file.write_text(kept, encoding="utf-8")
    data = json.loads(file.read_text(encoding="utf-8"))
    data["chains"][0]["entries"].pop()
    file.write_text(json.dumps(data), encoding="utf-8")
    assert verify() == 1


def test_no_code_of_ours_stands_in_the_story(shop: Company) -> None:
    from aijia import pump

    say(shop.partner_group, "wmwang", "让陈女士拍一张铭牌照片，型号看清楚，不然配件没法订", at=timezone.now())
    pump.drain(timezone.now(), channel=False)
    body = page_of(client_of(shop.handler, "lin", roles.HANDLER), shop)
    story = body[body.index('id="lanes"') :]
    for code in (">triage<", ">delivery<", ">sweep<", "waiting_customer_material", "cooperation_request"):
        assert code not in story, code


def test_what_we_wrote_stands_in_the_lane_of_those_who_read_it(shop: Company) -> None:
    now = timezone.now()
    for place, text in ((shop.group, "给客户"), (shop.partner_group, "给师傅"), (shop.internal_group, "给同事")):
        for kind in ("notice", "reply"):
            words = f"{text} {kind}"
            row = delivery.enqueue(
                conversation=place, kind=kind, purpose="other", text=words, release_hash=delivery.text_hash(words), thread_position=0,
                idempotency_key=words, case_ref=shop.case.public_id, actor=ME, at=now,
            )  # fmt: skip
            delivery.deliver_one(outbound_id=row.pk, at=now)
    with override("en"):
        lines = timeline(read_record(cases.subject_of(shop.case)).entries)
    found = {
        (word, line.lane, line.kind) for line in lines for word in ("给客户", "给师傅", "给同事") if word in line.words
    }
    assert found == {
        ("给客户", "out", "Notice"), ("给客户", "out", "Sent to the customer"), ("给师傅", "partner", "Notice"), ("给同事", "internal", "Notice"),
    }  # fmt: skip


def test_what_waits_for_a_tap_says_who_may_and_shouts_where_nobody_can(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)
    say(shop.group, "wmchen", "在吗", at=timezone.now())
    row = outbound(shop, "您好，在的", "prepared")
    context = client.get(TO_SEND).context
    ((group, mine),) = context["groups"]
    assert mine and group.here == [shop.handler] and context["nobody"] == 0 and group.texts[0].since == 1
    StaffMember.objects.filter(pk=shop.handler.pk).update(on_duty=False)
    context = client.get(TO_SEND).context
    assert context["nobody"] == 1 and context["groups"][0][0].away == [shop.handler]
    (alarm,) = [one for one in client.get("/admin/").context["alarms"] if one["number"].key == "nobody_sends"]
    assert alarm["count"] == 1 and client.get(alarm["number"].link).context["chosen"].paginator.count == 1
    settle = reverse("admin:delivery_outbound_settle", args=[row.pk])
    client.post(settle, {"do": "could_not", "reason": ""})
    assert Outbound.objects.get().state == "prepared"
    client.post(settle, {"do": "could_not", "reason": "群已解散"})
    settled = Outbound.objects.get()
    assert (settled.state, settled.error_text, settled.settled_by) == ("withdrawn", "群已解散", "林悦")
    assert client.get(TO_SEND).context["groups"] == []
    assert "nobody_sends" not in [one["number"].key for one in client.get("/admin/").context["alarms"]]


def test_many_taps_have_pages_and_the_shout_counts_all_of_them(shop: Company) -> None:
    client = client_of(shop.supervisor, "he", roles.SUPERVISOR)
    alone = conversation("alone", "customer_group", "group", name="没有同事的群")
    for number in range(102):
        outbound(shop, f"第{number}", "prepared")
    late = outbound(shop, "最后", "prepared")
    Outbound.objects.filter(pk=late.pk).update(conversation=alone, prepared_at=timezone.now())
    Outbound.objects.exclude(pk=late.pk).update(prepared_at=timezone.now() - timedelta(hours=1))
    first = client.get(TO_SEND)
    assert first.context["nobody"] == 1 and f"{TO_SEND}&amp;p=2".split("?")[1] in first.content.decode()
    (group, _mine), *_others = client.get(f"{TO_SEND}&p=2").context["groups"]
    assert group.conversation == alone and group.nobody
    only = client.get(f"{TO_SEND}&nobody=1").context
    assert [one.conversation for one, _mine in only["groups"]] == [alone]


def test_the_list_of_taps_asks_the_same_number_of_questions_whatever_its_length(shop: Company) -> None:
    client = client_of(shop.handler, "lin", roles.HANDLER)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(TO_SEND)
        return len(seen)

    outbound(shop, "一", "prepared")
    asked()
    few = asked()
    for number in range(20):
        outbound(shop, f"第{number}", "prepared")
    assert asked() == few


def test_who_is_available_is_the_same_for_many_as_for_one(shop: Company) -> None:
    now = timezone.now()
    off = StaffMember.objects.create(name="歇", on_duty=False)
    left = StaffMember.objects.create(name="走", left_at=now)
    shift = StaffMember.objects.create(name="班")
    later = StaffMember.objects.create(name="晚")
    roster = DutyRoster.objects.create(name="值班", lead=shop.handler)
    Shift.objects.create(
        roster=roster, staff=shift, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )
    Shift.objects.create(
        roster=roster, staff=later, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2)
    )
    everybody = [shop.handler, off, left, shift, later]
    assert who_is_available(everybody, at=now) == {one.pk for one in everybody if is_available(one, at=now)}
    assert who_is_available(everybody, at=now) == {shop.handler.pk, shift.pk}


@pytest.mark.once
def test_what_we_owe_ourselves_reads_as_our_own_list() -> None:
    body = {"what": "open", "need": "答复陈女士", "on": "林悦", "from": "", "to": "requested"}
    with override("zh-hans"):
        assert entry_words("state_change", body) == "我方待办 · 林悦：答复陈女士"
        done = entry_words("state_change", {**body, "from": "requested", "to": "completed"})
        asked = entry_words("state_change", {**body, "to": "waiting_partner_feedback", "on": "王师傅"})
    assert "→" not in done + asked and done.endswith("· 林悦：答复陈女士") and "等合作方" in asked


def test_the_history_of_a_case_is_a_click_away(ready: Company) -> None:
    client = client_of(ready.supervisor, "he", roles.SUPERVISOR)
    page = client.get(reverse("admin:cases_servicecase_change", args=[ready.case.pk])).content.decode()
    link = reverse("admin:cases_servicecase_history", args=[ready.case.pk])
    assert link in page
    answer = client.get(link).content.decode()
    assert 'id="change-history"' in answer and "None" not in answer[answer.index('id="change-history"') :]
