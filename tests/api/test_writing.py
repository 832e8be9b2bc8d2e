"""What one can move: the same operations and rules as in the admin, each once per key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from aijia import pump
from aijia.api.models import Answer
from cases import operations as cases
from cases.models import CaseNote, ServiceCase, WaitingItem
from delivery.models import Outbound
from evidence.models import Entry, EntryBody
from foundation.errors import PermanentFailure, TransientFailure
from people.models import StaffMember
from review.models import Draft, RiskBoundary, Verdict
from tests.api.conftest import Caller, Make
from tests.builders import Company, say

pytestmark = pytest.mark.django_db


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal, which is a whole problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code and body["title"] and body["detail"]
    assert body["type"] == f"urn:aijia:problem:{body['code']}"
    return answer.status_code, body["code"]


def test_items_move_as_in_the_admin(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(need="铭牌照片")
    path, later = f"/waits/{wait.public_id}/", (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    moved = handler.post(f"{path}due/", {"due_at": later.isoformat(), "reason": "出差"})
    assert moved.status_code == 200 and WaitingItem.objects.get(pk=wait.pk).due_at == later
    assert refused(handler.post(f"{path}due/", {"due_at": "2020-01-01T00:00:00Z"})) == (422, "past")
    assert handler.post(f"{path}pause/").json()["paused_at"]
    assert refused(handler.post(f"{path}pause/")) == (409, "wrong_state")
    assert handler.post(f"{path}resume/").json()["paused_at"] is None
    assert refused(handler.post(f"{path}resume/")) == (409, "wrong_state")
    given = handler.post(f"{path}hand-over/", {"to": str(shop.supervisor.public_id), "reason": "换班"})
    assert given.json()["owner"]["name"] == "何姐"
    assert handler.post(f"{path}complete/", {"reason": "by phone"}).json()["state"] == "completed"
    for act, body in (("complete", {}), ("cancel", {}), ("pause", {}), ("due", {"due_at": later.isoformat()})):
        assert refused(handler.post(f"{path}{act}/", body)) == (409, "wrong_state"), act
    steps = handler.get(path).json()["history"]
    assert [step["kind"] for step in steps] == ["open", "material", "defer", "pause", "resume", "hand_over", "complete"]
    assert steps[-1]["by"] == "林悦 (API: ERP)" and steps[-1]["reason"] == "by phone"


def test_a_cancelled_item_says_why(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(need="铭牌照片")
    row = handler.post(f"/waits/{wait.public_id}/cancel/", {"reason": "not_needed"}).json()
    assert (row["state"], row["close_reason"]) == ("cancelled", "not_needed")


def test_an_item_is_given_only_to_somebody_who_works_here(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(need="铭牌照片")
    gone = StaffMember.objects.create(name="走了", left_at=timezone.now())
    for to in (gone.public_id, shop.case.public_id):
        assert refused(handler.post(f"/waits/{wait.public_id}/hand-over/", {"to": str(to)})) == (404, "not_found")
    wait.refresh_from_db()
    assert wait.owner == shop.handler


def test_cases_move_as_in_the_admin(shop: Company, handler: Caller) -> None:
    path = f"/cases/{shop.case.public_id}/"
    unproven = handler.post(f"{path}complete/")
    if unproven.status_code == 409:  # the picture may have been taken as proof
        assert refused(unproven) == (409, "unproven")
    else:
        handler.post(f"{path}reopen/", {"note": "again"})
    assert refused(handler.post(f"{path}reopen/", {"note": "x"})) == (409, "wrong_state")
    owed = handler.post(f"{path}waits/", {"need": "回电", "need_kind": "feedback"})
    assert owed.status_code == 201 and owed.json()["waiting_on"]["name"] == "林悦"
    assert handler.post(f"{path}take-over/").json()["automation_stopped_at"]
    assert handler.post(f"{path}hand-back/").json()["automation_stopped_at"] is None
    cancelled = handler.post(f"{path}cancel/", {"reason": "duplicate"}).json()
    assert (cancelled["state"], cancelled["close_reason"], cancelled["waits"]) == ("cancelled", "duplicate", [])
    for act, body in (("complete", {}), ("cancel", {}), ("waits", {"need": "回电"})):
        assert refused(handler.post(f"{path}{act}/", body)) == (409, "wrong_state"), act


def test_evidence_names_the_token_beside_its_owner(shop: Company, handler: Caller) -> None:
    written = handler.post(f"/cases/{shop.case.public_id}/notes/", {"note": "ERP 已发货"})
    assert written.status_code == 201 and written.json()["author"]["name"] == "林悦"
    entry = Entry.objects.filter(kind="action").order_by("pk").last()
    assert entry is not None
    assert entry.actor["kind"] == "user" and entry.actor["label"] == "林悦 (API: ERP)"


def pending(handler: Caller) -> dict[str, Any]:
    return handler.rows("/drafts/", state="pending")[0]


def test_a_draft_is_decided_as_in_the_admin(shop: Company, handler: Caller) -> None:
    row = pending(handler)
    path, seen = f"/drafts/{row['id']}/decide/", {"hash": row["hash"], "position": row["position"]}
    assert refused(handler.post(path, {**seen, "do": "approve", "hash": "old"})) == (409, "stale")
    leak = handler.post(path, {**seen, "do": "edit", "text": "王师傅说配件没法订，麻烦拍一张铭牌"}).json()
    assert leak["accepted"] is False and leak["refusals"][0]["words"]
    assert Draft.objects.get(public_id=row["id"]).state == "pending" and Outbound.objects.count() == 1
    done = handler.post(path, {**seen, "do": "approve"}).json()
    assert done["accepted"] is True and done["by"] == "林悦"
    assert refused(handler.post(path, {**seen, "do": "approve"})) == (409, "wrong_state")
    whole = handler.get(f"/drafts/{row['id']}/").json()
    assert [(verdict["do"], verdict["accepted"]) for verdict in whole["verdicts"]] == [
        ("edit", False),
        ("approve", True),
    ]
    assert handler.get(f"/outbound/{whole['outbound']}/").json()["text"] == row["text"]


def test_a_text_is_not_released_over_what_the_customer_wrote_since(shop: Company, handler: Caller) -> None:
    row, now = pending(handler), timezone.now()
    seen = {"hash": row["hash"], "position": row["position"]}
    draft = Draft.objects.get(public_id=row["id"])
    assert draft.conversation is not None
    where = draft.conversation
    say(where, "wmchen", "我要投诉，再不处理我就退款", at=now, key="since")
    pump.drain(now, channel=False)
    if Draft.objects.get(pk=draft.pk).state != "pending":
        assert refused(handler.post(f"/drafts/{row['id']}/decide/", {**seen, "do": "approve"})) == (409, "wrong_state")
        return
    late = handler.post(f"/drafts/{row['id']}/decide/", {**seen, "do": "approve"}).json()
    assert late["accepted"] is False and "thread_moved" in [reason["code"] for reason in late["refusals"]]


def test_nobody_can_claim_to_have_seen_what_is_not_there_yet(shop: Company, handler: Caller) -> None:
    row = pending(handler)
    body = {"do": "approve", "hash": row["hash"], "position": row["position"] + 1000}
    answer = handler.post(f"/drafts/{row['id']}/decide/", body)
    assert refused(answer) == (400, "invalid") and answer.json()["errors"][0]["field"] == "position"
    assert not Verdict.objects.exists()


def test_what_only_a_supervisor_may_release(shop: Company, handler: Caller, make: Make) -> None:
    row = pending(handler)
    Draft.objects.update(required_right="supervisor")
    body = {"do": "approve", "hash": row["hash"], "position": row["position"]}
    answer = handler.post(f"/drafts/{row['id']}/decide/", body).json()
    assert answer["accepted"] is False and answer["refusals"][0]["code"] == "right_missing"
    assert make(shop.supervisor).post(f"/drafts/{row['id']}/decide/", body).json()["accepted"] is True


def test_four_eyes_hold_and_a_draft_says_who_was_the_first(shop: Company, handler: Caller, make: Make) -> None:
    row = pending(handler)
    url, body = f"/drafts/{row['id']}/", {"do": "approve", "hash": row["hash"], "position": row["position"]}
    assert handler.get(url).json()["four_eyes"] == {"needed": False, "first": None, "first_at": None}
    RiskBoundary.objects.create(topic="compensation", right="handler", four_eyes=True)
    Draft.objects.filter(public_id=row["id"]).update(risk_topics=["compensation"])
    assert handler.post(f"{url}decide/", body).json()["accepted"] is True
    state = handler.get(url).json()
    assert state["state"] == "pending" and state["four_eyes"]["first"] == "林悦" and state["four_eyes"]["first_at"]
    again = handler.post(f"{url}decide/", body).json()
    assert (again["accepted"], again["refusals"][0]["code"]) == (False, "second_person_needed")
    assert make(shop.supervisor).post(f"{url}decide/", body).json()["accepted"] is True
    assert handler.get(url).json()["state"] == "released"


def test_drafts_are_rejected_taken_over_and_claimed(shop: Company, handler: Caller, make: Make) -> None:
    row = pending(handler)
    assert handler.post(f"/drafts/{row['id']}/claim/").json()["claimed_by"] == "林悦"
    assert refused(make(shop.supervisor).post(f"/drafts/{row['id']}/claim/")) == (403, "not_allowed")
    seen = {"hash": row["hash"], "position": row["position"]}
    rejected = handler.post(
        f"/drafts/{row['id']}/decide/", {**seen, "do": "reject", "reason_code": "not_needed"}
    ).json()
    assert (rejected["accepted"], rejected["reason_code"]) == (True, "not_needed")
    assert handler.get(f"/drafts/{row['id']}/").json()["state"] == "rejected"


def test_another_system_proposes_and_a_person_releases(shop: Company, handler: Caller) -> None:
    path = f"/conversations/{shop.group.public_id}/drafts/"
    body = {"text": "您好，配件已到仓库。", "case": str(shop.case.public_id), "note": "来自仓库系统"}
    made = handler.post(path, body)
    assert made.status_code == 201
    draft = made.json()
    assert (draft["state"], draft["reply_kind"]) == ("pending", "other")
    assert draft["risk_note"].splitlines()[0] == "来自仓库系统"
    assert draft["reasons"][0]["code"] == "kind_never_direct"
    assert Outbound.objects.count() == 1
    again = handler.post(path, {**body, "text": "您好，配件今天到仓库。"}).json()
    assert handler.get(f"/drafts/{draft['id']}/").json()["state"] == "superseded"
    seen = {"hash": again["hash"], "position": again["position"]}
    assert handler.post(f"/drafts/{again['id']}/decide/", {**seen, "do": "approve"}).json()["accepted"] is True
    assert Outbound.objects.filter(text="您好，配件今天到仓库。").count() == 1


def test_a_proposal_is_as_hard_to_release_as_what_waits_beside_it(shop: Company, handler: Caller) -> None:
    Draft.objects.filter(state="pending").update(required_right="supervisor", risk_topics=["complaint"], case=shop.case)
    body = {"text": "您好", "case": str(shop.case.public_id)}
    draft = handler.post(f"/conversations/{shop.group.public_id}/drafts/", body).json()
    assert (draft["required_right"], draft["risk_topics"]) == ("supervisor", ["complaint"])


def test_what_became_of_a_text_is_settled_once(shop: Company, handler: Caller) -> None:
    path = f"/outbound/{Outbound.objects.get(idempotency_key='seeded').public_id}/"
    done = handler.post(f"{path}settle/", {"arrived": True}).json()
    assert (done["state"], done["settled_by"]) == ("confirmed", "林悦")
    assert refused(handler.post(f"{path}settle/", {"arrived": False})) == (409, "wrong_state")


# --- repeated calls ---------------------------------------------------------------------------------------------------------


def test_the_same_key_is_carried_out_once(shop: Company, handler: Caller) -> None:
    path, count = f"/cases/{shop.case.public_id}/notes/", CaseNote.objects.count()
    first = handler.post(path, {"note": "一次"}, **{"Idempotency-Key": "k1"})
    again = handler.post(path, '{ "note" : "一次" }', **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()) == (again.status_code, again.json()) and again.status_code == 201
    assert again.headers["Idempotent-Replay"] == "true" and "Idempotent-Replay" not in first.headers
    assert CaseNote.objects.count() == count + 1
    assert refused(handler.post(path, {"note": "另一句"}, **{"Idempotency-Key": "k1"})) == (422, "key_reused")
    other = f"/cases/{shop.case.public_id}/waits/"
    assert refused(handler.post(other, {"need": "一次"}, **{"Idempotency-Key": "k1"})) == (422, "key_reused")
    assert handler.post(path, {"note": "一次"}, **{"Idempotency-Key": "k2"}).status_code == 201
    assert CaseNote.objects.count() == count + 2


def test_keys_of_different_callers_are_different_keys(shop: Company, handler: Caller, make: Make) -> None:
    path, count, second = f"/cases/{shop.case.public_id}/notes/", CaseNote.objects.count(), make(shop.handler)
    for caller in (handler, second):
        assert "Idempotent-Replay" not in caller.post(path, {"note": "x"}, **{"Idempotency-Key": "k"}).headers
    assert CaseNote.objects.count() == count + 2


def test_a_refusal_is_remembered_and_what_was_not_understood_is_not(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(need="铭牌照片")
    path, key = f"/waits/{wait.public_id}/", {"Idempotency-Key": "k"}
    assert handler.post(f"{path}due/", {"due_at": "no time"}, **key).status_code == 400
    past = handler.post(f"{path}due/", {"due_at": "2020-01-01T00:00:00Z"}, **key)
    again = handler.post(f"{path}due/", {"due_at": "2020-01-01T00:00:00Z"}, **key)
    assert refused(past) == refused(again) == (422, "past") and again.headers["Idempotent-Replay"] == "true"


def test_after_a_fault_of_ours_neither_the_write_nor_the_key_is_there(
    shop: Company, handler: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, count = f"/cases/{shop.case.public_id}/notes/", CaseNote.objects.count()
    handler.client.raise_request_exception = False

    def broken(_row: Any, **_more: Any) -> None:
        raise RuntimeError("a secret of the inner house")

    with monkeypatch.context() as patched:
        patched.setattr(Answer, "save", broken)
        patched.setattr(Answer.objects, "create", lambda **more: Answer.objects.bulk_create([Answer(**more)])[0])
        fault = handler.post(path, {"note": "一次"}, **{"Idempotency-Key": "k"})
    assert refused(fault) == (500, "server_error") and "secret" not in fault.content.decode()
    assert CaseNote.objects.count() == count and not Answer.objects.exists()
    assert handler.post(path, {"note": "一次"}, **{"Idempotency-Key": "k"}).status_code == 201


def test_a_key_is_forgotten_after_a_day(shop: Company, handler: Caller) -> None:
    path, count = f"/cases/{shop.case.public_id}/notes/", CaseNote.objects.count()
    handler.post(path, {"note": "x"}, **{"Idempotency-Key": "k"})
    Answer.objects.update(at=timezone.now() - timedelta(hours=25))
    handler.post(path, {"note": "x"}, **{"Idempotency-Key": "k"})
    assert CaseNote.objects.count() == count + 2 and Answer.objects.count() == 1


def test_kept_answers_cannot_be_read_from_the_database(shop: Company, handler: Caller) -> None:
    handler.post(f"/cases/{shop.case.public_id}/notes/", {"note": "门禁密码"}, **{"Idempotency-Key": "k"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_answer")
        assert "门禁" not in cursor.fetchone()[0]


@pytest.mark.parametrize("key", ["", " ", "ä", "a b", "x" * 129])
def test_a_key_has_a_form(shop: Company, handler: Caller, key: str) -> None:
    count = CaseNote.objects.count()
    answer = handler.post(f"/cases/{shop.case.public_id}/notes/", {"note": "x"}, **{"Idempotency-Key": key})
    assert refused(answer) == (400, "key_malformed") and CaseNote.objects.count() == count


@pytest.mark.parametrize(("error", "status"), [(TransientFailure("later"), 503), (PermanentFailure("never"), 502)])
def test_what_failed_outside_is_no_fault_of_ours(
    shop: Company, handler: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(**_more: Any) -> None:
        raise error

    monkeypatch.setattr(cases, "add_note", fail)
    for key in ({}, {"Idempotency-Key": "k"}):
        answer = handler.post(f"/cases/{shop.case.public_id}/notes/", {"note": "x"}, **key)
        assert refused(answer) == (status, "failure")
    assert not Answer.objects.exists() and ServiceCase.objects.get().version and EntryBody.objects.exists()
