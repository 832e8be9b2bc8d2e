"""Bad input is explained, costs little, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import CaseNote, WaitingItem
from tests.api.conftest import ROOT, Caller, addresses, filled, operations
from tests.builders import Company

pytestmark = [pytest.mark.django_db, pytest.mark.once(on="postgres")]
POSTS = [path for method, path, said in operations() if method == "post" and "requestBody" in said]


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"x"', "null", "1", "{}", '{"note": ""}', '{"note": {"a": 1}}', '{"note": null}', '{"note": ["x"]}', '{"note": NaN}',
     '{"note": "a\\u0000b"}', '{"note": "\\ud800"}', "[" * 100_000, '{"note": "%s"}' % ("x" * 4001), b"\xff\xfe", b"\x00"],
    ids=range(17),
)  # fmt: skip
def test_bad_bodies_are_explained_and_change_nothing(shop: Company, handler: Caller, body: Any) -> None:
    count = CaseNote.objects.count()
    for headers in ({}, {"Idempotency-Key": "k"}):
        answer = handler.post(f"/cases/{shop.case.public_id}/notes/", body, **headers)
        assert answer.status_code == 400, answer.content[:300]
        assert answer.json()["code"] in ("invalid", "parse_error")
    assert CaseNote.objects.count() == count


def test_faults_name_their_fields(shop: Company, handler: Caller) -> None:
    draft = handler.rows("/drafts/", state="pending")[0]
    answer = handler.post(f"/drafts/{draft['id']}/decide/", {"do": "auto", "position": "x"})
    assert {(fault["field"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("do", "invalid_choice"), ("hash", "required"), ("position", "invalid"),
    }  # fmt: skip
    empty = handler.post(f"/drafts/{draft['id']}/decide/", {"do": "edit", "hash": "x", "position": 0})
    assert empty.json()["errors"][0]["field"] == "text"


@pytest.mark.parametrize(
    "value", [None, [], {}, "x", 10**30, -1, True, 1.5, "\u0000", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"]
)
def test_wrong_types_never_break_a_command(shop: Company, handler: Caller, value: Any) -> None:
    ids = addresses(shop)
    names = (
        "note",
        "reason",
        "due_at",
        "to",
        "need",
        "need_kind",
        "owner",
        "do",
        "hash",
        "position",
        "text",
        "case",
        "arrived",
        "good",
        "told",
    )
    for path in POSTS:
        answer = handler.post(filled(path, ids), dict.fromkeys(names, value))
        assert answer.status_code < 500, (path, answer.content[:200])
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "\u0000",
        "1e400",
        "-1",
        "99999999999999999999",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "'",
    ],
)
def test_wrong_values_never_break_a_list(shop: Company, handler: Caller, value: str) -> None:
    ids = addresses(shop)
    for method, path, said in operations():
        if method != "get":
            continue
        for parameter in said.get("parameters", []):
            if parameter["in"] == "query":
                answer = handler.get(filled(path, ids), **{parameter["name"]: value})
                assert answer.status_code in (200, 400), (path, parameter["name"], answer.content[:200])


@pytest.mark.parametrize(
    "cursor", ["x", "cD0x", "cD1hYmM%3D", "bz05OTk5OTk5", "cj0xJnA9LTE=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_cursor_that_we_did_not_give(shop: Company, handler: Caller, cursor: str) -> None:
    paths = [
        path
        for method, path, said in operations()
        if any(one["name"] == "cursor" for one in said.get("parameters", []))
    ]
    assert len(paths) >= 11
    for path in paths:
        answer = handler.get(filled(path, addresses(shop)), cursor=cursor)
        assert answer.status_code in (200, 400), (path, answer.content[:200])
        if answer.status_code == 400:
            assert answer.json()["code"] == "invalid_cursor"


def test_a_misspelt_filter_does_not_list_everything(shop: Company, handler: Caller) -> None:
    answer = handler.get("/cases/", stat="open")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "stat", "code": "unknown_filter", "detail": answer.json()["errors"][0]["detail"]}
    ]
    assert handler.get("/cases/", state="nonsense").status_code == 400
    assert handler.get("/cases/", owner="1").status_code == 400


def test_pages_have_a_largest_size(shop: Company, handler: Caller) -> None:
    from people.models import StaffMember

    StaffMember.objects.bulk_create(StaffMember(name=f"s{number}") for number in range(230))
    for size in ("100000", "9" * 30, "201"):
        assert len(handler.rows("/staff/", page_size=size)) == 200
    for size in ("0", "-1", "x"):
        assert len(handler.rows("/staff/", page_size=size)) == 50


def test_addresses_that_are_none(shop: Company, handler: Caller) -> None:
    for path in (
        "/cases/1/",
        "/cases/x/",
        "/nothing/",
        "/",
        "/cases",
        f"/cases/{shop.case.public_id}/nothing/",
        "/cases/%00/",
    ):
        answer = handler.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_methods_and_media_types_that_are_not_spoken(shop: Company, handler: Caller) -> None:
    assert handler.post("/cases/", {}).json()["code"] == "method_not_allowed"
    path = f"{ROOT}/cases/{shop.case.public_id}/"
    for method in ("put", "patch", "delete", "options", "trace"):
        answer = getattr(handler.client, method)(path, headers=handler.headers)
        assert answer.status_code == 405, method
    form = handler.client.post(f"{path}notes/", {"note": "x"}, headers=handler.headers)
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    assert handler.get("/cases/", {"Accept": "text/html"}).status_code == 406
    large = handler.post(f"/cases/{shop.case.public_id}/notes/", '{"note": "%s"}' % ("x" * 300_000))
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


def test_a_follow_up_time_that_nobody_means(shop: Company, handler: Caller) -> None:
    wait = WaitingItem.objects.get(need="铭牌照片")
    answer = handler.post(f"/waits/{wait.public_id}/due/", {"due_at": "8999-01-01T00:00:00Z"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["code"] == "too_far"
