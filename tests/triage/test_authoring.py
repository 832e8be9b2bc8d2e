"""The notes that training rows are written in: what each mark of the format becomes, and that every note parses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from triage.engines.evaluation import turn_of
from triage.engines.local.authoring import KINDS, SIDES, STATES, rows_of

NOTES = Path(__file__).resolve().parents[2] / "triage" / "data" / "authoring"
INTENTS = frozenset(
    [
        "reports_issue",
        "asks_question",
        "asks_progress",
        "provides_material",
        "confirms_completion",
        "confirms_appointment",
        "defers",
        "declines",
        "requests_cooperation",
        "reports_result",
        "requests_change",
        "requests_remedy",
        "complains",
        "acknowledges",
        "chats",
    ]
)
CLASSES = frozenset(["marketing", "sales", "support", "after_sales", "membership", "unknown"])
CONTEXTS = frozenset(
    ["after_sales", "appointment", "material_collection", "progress", "callback", "partner_coordination", "none"]
)
TOPICS = frozenset(
    [
        "refund",
        "compensation",
        "price_protection",
        "discount_promise",
        "price",
        "service_promise",
        "complaint",
        "dispute",
        "negative_review",
        "public_group",
        "identity_uncertain",
        "case_uncertain",
        "missing_context",
        "account",
        "address",
        "benefit",
        "payment",
        "privacy",
        "sensitive_material",
        "health_claim",
        "financial_claim",
        "legal_claim",
        "compliance",
        "complex_relay",
        "unproven_completion",
        "verification_conflict",
    ]
)


def _rows(folder: Path, note: str) -> list[dict[str, Any]]:
    path = folder / "note.txt"
    path.write_text(note, encoding="utf-8")
    return rows_of(path)


def test_what_was_said_before_stands_in_the_row_and_reaches_the_engine(tmp_path: Path) -> None:
    (row,) = _rows(
        tmp_path, "@ confirms_appointment support appointment - c p\n<i:周六还是周日> 周日 || app/到店时间/none\n"
    )
    assert row["text"] == "周日"
    assert row["previous"] == [{"side": "internal", "text": "周六还是周日"}]
    assert turn_of(row).previous[0].text == "周六还是周日"
    assert row["expect"]["wait"] == "w1"


def test_the_marked_item_is_the_one_answered(tmp_path: Path) -> None:
    marked, plain = _rows(
        tmp_path,
        "@ confirms_completion after_sales after_sales - c p alone=1\n"
        "弄好了 || mat/铭牌照片/image; *req/重启/none; con/是否续费/none\n"
        "都好了 || req/重启/none; con/是否续费/none\n",
    )
    assert marked["expect"]["wait"] == "w2"
    assert marked["open_waits"][1]["need"] == "重启"
    assert plain["expect"]["wait"] == "w1"


def test_a_quotation_in_front_keeps_its_line_break(tmp_path: Path) -> None:
    (row,) = _rows(tmp_path, "@ acknowledges unknown none - c cg alone=1\n「客服：明天到」\\n- - - - - -\\n好\n")
    assert row["text"].splitlines() == ["「客服：明天到」", "- - - - - -", "好"]


def test_a_header_may_say_that_an_item_is_answered_or_not(tmp_path: Path) -> None:
    yes, no = _rows(
        tmp_path,
        "@ reports_issue after_sales after_sales verification_conflict c p answers=yes after=none alone=1\n还在漏 || con/验收/none\n"
        "@ declines sales none - c p answers=no alone=1\n不买 || mat/照片/image\n",
    )
    assert (yes["expect"]["wait"], yes["expect"]["wait_state_after"]) == ("w1", None)
    assert no["expect"]["wait"] is None
    assert no["expect"]["mode"] == "record"


def test_unknown_senders_and_alone(tmp_path: Path) -> None:
    rows = _rows(tmp_path, "@ asks_question sales none - u p alone=1\n有货吗\n多少钱\n几点开门\n地铁怎么走\n")
    assert not any(r["sender_known"] or r["open_waits"] for r in rows)
    (row,) = _rows(tmp_path, "@ asks_question sales none - c cm known=0\n有货吗\n")
    assert (row["sender_side"], row["sender_known"]) == ("customer", False)


def test_what_many_would_read_the_answer_to_is_public(tmp_path: Path) -> None:
    asked, chatted = _rows(tmp_path, "@ asks_question sales none - c cm\n几点开门\n@ chats unknown none - c cm\n早\n")
    assert asked["expect"]["risk_topics"] == ["public_group"]
    assert asked["expect"]["mode"] == "review"
    assert chatted["expect"]["risk_topics"] == []


def test_every_note_is_a_row_in_the_words_of_the_product() -> None:
    for path in sorted(NOTES.glob("*.txt")):
        rows = rows_of(path)
        assert rows
        for row in rows:
            expect = row["expect"]
            where = f"{row['id']}: {row['text']}"
            assert expect["intent"] in INTENTS, where
            assert expect["business_class"] in CLASSES, where
            assert expect["service_context"] in CONTEXTS, where
            assert set(expect["risk_topics"]) <= TOPICS, where
            assert expect["mode"] in ("send", "review", "record"), where
            assert row["conversation_kind"] in KINDS.values(), where
            assert row["sender_side"] in SIDES.values(), where
            assert row["text"] or row["attachments"], where
            assert "||" not in row["text"], where
            assert all(w["state"] in STATES.values() and w["need"] for w in row["open_waits"]), where
            assert (expect["wait"] is None) or any(w["id"] == expect["wait"] for w in row["open_waits"]), where
            if row["conversation_kind"] == "community_group" and expect["mode"] == "send":
                raise AssertionError(where)
            relayed = row["sender_side"] != "partner" or row["conversation_kind"] == "partner_group"
            if expect["risk_topics"] and row["sender_side"] != "internal" and relayed:
                assert expect["mode"] == "review", where


def test_no_sentence_is_written_twice_with_two_labels() -> None:
    seen: dict[tuple[Any, ...], tuple[str, str]] = {}
    for row in [r for p in sorted(NOTES.glob("b*.txt")) for r in rows_of(p)]:
        waits = tuple(w["need"] for w in row["open_waits"] if row["expect"]["wait"] == w["id"])
        key = (
            row["text"],
            row["conversation_kind"],
            row["sender_side"],
            waits,
            tuple(row["attachments"]),
            len(row["open_waits"]),
        )
        label = (row["expect"]["intent"], row["expect"]["business_class"])
        if row["text"]:
            assert seen.setdefault(key, label) == label, row["text"]
