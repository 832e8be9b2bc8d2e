"""Which clauses of a report are facts for a customer: the labelled clauses, the model that learnt from them, and the words around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from triage import statements
from triage.asks import ASKS_WHICH, asks_of_request
from triage.engines.base import Turn, WaitView
from triage.engines.local import clauses, times
from triage.planning import moments
from triage.wording import day_words, relay_request, relay_result, take_apart

DATA = Path(clauses.__file__).resolve().parents[2] / "data" / "clauses"


def told(text: str, name: str = "陈女士") -> str:
    """What is told of a report to its customer."""
    return relay_result(text, name=name, names=[name], labels=[], private_names={})[0]


def test_the_labelled_clauses_are_read_once_each_and_both_ways() -> None:
    found = clauses.read_clauses(DATA)
    assert len(found) > 2000
    assert 0.4 < sum(inside for _clause, inside in found) / len(found) < 0.6
    assert len({clause for clause, _inside in found}) == len(found)


def test_a_line_without_its_sign_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("+ 换好了\n换好了\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.txt:2"):
        clauses.read_clauses(tmp_path)


@pytest.mark.parametrize(
    ("fact", "talk"),
    [
        ("窗帘轨道装好了", "这家女主人嘴上就没停过"),
        ("布料周五到货", "布料是小李那边下错单才晚的"),
        ("试了三遍都正常", "上一家师傅纯粹糊弄人"),
    ],
)
def test_facts_are_told_and_talk_stays(fact: str, talk: str) -> None:
    assert told(f"{fact}，{talk}") == fact
    assert told(f"{talk}，{fact}") == fact


def test_what_ends_by_keeping_back_stays_inside_to_the_beginning_of_its_sentence() -> None:
    assert told("布料周五到货。裁刀磕了一下，这事别跟她讲") == "布料周五到货"
    assert take_apart("裁刀磕了一下，别同客人讲").kept == ()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("钱小姐那台门禁名单没同步", True),
        ("钱小姐那边钱还没付", False),
        ("换框要2600他还在砍价", False),
        ("补框360", False),
        ("这回别再让我白垫了", False),
        ("定了我就下料", False),
        ("框要2600毫米的", True),
        ("这新娘上次在别家试了八件全不要", False),
        ("这新娘的裙子改好了", True),
    ],
)
def test_money_and_gossip_are_kept_from_the_reader_and_names_are_no_money(text: str, kept: bool) -> None:
    assert bool(take_apart(text).kept) == kept


def test_what_the_speaker_needs_it_for_is_cut_off_what_is_wanted() -> None:
    assert take_apart("请他今天定一下我好开版").kept == ("请他今天定一下",)


def test_a_case_that_is_only_named_against_another_is_no_second_report() -> None:
    other = WaitView("w2", "c2", "waiting_partner_feedback", "fulfillment_partner", "番禺飘窗渗水")
    first = WaitView("w1", "c1", "waiting_partner_feedback", "fulfillment_partner", "天河阳台门渗水")
    told = "阳台门的下轨堵了，明天去天河通开。番禺飘窗那个是框没装平"
    turn = Turn(
        text=told, at=datetime.fromisoformat("2026-06-10T10:00:00+08:00"), conversation_kind="partner_group",
        sender_side="partner", sender_known=True, open_waits=(first, other),
    )  # fmt: skip
    assert len(statements.by_cases(turn)) == 2
    assert statements.by_cases(replace(turn, text=f"{told}，两家千万别说串了")) == []


def test_commas_divide_a_report_where_the_next_part_begins_with_another_name() -> None:
    waits = tuple(
        WaitView(f"w{n}", f"c{n}", "waiting_partner_feedback", "fulfillment_partner", "处理结果", aliases=(name,))
        for n, name in enumerate(("陈女士", "王先生"))
    )
    turn = Turn(
        text="陈女士配件到了，明天去装，王先生不在家，电话也没人接", at=datetime.fromisoformat("2026-06-10T10:00:00+08:00"),
        conversation_kind="partner_group", sender_side="partner", sender_known=True, open_waits=waits,
    )  # fmt: skip
    assert statements.by_cases(turn) == ["陈女士配件到了，明天去装", "王先生不在家，电话也没人接"]
    assert statements.by_cases(replace(turn, text="陈女士的配件，先给王先生用了")) == []


def test_pots_are_no_blame_and_blame_is() -> None:
    assert take_apart("请她把灶台上的锅碗先收走").withheld == ()
    assert take_apart("这锅我们可不背").kept == ()


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("让她们保洁今天把阀门关上", "保洁"),
        ("麻烦让他公司的前台把门禁卡带下来", "前台"),
        ("让她今天把阀门关上", ""),
    ],
)
def test_who_acts_for_the_contact_is_asked_through_them(text: str, who: str) -> None:
    words = relay_request(text, name="简小姐", names=["简小姐"], labels=[], private_names=[])[0]
    assert (f"请{who}" in words) == bool(who)
    assert (asks_of_request(text).state == "waiting_contact_coordination") == bool(who)


def test_a_time_until_when_is_told_as_one() -> None:
    found = times.find("今晚9点前修好", datetime.fromisoformat("2026-06-10T10:00:00+08:00"))[0]
    assert moments.is_deadline(found)
    assert day_words(found, english=False) == "6月10日（周三）21:00前"


def test_a_figure_of_the_model_stands_in_its_card() -> None:
    card = (DATA.parent / "model_card.md").read_text(encoding="utf-8")
    assert "kept inside, of those that must be" in card


def test_a_question_which_of_two_is_meant_belongs_to_neither() -> None:
    assert ASKS_WHICH.search("蔡队 闵行六楼那个李先生 还是宝山搬办公室那个？")
    assert ASKS_WHICH.search("Marek - which client do you mean?")
    assert not ASKS_WHICH.search("周三还是周四能到？")
    assert asks_of_request("请他今天给个准话，定了我就下料").state == "waiting_confirmation"
