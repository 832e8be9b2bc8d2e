"""What one can read: who waits for whom, what was said, why a text is held, what is on record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from cases import operations as cases
from cases.models import ServiceCase, WaitingItem
from cases.operations import Fact
from cases.presenters import who_words
from delivery.operations import enqueue, text_hash
from evidence.hashing import body_digest, canonical, entry_hash
from evidence.models import Entry, EntryBody
from evidence.operations import erase_body, record
from foundation.remembering import forget_all
from knowledge.models import KnowledgeVersion
from knowledge.operations.life import seed
from people.models import Customer, Identity, Person, StaffMember
from review import operations as review
from review.gate import Reason
from tests.api.conftest import Caller, Make
from tests.builders import ACCOUNT, ME, Company, conversation, say
from triage.models import Decision

pytestmark = pytest.mark.django_db
LISTS = (
    "/cases/", "/waits/", "/conversations/", "/decisions/", "/drafts/", "/outbound/", "/customers/", "/people/", "/staff/", "/knowledge/",
)  # fmt: skip


def test_a_case_answers_who_waits_for_whom(shop: Company, handler: Caller) -> None:
    row = handler.rows("/cases/", state="open")[0]
    assert (row["number"], row["customer"]["name"], row["flow"]["key"]) == (shop.case.number, "陈女士", "repair")
    wait = next(one for one in row["waits"] if one["need"] == "铭牌照片")
    assert (wait["waiting_on"]["name"], wait["owner"]["name"], wait["overdue"]) == ("陈女士", "林悦", False)
    whole = handler.get(f"/cases/{row['id']}/").json()
    assert {one["role"] for one in whole["participants"]} == {"customer_contact", "fulfillment_partner"}
    assert [one["id"] for one in whole["conversations"]] == [str(shop.group.public_id)]
    assert handler.get(f"/cases/{row['id']}/notes/").json()[0]["text"] == "客户着急"


def test_nothing_is_named_by_a_row_number(shop: Company, handler: Caller) -> None:
    def integers(value: Any, place: str = "") -> set[str]:
        if isinstance(value, dict):
            return {found for key, inner in value.items() for found in integers(inner, key)}
        if isinstance(value, list):
            return {found for inner in value for found in integers(inner, place)}
        return {place} if isinstance(value, int) and not isinstance(value, bool) else set()

    found: set[str] = set()
    for path in LISTS:
        answer = handler.get(path).json()
        found |= integers(answer["results"])
        for row in answer["results"]:
            assert len(row["id"]) == 36
            found |= integers(handler.get(f"{path}{row['id']}/").json())
    assert found <= {
        "position", "last_position", "reopened_count", "count_needed", "count_received", "number", "attempt_count", "kf_replies_left", "others", "overdue",
    }  # fmt: skip


def test_conclusions_tell_how_a_case_ended_each_time(shop: Company, handler: Caller) -> None:
    path = f"/cases/{shop.case.public_id}/"
    handler.post(f"{path}cancel/", {"reason": "duplicate", "note": "开重了"})
    handler.post(f"{path}reopen/", {"note": "没有重"})
    handler.post(f"{path}cancel/", {"note": "不修了"})
    found = handler.get(path).json()["conclusions"]
    assert [(one["to"], one["reason"], one["note"]) for one in found] == [
        ("cancelled", "duplicate", "开重了"), ("cancelled", "customer_declined", "不修了"),
    ]  # fmt: skip
    assert found[0]["by"] == "林悦 (API: ERP)"


def test_the_story_of_a_case_is_told_in_the_callers_language(shop: Company, handler: Caller) -> None:
    path = f"/cases/{shop.case.public_id}/timeline/"
    chinese = handler.get(path, {"Accept-Language": "zh-hans"}).json()["results"]
    english = handler.get(path, {"Accept-Language": "en"}).json()["results"]
    assert [line["seq"] for line in english] == list(range(1, len(english) + 1))
    assert [line["kind"] for line in chinese] == [line["kind"] for line in english]
    assert english[0]["kind_label"] == "Moved on" and chinese[0]["kind_label"] != "Moved on"
    # What a part of the product did is told as the page of the case tells it, not by the name of that part.
    entry = Entry.objects.filter(chain__subject_ref=shop.case.public_id, actor__kind="machine").order_by("seq")[0]
    said = [lines[entry.seq - 1]["who"] for lines in (english, chinese)]
    with override("en"):
        assert said[0] == who_words(entry.actor) != entry.actor["label"]
    with override("zh-hans"):
        assert said[1] == who_words(entry.actor) != said[0]


def test_codes_stay_and_words_follow_the_language(shop: Company, handler: Caller) -> None:
    for language, label in (("en", "Open"), ("zh-hans", "进行中")):
        row = handler.get("/cases/", {"Accept-Language": language}).json()["results"][0]
        assert row["state"] == "open"
        if language == "en":
            assert row["state_label"] == label
        else:
            assert row["state_label"] != "Open"
    reason = handler.rows("/drafts/", state="pending")[0]["reasons"][0]
    assert reason["code"] and reason["words"] and reason["code"] != reason["words"]


def test_evidence_can_be_recomputed_from_the_answer(shop: Company, handler: Caller) -> None:
    path = f"/cases/{shop.case.public_id}/evidence/"
    entries, prev = [], ""
    answer = handler.get(path, page_size=2).json()
    while True:
        entries += answer["results"]
        if not answer["next"]:
            break
        answer = handler.client.get(answer["next"], headers=handler.headers).json()
    assert len(entries) > 3 and [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        assert body_digest(entry["salt"], canonical(entry["body"])) == entry["body_digest"]
        assert entry["prev_hash"] == prev
        prev = entry_hash(
            seq=entry["seq"], kind=entry["kind"], actor=entry["actor"], at=datetime.fromisoformat(entry["at"]),
            refs=entry["refs"], prev_hash=prev, digest=entry["body_digest"],
        )  # fmt: skip
        assert prev == entry["hash"]
    found = handler.get(f"/cases/{shop.case.public_id}/verification/").json()
    assert (found["verifies"], found["faults"], found["length"], found["head"]) == (True, [], len(entries), prev)


def test_what_was_erased_is_said_to_be_erased(shop: Company, handler: Caller) -> None:
    entry = Entry.objects.filter(chain__subject_ref=shop.case.public_id).order_by("seq")[1]
    erase_body(entry_id=entry.pk, actor=ME, reason="asked", at=timezone.now())
    shown = handler.rows(f"/cases/{shop.case.public_id}/evidence/")[1]
    assert shown["body"] is None and shown["salt"] is None and shown["erased_at"]
    assert handler.rows(f"/cases/{shop.case.public_id}/timeline/")[1]["words"] is None
    assert handler.get(f"/cases/{shop.case.public_id}/verification/").json()["verifies"] is True


def test_a_broken_chain_is_said_to_be_broken(shop: Company, handler: Caller) -> None:
    row = EntryBody.objects.filter(entry__chain__subject_ref=shop.case.public_id).first()
    assert row is not None
    row.body = '{"forged":true}'
    row.save()
    found = handler.get(f"/cases/{shop.case.public_id}/verification/").json()
    assert found["verifies"] is False and "changed" in found["faults"][0]


def test_messages_of_a_conversation_and_what_came_after_a_place(shop: Company, handler: Caller) -> None:
    now = timezone.now()
    for number in range(5):
        say(shop.group, "wmchen", f"第{number}句", at=now, key=f"m{number}")
    path = f"/conversations/{shop.group.public_id}/messages/"
    rows = handler.rows(path)
    assert [row["position"] for row in rows] == sorted((row["position"] for row in rows), reverse=True)
    assert rows[0]["text"] == "第4句" and rows[0]["sender"]["name"] == "陈女士"
    after = handler.rows(path, after_position=rows[2]["position"])
    assert [row["text"] for row in after] == ["第4句", "第3句"]
    pages = handler.get(path, page_size=4).json()
    following = handler.client.get(pages["next"], headers=handler.headers).json()
    assert [row["id"] for row in pages["results"] + following["results"]] == [row["id"] for row in rows]
    assert handler.get(f"/messages/{rows[0]['id']}/").json()["text"] == "第4句"


def test_the_bytes_of_an_attachment(shop: Company, handler: Caller) -> None:
    attachment = next(
        row for row in handler.rows(f"/conversations/{shop.group.public_id}/messages/") if row["attachments"]
    )["attachments"][0]
    assert handler.get(f"/attachments/{attachment['id']}/").json()["state"] == "stored"
    for accept in ("*/*", "image/png", "application/json"):
        answer = handler.get(f"/attachments/{attachment['id']}/content/", {"Accept": accept})
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("image/")
        assert (
            answer.headers["X-Content-Type-Options"] == "nosniff"
            and "sandbox" in answer.headers["Content-Security-Policy"]
        )
        assert b"".join(answer.streaming_content)


def test_filters_of_cases_and_items(shop: Company, handler: Caller) -> None:
    now, lin, he = timezone.now(), str(shop.handler.public_id), str(shop.supervisor.public_id)
    hour, yesterday = timedelta(hours=1), (timezone.now() - timedelta(days=1)).isoformat()
    assert handler.rows("/cases/", owner=lin, flow="repair", state="open", mine="true")
    for query in ({"owner": he}, {"flow": "other"}, {"state": "completed"}, {"mine": "false"}, {"overdue": "true"}):
        assert handler.rows("/cases/", **query) == [], query
    WaitingItem.objects.update(due_at=now - hour)
    assert len(handler.rows("/cases/", overdue="true")) == 1
    assert handler.rows("/cases/", due_before=(now - 2 * hour).isoformat()) == []
    assert len(handler.rows("/cases/", due_before=now.isoformat())) == 1
    late = handler.rows("/waits/", overdue="true", owner=lin, due_before=now.isoformat(), open="true", flow="repair")
    assert late and all(row["overdue"] for row in late)
    assert handler.rows("/waits/", open="false") == [] and handler.rows("/waits/", overdue="false") == []
    assert handler.rows("/cases/", opened_since=yesterday, opened_before=(now + hour).isoformat())
    assert handler.rows("/cases/", opened_before=yesterday) == []


def test_updated_since_finds_what_moved(shop: Company, handler: Caller) -> None:
    later, wait = timezone.now() + timedelta(hours=1), shop.case.waits.get(need="铭牌照片")
    for path in ("/cases/", "/waits/", "/drafts/", "/outbound/", "/conversations/"):
        assert handler.rows(path, updated_since=later.isoformat()) == [], path
        assert handler.rows(path, updated_since="2020-01-01T00:00:00Z"), path
    cases.set_due(wait_id=wait.pk, due_at=later + timedelta(days=1), fact=Fact(ME, later, later))
    assert [row["id"] for row in handler.rows("/waits/", updated_since=later.isoformat())] == [str(wait.public_id)]
    assert len(handler.rows("/cases/", updated_since=later.isoformat())) == 1


def test_knowledge_lists_what_is_in_force_and_keeps_what_was_cited(shop: Company, handler: Caller) -> None:
    assert [row["title"] for row in handler.rows("/knowledge/")] == ["保修期"]
    retired, draft = KnowledgeVersion.objects.get(title="旧保修期"), KnowledgeVersion.objects.get(title="内部草稿保修")
    assert handler.get(f"/knowledge/{retired.public_id}/").json()["state"] == "retired"
    assert handler.get(f"/knowledge/{draft.public_id}/").status_code == 404
    hits = handler.get("/knowledge/search/", q="整机保修期是多久？").json()
    assert [hit["version"]["title"] for hit in hits] == ["保修期"] and hits[0]["score"] > 0
    assert handler.get("/knowledge/search/", q="怎么预约滑雪").json() == []
    assert handler.get("/knowledge/search/", q="整机保修期是多久？", kind="campaign").json() == []
    assert handler.get("/knowledge/search/", q="整机保修期是多久？", flow="nothing").json() == []
    assert handler.get("/knowledge/search/").status_code == 400
    assert handler.get("/knowledge/search/", q="保修", limit=1000).status_code == 400


def test_pages_hold_every_row_once_also_while_rows_are_added(shop: Company, handler: Caller) -> None:
    for number in range(7):
        Customer.objects.create(name=f"客户{number}")
    seen, answer = [], handler.get("/customers/", page_size=3).json()
    while True:
        seen += [row["id"] for row in answer["results"]]
        if not answer["next"]:
            break
        Customer.objects.create(name="新来的")
        answer = handler.client.get(answer["next"], headers=handler.headers).json()
    assert len(seen) == len(set(seen)) == 8


def more_of_everything(shop: Company, count: int, mark: str) -> None:
    """Rows for every list, each with what its answer follows."""
    now = timezone.now()
    for number in range(count):
        key = f"{mark}{number}"
        staff = StaffMember.objects.create(name=f"同事{key}")
        customer = Customer.objects.create(name=f"客户{key}", phone=PHONES, owner=staff)
        person = Person.objects.create(name=f"人{key}", side="customer", customer=customer)
        for more in ("a", "b"):
            Identity.objects.create(account=ACCOUNT, external_id=f"x{key}{more}", person=person)
        group = conversation(f"g{key}", "customer_group", "customer_group", person, customer=customer, owner=staff)
        case = cases.open_case(
            flow=shop.flow, customer=customer, conversation=group, owner=staff, contact=person, actor=ME, at=now,
            partner=shop.case.partner,
        )  # fmt: skip
        wait = cases.open_wait(
            case=case, state="requested", on=person, on_role="customer_contact", need=key, fact=Fact(ME, now, now),
            asked_in=group, requested_in=shop.partner_group,
        )  # fmt: skip
        cases.pause_wait(wait_id=wait.pk, fact=Fact(ME, now, now))
        message = say(group, f"x{key}a", f"你好{key}", at=now, key=key, attachments=("image", "file"))
        draft = review.propose(
            conversation=group,
            case=case,
            cause=message,
            reply_kind="other",
            text=key,
            reasons=[Reason("no_case")],
            actor=ME,
            at=now,
        )
        review.claim(draft_id=draft.pk, by=staff, at=now)
        enqueue(
            conversation=group, kind="reply", purpose="other", text=key, release_hash=text_hash(key), thread_position=0, actor=ME, at=now,
            idempotency_key=key, case_ref=case.public_id,
        )  # fmt: skip
        seed(kind="policy", title=f"题{key}", body=f"文{key}", at=now, flow=shop.flow)


PHONES = "13900001111"


def test_lists_cost_the_same_whatever_their_length(shop: Company, handler: Caller) -> None:
    def costs() -> dict[str, tuple[int, int]]:
        found = {}
        for path in (
            *LISTS,
            f"/conversations/{shop.group.public_id}/messages/",
            f"/cases/{shop.case.public_id}/timeline/",
        ):
            forget_all()
            with CaptureQueriesContext(
                connection,
            ) as queries:
                rows = handler.rows(path, page_size=100)
            found[path] = (len(queries), len(rows))
        return found

    handler.get("/me/")
    more_of_everything(shop, 2, "a")
    few = costs()
    more_of_everything(shop, 18, "b")
    for number in range(18):
        said = say(shop.group, "wmchen", f"又{number}", at=timezone.now(), key=f"again{number}", attachments=("image",))
        Decision.objects.create(
            conversation=shop.group, message=said, case=shop.case, mode="record", intent="chats", at=timezone.now()
        )
        cases.add_note(case_id=shop.case.pk, by=shop.handler, text=f"n{number}", actor=ME, at=timezone.now())
    many = costs()
    for path, (queries, rows) in many.items():
        assert rows >= few[path][1] + 18, path
        assert queries == few[path][0] <= 6, (path, few[path], many[path])


def test_one_case_costs_the_same_whatever_it_holds(shop: Company, handler: Caller) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert handler.get(f"/cases/{shop.case.public_id}/").status_code == 200
        return len(queries)

    def more(numbers: range) -> None:
        now = timezone.now()
        for number in numbers:
            person = Person.objects.create(name=f"p{number}", side="customer", customer=shop.case.customer)
            group = conversation(f"more{number}", "customer_group", "customer_group", person)
            cases.link_conversation(case=shop.case, conversation=group, at=now)
            cases.open_wait(
                case=shop.case, state="requested", on=person, on_role="actual_executor", need=str(number), fact=Fact(ME, now, now)
            )  # fmt: skip
            cases.owe_writeback(case=shop.case, to=shop.partner_group, about="result", words="好了", at=now)
            cases.note_fact(case=shop.case, message=None, subject="s", words="w", blocked=False, fact_at=now, at=now)

    handler.get("/me/")
    more(range(1))
    first = cost()
    more(range(1, 16))
    assert cost() == first <= 17


def test_a_case_gives_the_same_glance_as_its_page(shop: Company, handler: Caller) -> None:
    now = timezone.now()
    cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need="发票照片",
        fact=Fact(ME, now, now),
    )  # fmt: skip
    outbound = enqueue(
        conversation=shop.group, kind="reply", purpose="progress_update", text="师傅已接单", release_hash=text_hash("师傅已接单"),
        thread_position=0, idempotency_key="told", case_ref=shop.case.public_id, actor=ME, at=now,
    )  # fmt: skip
    record(
        subject=cases.subject_of(shop.case), kind="delivery", actor=ME, at=now, refs={"conversation": str(shop.group.public_id)},
        body={"outcome": "confirmed", "purpose": "progress_update", "text": outbound.text},
    )  # fmt: skip
    assert handler.staff.user is not None
    handler.client.force_login(handler.staff.user)
    handler.staff.user.is_superuser = handler.staff.user.is_staff = True
    handler.staff.user.save()
    page = handler.client.get(f"/admin/cases/servicecase/{shop.case.pk}/change/").context["glance"]
    given = handler.get(f"/cases/{shop.case.public_id}/").json()["glance"]
    assert page.first is not None and page.due is not None
    assert (given["stage"], given["stage_label"], given["wait"]) == (page.code, page.stage, str(page.first.public_id))
    assert (given["waits"], given["owes"], given["need"]) == (page.waits, page.owes, page.first.need)
    assert datetime.fromisoformat(given["since"]) == page.first.opened_at
    assert (given["others"], given["overdue"], given["missing"]) == (page.more, page.late, page.missing)
    assert given["due_next"]["wait"] == str(page.due.public_id) and page.missing == ["发票照片"]
    assert (page.owes, page.waits) == ("林悦", "陈女士"), "what has come is ours to check"
    assert [(one["who"], one["words"], one["owed"]) for one in given["told"]] == [
        (one.who, one.words, one.owed) for one in page.told
    ]
    assert [(one["words"], one["owed"]) for one in given["told"]] == [
        ("陈女士的铭牌型号已收到", True),
        ("师傅已接单", False),
    ]


def test_a_token_that_reads_no_conversations_is_not_given_our_last_text(shop: Company, make: Make) -> None:
    record(
        subject=cases.subject_of(shop.case), kind="delivery", actor=ME, at=timezone.now(), refs={},
        body={"outcome": "confirmed", "text": "师傅已接单"},
    )  # fmt: skip
    told = make(shop.handler, "cases:read").get(f"/cases/{shop.case.public_id}/").json()["glance"]["told"]
    assert [one["words"] for one in told] == ["陈女士的铭牌型号已收到"]


def test_nobody_is_given_the_glance_of_a_case_that_they_do_not_see(shop: Company, stranger: Caller) -> None:
    assert stranger.get(f"/cases/{shop.case.public_id}/").status_code == 404
    for narrowed in ({"overdue": "false"}, {"unowned": "false"}, {"my_waits": "false"}, {"mine": "false"}, {}):
        assert stranger.rows("/cases/", **narrowed) == []


def test_the_lists_of_the_api_and_of_the_admin_narrow_alike(shop: Company, handler: Caller) -> None:
    now = timezone.now()
    late = cases.open_wait(
        case=shop.case, state="waiting_partner_feedback", on=shop.partner_person, on_role="fulfillment_partner", need="到货时间",
        fact=Fact(ME, now, now), due_at=now - timedelta(hours=1),
    )  # fmt: skip
    user = handler.staff.user
    assert user is not None and shop.partner_person.partner is not None
    user.is_superuser = user.is_staff = True
    user.save()
    handler.client.force_login(user)

    def both(**query: str) -> tuple[int, int]:
        theirs = {
            **query,
            **({"on_partner": str(shop.partner_person.partner.public_id)} if "on_partner" in query else {}),
        }
        api = handler.rows(
            "/cases/", **{"overdue" if name == "late" else name: value for name, value in theirs.items()}
        )
        admin = {**query, **({"on_partner": str(shop.partner_person.partner_id)} if "on_partner" in query else {})}
        page = handler.client.get("/admin/cases/servicecase/", admin).context["cl"]
        return len(api), len(page.result_list)

    assert both(late="1") == both(on_partner="1") == both(my_waits="1") == both(mine="1") == (1, 1)
    assert both(unowned="1") == (0, 0)
    cases.pause_wait(wait_id=late.pk, fact=Fact(ME, now, now, None, "staff"))
    assert both(late="1") == (0, 0), "an item whose clock stands is not overdue, in neither list"
    StaffMember.objects.filter(pk=handler.staff.pk).update(left_at=now)
    assert ServiceCase.objects.with_items(WaitingItem.objects.unowned()).exists()
