"""The figures of a week: what is counted, the rows behind every number, who may see them, and the files."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from aijia import roles
from cases import operations as cases
from cases.facts import note_service_fact, note_wrong_send
from cases.models import Reminder, ServiceCase, ServiceFact, ServiceFlow
from cases.operations import Fact
from delivery.models import Outbound
from metrics.admin import ServiceFactAdmin
from metrics.figures import LINES, Figure, figures
from metrics.presenters import length_words
from metrics.weeks import Week
from people.models import StaffMember, Team, User, Visibility
from tests.builders import ME, NINE, Company

pytestmark = pytest.mark.django_db
WEEK = Week.of(NINE)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(ready: Company) -> Company:
    """A company with facts of every kind in one week, and some in the week before and after."""
    told(ready, 10, 20, 90)
    told(ready, 7, at=NINE - timedelta(days=7))
    told(ready, 5, at=NINE + timedelta(days=7))
    wait = cases.open_wait(
        case=ready.case, state="waiting_customer_material", on=ready.contact, on_role="customer_contact", need="=1+1 铭牌照片",
        fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    cases.complete_wait(wait_id=wait.pk, fact=Fact(ME, NINE + 100 * MINUTE, NINE + 100 * MINUTE))
    for number, ok in enumerate((True, True, True, False)):
        note(ready, "first_clear", f"q{number}", ok=ok)
    note(ready, "missed_answer", "m")
    note(ready, "repeated_ask", "r")
    note(ready, "relayed", "rel", detail="partner", released_at=NINE + 5 * MINUTE)
    note(ready, "paused", "p", wait=wait)
    for how in ("recalled", "flagged", "flagged"):
        ref = f"{how}{ServiceFact.objects.count()}"
        note_wrong_send(
            case=ready.case, delivered_at=NINE, at=NINE + MINUTE, how=how, ref=ref, words="发错了", actor=ME
        )
    note_wrong_send(case=None, delivered_at=NINE, at=NINE + MINUTE, how="corrected", ref="nocase")
    for stage, who in (("owner", ready.handler), ("supervisor", ready.supervisor)):
        Reminder.objects.create(
            wait=wait, stage=stage, occurrence_at=NINE, recipient=who, at=NINE + MINUTE, recorded_at=NINE, told_at=NINE
        )
    return ready


def told(shop: Company, *minutes: int, at: datetime = NINE) -> None:
    for number in minutes:
        note_service_fact(
            kind="told", case=shop.case, started_at=at, released_at=at + (number - 4) * MINUTE, ended_at=at + number * MINUTE, detail="completion",
            ref=f"told{at:%m%d}-{number}",
        )  # fmt: skip


def note(shop: Company, kind: str, ref: str, **more: Any) -> None:
    note_service_fact(kind=kind, case=shop.case, started_at=NINE, ended_at=NINE + 30 * MINUTE, ref=ref, **more)


def arrived(shop: Company, key: str, **more: Any) -> None:
    values: dict[str, Any] = {"kind": "reply", "delivered_at": NINE + MINUTE, **more}
    Outbound.objects.create(
        conversation=shop.group, purpose="other", text="已到", release_hash="x", idempotency_key=key, state="confirmed",
        released_at=NINE, **values,
    )  # fmt: skip


def found(week: Week = WEEK, **more: Any) -> dict[str, Figure]:
    rows = {"facts": ServiceFact.objects.all(), "reminders": Reminder.objects.all(), "texts": Outbound.objects.all()}
    return {one.line.key: one for one in figures(week, **{**rows, **more})}


def sign_in(role: str, *, visibility: str = Visibility.ALL, team: str = "", language: str = "en") -> Client:
    roles.keep_roles()
    user = User.objects.create_user(f"{role}{visibility}", password="x", is_staff=True, language=language)
    user.groups.set(Group.objects.filter(name=role))
    mates = Team.objects.get_or_create(name=team)[0] if team else None
    StaffMember.objects.create(user=user, name=role, visibility=visibility, team=mates)
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def test_weeks_begin_on_mondays_by_the_clock_of_the_place() -> None:
    assert Week.of(datetime.fromisoformat("2026-05-17T23:59:59+08:00")).key == "2026-W20"
    assert Week.of(datetime.fromisoformat("2026-05-17T16:00:00+00:00")).key == "2026-W21", "it is Monday in Shanghai"
    assert Week.of(datetime.fromisoformat("2027-01-01T12:00:00+08:00")).key == "2026-W53"
    assert (
        Week.parse("2026-W53") == Week(date(2026, 12, 28)) and Week.parse("2026-W53") == Week.parse("2027-W01").previous
    )  # type: ignore[union-attr]
    assert [Week.parse(words) for words in ("2026-W54", "2026-W00", "2025-W53", "20", "", "2026-W1", "9999-W99")] == [
        None
    ] * 7


def test_counts_lengths_and_shares_are_right_and_stand_beside_the_week_before(shop: Company) -> None:
    one = found()
    assert (one["told"].now.count, one["told"].before.count, found(WEEK.next)["told"].before.count) == (3, 1, 3)
    assert (one["told"].now.half, one["told"].now.most, one["told"].now.tap) == (20 * MINUTE, 90 * MINUTE, 4 * MINUTE)
    assert one["told"].before.half == 7 * MINUTE
    assert (one["relayed"].now.half, one["relayed"].now.tap) == (30 * MINUTE, 25 * MINUTE)
    assert (one["asked_progress"].now.count, one["first_clear"].now.count, one["first_clear"].now.share) == (4, 3, 0.75)
    assert (one["missed"].now.count, one["repeated"].now.count, one["paused"].now.count) == (1, 1, 1)
    assert (one["wrong"].now.count, one["flagged"].now.count, one["flagged"].now.share) == (4, 2, 0.5)
    assert (one["owner"].now.count, one["supervisor"].now.count) == (1, 1)
    assert (one["in_waiting_customer_material"].now.count, one["in_waiting_customer_material"].now.half) == (
        1,
        100 * MINUTE,
    )
    assert found(WEEK.previous.previous)["told"].now.half is None


@pytest.mark.parametrize(
    ("minutes", "half", "most"),
    [([1], 1, 1), ([1, 9], 1, 9), (list(range(1, 11)), 5, 9), (list(range(1, 101)), 50, 90)],
)
def test_half_and_nine_of_ten_are_lengths_that_were_measured(
    ready: Company, minutes: list[int], half: int, most: int
) -> None:
    told(ready, *minutes)
    value = found()["told"].now
    assert (value.half, value.most) == (half * MINUTE, most * MINUTE)


def test_the_edges_of_a_week_belong_to_one_week_each(ready: Company) -> None:
    for ref, at in {
        "first": WEEK.starts_at,
        "last": WEEK.ends_at - timedelta(microseconds=1),
        "next": WEEK.ends_at,
    }.items():
        note_service_fact(kind="missed_answer", case=ready.case, started_at=NINE, ended_at=at, ref=ref)
    assert found()["missed"].now.count == 2
    assert (found(WEEK.next)["missed"].now.count, found(WEEK.next)["missed"].before.count) == (1, 2)


def test_it_asks_the_same_number_of_questions_whatever_there_is(shop: Company, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6):
        found()


def test_every_number_of_the_page_leads_to_exactly_its_rows(shop: Company) -> None:
    arrived(shop, "k", case_ref=shop.case.public_id)
    arrived(shop, "about no case")
    client = sign_in(roles.MANAGER)
    for query in ("", f"&flow={shop.flow.pk}"):
        page = client.get(f"{reverse('admin:cases_servicefact_week')}?week={WEEK.key}{query}")
        assert page.status_code == 200
        text = page.content.decode()
        numbers = re.findall(
            r'data-figure="(\w+)".*?<a class="[^"]*" href="([^"]+)">(\d+)</a>',
            re.sub(r"\n", " ", text).replace("<tr", "\n<tr"),
        )
        assert len(numbers) > 14 - 2 * bool(query), numbers
        assert {key: number for key, _link, number in numbers}["delivered"] == ("1" if query else "2")
        for key, link, number in numbers:
            rows = client.get(link.replace("&amp;", "&"))
            assert rows.status_code == 200, (key, link)
            assert rows.context["cl"].result_count == int(number), (key, link)


def test_a_flow_counts_only_its_own(shop: Company) -> None:
    other = ServiceFlow.objects.create(
        key="other", name="另一种", service_context="none", calendar=shop.flow.calendar, supervisor=shop.supervisor, fallback_owner=shop.handler,
    )  # fmt: skip
    assert found(flow=shop.flow.pk)["told"].now.count == 3 and found(flow=shop.flow.pk)["wrong"].now.count == 3
    assert {one.now.count for one in found(flow=other.pk).values()} == {0}
    arrived(shop, "about its case", case_ref=shop.case.public_id)
    arrived(shop, "about no case")
    arrived(shop, "a notice", case_ref=shop.case.public_id, kind="notice")
    arrived(shop, "next week", case_ref=shop.case.public_id, delivered_at=WEEK.ends_at)
    counts = [found(flow=flow)["delivered"].now.count for flow in (shop.flow.pk, other.pk, None)]
    assert counts == [1, 0, 2], "by the flow of the case that a text is about"
    ServiceCase.objects.update(flow=other)
    assert found(flow=other.pk)["delivered"].now.count == 1, "as the case is sorted now"


@pytest.mark.parametrize(
    ("role", "may"),
    [(role, role in (roles.SUPERVISOR, roles.MANAGER, roles.AUDITOR, roles.ADMINISTRATOR)) for role in roles.ROLES],
)
def test_the_roles_that_answer_for_the_work_see_figures_and_no_others(shop: Company, role: str, may: bool) -> None:
    client = sign_in(role)
    places = [
        "cases_servicefact_week",
        "cases_servicefact_export",
        "cases_servicefact_changelist",
        "cases_reminder_changelist",
    ]
    assert {client.get(reverse(f"admin:{place}")).status_code for place in places} == {200 if may else 403}
    assert ("/servicefact/week/" in client.get("/admin/").content.decode()) is may


def test_another_team_counts_nothing_of_ours(shop: Company) -> None:
    client = sign_in(roles.SUPERVISOR, visibility=Visibility.TEAM, team="二组")
    page = client.get(f"{reverse('admin:cases_servicefact_week')}?week={WEEK.key}")
    assert "of cases that you may see" in page.content.decode() and "Nothing has been measured" in page.content.decode()
    file = client.get(f"{reverse('admin:cases_servicefact_export')}?week={WEEK.key}&format=csv").content.decode(
        "utf-8-sig"
    )
    assert shop.case.number not in file and "铭牌" not in file
    assert client.get(reverse("admin:cases_servicefact_changelist")).context["cl"].result_count == 0


def test_the_files_hold_the_figures_and_every_row_behind_them(shop: Company, tmp_path: Path) -> None:
    client = sign_in(roles.MANAGER, language="zh-hans")
    place = f"{reverse('admin:cases_servicefact_export')}?week={WEEK.key}"
    answer = client.get(f"{place}&format=xlsx")
    assert answer["Content-Disposition"] == 'attachment; filename="figures-2026-W20.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    numbers, rows = (list(book[name].iter_rows(values_only=True)) for name in book.sheetnames)
    assert len(numbers) == 1 + len(LINES)
    line = next(row for row in numbers if row[1] == "完成到通知提出方")
    assert line[2:] == (3, None, 20, 90, 4, 1, 7)
    count = ServiceFact.objects.filter(ended_at__gte=WEEK.starts_at, ended_at__lt=WEEK.ends_at).count() + 2
    assert len(rows) == 1 + count
    need = [row for row in rows if row[4] == "=1+1 铭牌照片"]
    assert need and book[book.sheetnames[1]].cell(rows.index(need[0]) + 1, 5).data_type == "s"
    text = client.get(f"{place}&format=csv").content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == len(numbers) + 1 + len(rows) and "'=1+1 铭牌照片" in {row[4] for row in lines if len(row) > 4}

    out = tmp_path / "week.xlsx"
    call_command("weekly_figures", str(out), week=WEEK.key, stdout=io.StringIO())
    again = openpyxl.load_workbook(out)
    assert list(again[again.sheetnames[0]].iter_rows(values_only=True)) == numbers
    for bad in ((str(tmp_path / "week.pdf"), WEEK.key), (str(out), "soon")):
        with pytest.raises(CommandError):
            call_command("weekly_figures", bad[0], week=bad[1])


def test_without_a_week_the_running_one_is_shown_and_none_after_it(shop: Company) -> None:
    client = sign_in(roles.MANAGER)
    for query in ("", "?week=nonsense&flow=nonsense", "?flow=99999999999999999999"):
        page = client.get(reverse("admin:cases_servicefact_week") + query).content.decode()
        assert "This week, still running" in page and "Week after" not in page
        assert f"week={Week.of(timezone.now()).previous.key}" in page


def test_lengths_are_read_at_a_glance() -> None:
    from django.utils.translation import override

    with override("en"):
        words = [length_words(timedelta(minutes=minutes)) for minutes in (0, 8, 200, 47 * 60 + 59, 52 * 60)]
        assert words == ["under a minute", "8 min", "3 h 20 min", "47 h 59 min", "2 d 4 h"]
        assert length_words(None) == "—"


def test_why_a_send_was_wrong_is_said_in_words_and_not_as_a_code() -> None:
    page = ServiceFactAdmin(ServiceFact, site)
    fact = ServiceFact(words="wrong_tone: 太生硬")
    with override("en"):
        assert page.why(fact) == "Its tone was wrong: 太生硬"
    with override("zh-hans"):
        assert page.why(fact).endswith("：太生硬") and "wrong_tone" not in page.why(fact)
    assert page.why(ServiceFact(words="手工更正")) == "手工更正"
