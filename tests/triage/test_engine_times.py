"""Everyday dates and times: exact, and at the edges of months and years."""

from __future__ import annotations

from datetime import datetime

import pytest

from triage.engines.local.times import ZONE, find

WEDNESDAY = datetime(2026, 5, 13, 10, 0, tzinfo=ZONE)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("后天晚上", "2026-05-15 18:00", "2026-05-16 00:00"),
        ("下礼拜二上午九点", "2026-05-19 09:00", "2026-05-19 10:00"),
        ("大后天下午两点", "2026-05-16 14:00", "2026-05-16 15:00"),
        ("19号上午", "2026-05-19 08:00", "2026-05-19 12:00"),
        ("下周一三点半", "2026-05-18 15:30", "2026-05-18 15:31"),
        ("周五上午9点到11点", "2026-05-15 09:00", "2026-05-15 11:00"),
        ("今晚8点前", "2026-05-13 10:00", "2026-05-13 20:00"),
        ("半小时后", "2026-05-13 10:30", "2026-05-13 11:00"),
        ("月底前", "2026-05-13 10:00", "2026-06-01 00:00"),
        ("周四下午两点到四点", "2026-05-14 14:00", "2026-05-14 16:00"),
        ("2到4点", "2026-05-13 14:00", "2026-05-13 16:00"),
        ("5号", "2026-06-05 00:00", "2026-06-06 00:00"),
        ("周末", "2026-05-16 00:00", "2026-05-18 00:00"),
        ("三点以后都在家", "2026-05-13 15:00", "2026-05-14 00:00"),
        ("礼拜天早上", "2026-05-17 06:00", "2026-05-17 10:00"),
        ("by Thursday", "2026-05-13 10:00", "2026-05-15 00:00"),
        ("Wed 20 May", "2026-05-20 00:00", "2026-05-21 00:00"),
        ("Thursday 9:30 works", "2026-05-14 09:30", "2026-05-14 09:31"),
        ("tomorrow at 3pm", "2026-05-14 15:00", "2026-05-14 16:00"),
        ("Sat 10am", "2026-05-16 10:00", "2026-05-16 11:00"),
        ("in 2 hours", "2026-05-13 12:00", "2026-05-13 12:30"),
        ("next Monday", "2026-05-18 00:00", "2026-05-19 00:00"),
    ],
)
def test_reads(text: str, start: str, end: str) -> None:
    first = find(text, WEDNESDAY)[0]
    assert (first.start, first.end) == (at(start), at(end))


@pytest.mark.parametrize(
    ("now", "text", "start"),
    [
        ("2026-12-31 20:00", "明天上午", "2027-01-01 08:00"),
        ("2026-12-30 09:00", "3号", "2027-01-03 00:00"),
        ("2026-12-30 09:00", "1月5日", "2027-01-05 00:00"),
        ("2026-01-31 09:00", "30号", "2026-03-30 00:00"),
        ("2028-02-28 09:00", "后天", "2028-03-01 00:00"),
        ("2026-12-31 09:00", "下周一", "2027-01-04 00:00"),
        ("2026-05-31 09:00", "下个月3号", "2026-06-03 00:00"),
        ("2026-05-17 09:00", "下周二", "2026-05-19 00:00"),
    ],
)
def test_edges(now: str, text: str, start: str) -> None:
    assert find(text, at(now))[0].start == at(start)


@pytest.mark.parametrize(
    "text", ["3号库那边没货", "一点问题没有", "有点瘪", "买了2天", "1.陈女士 2.王先生", "", "月饼很好吃"]
)
def test_no_time(text: str) -> None:
    assert find(text, WEDNESDAY) == ()


@pytest.mark.parametrize(
    "text", ["99号99点", "13月45日", "25:99", "0点0分", "周", "点" * 500, "二十四点六十分", "Feb 31 at 77pm"]
)
def test_odd_text_never_raises(text: str) -> None:
    find(text, WEDNESDAY)


@pytest.mark.parametrize(
    ("text", "words", "hour"),
    [("sorry Thursday晚上到家再拍", "Thursday晚上", 18), ("next friday下午三点ok", "next friday下午三点", 15), ("Sat上午行", "Sat上午", 8)],
)  # fmt: skip
def test_a_day_in_english_beside_chinese(text: str, words: str, hour: int) -> None:
    (found,) = find(text, datetime.fromisoformat("2026-11-03T10:00:00+08:00"))
    assert (found.words, found.start.hour) == (words, hour)


def test_how_long_something_lasted_is_no_time() -> None:
    at = datetime.fromisoformat("2026-11-03T10:00:00+08:00")
    assert find("敲了一晚上碗", at) == ()
    assert find("周一晚上来", at)[0].words == "周一晚上"
