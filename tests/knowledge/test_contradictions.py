"""Items that contradict each other are found although their titles are worded differently, and what is about two things is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest

from knowledge import operations
from knowledge.contradictions import Said, about_the_same, amounts, difference
from knowledge.evaluation import shops
from knowledge.models import QualityFlag
from tests.knowledge.builders import NINE

HERE = Path(__file__).parent


def pairs() -> Iterator[tuple[str, str, Said, Said]]:
    """Half, verdict and the two sides of every labelled pair."""
    for line in "\n".join(
        (HERE / name).read_text(encoding="utf-8") for name in ("pairs.tsv", "pairs_apart.tsv")
    ).splitlines():
        if line and not line.startswith("#"):
            half, verdict, title, body, other_title, other_body = line.split("\t")
            yield half, verdict, Said.of([title], body), Said.of([other_title], other_body)


def contradict(one: Said, other: Said) -> bool:
    """Whether a flag would be set."""
    return bool(difference(one, other)) and about_the_same(one, other)


def test_most_contradictions_are_found_and_hardly_anything_else() -> None:
    found = Counter((half, verdict, contradict(one, other)) for half, verdict, one, other in pairs())
    assert found["t", "contradiction", True] >= 28 and found["k", "contradiction", True] >= 13, found
    assert found["h", "contradiction", True] >= 7, found
    assert found["t", "none", True] == found["k", "none", True] == 0 and found["h", "none", True] <= 1, found
    assert all(contradict(one, other) == contradict(other, one) for _half, _verdict, one, other in pairs())


def test_shelves_without_contradictions_get_no_flag() -> None:
    """Twelve everyday shops, and shops that say the same nine things about each of twelve goods."""
    false = []
    for path in sorted((HERE / "questions").glob("*.yaml")):
        for shop in shops(path):
            said = [Said.of([row["title"]], row["body"]) for row in shop.items]
            false += [(one, other) for one, other in combinations(said[:60], 2) if contradict(one, other)]
    assert false == []


def test_what_is_denied_has_to_be_what_is_granted() -> None:
    granting = Said.of(["地毯清洗"], "地毯可以机洗。")
    assert difference(granting, Said.of(["地毯怎么洗"], "地毯请勿机洗。")) == "请勿"
    assert difference(granting, Said.of(["地毯怎么洗"], "地毯请勿暴晒。")) == ""
    assert difference(Said.of(["报名费"], "报名费不含补考费。"), Said.of(["补考"], "补考可以再约四次。")) == ""


def test_titles_that_name_different_days_are_about_two_things() -> None:
    for one, other in (("工作日营业", "周末营业"), ("冬季营业时间", "夏季营业时间")):
        assert not contradict(Said.of([one], "9:00到18:00营业。"), Said.of([other], "10:00到16:00营业。"))
    assert contradict(Said.of(["营业时间"], "9:00到18:00营业。"), Said.of(["几点营业"], "10:00到16:00营业。"))


@pytest.mark.parametrize(
    ("clause", "dimension", "values"),
    [
        ("3到5个工作日", "workday", {3, 5}),
        ("质保十二个月", "day", {360}),
        ("两年半", "day", {912.5}),
        ("半个月内", "day", {15}),
        ("当天退回", "day", {0}),
        ("一千二百元", "money", {1200}),
        ("三万元", "money", {30_000}),
        ("¥1299起", "money", {1299}),
        ("享八五折", "discount", {8.5}),
        ("88折", "discount", {8.8}),
        ("第二件半价", "discount", {5}),
        ("身高120厘米", "length", {1.2}),
        ("60周岁以上", "age", {60}),
        ("within a week", "day", {7}),
        ("thirty days", "day", {30}),
        ("until 2 pm", "clock", {14}),
        ("by noon", "clock", {12}),
        ("早上九点半到下午5点", "clock", {9.5, 17}),
        ("9:00—21:30", "clock", {9, 21.5}),
        ("12月10日截止", "date", {1210}),
        ("客服400-800-1234", "phone", {4008001234}),
        ("满99元打8.5折", "discount", {8.5}),
        ("上门免费", "money", {0}),
        ("within 48 hours", "day", {2}),
    ],
)
def test_what_a_clause_measures(clause: str, dimension: str, values: set[float]) -> None:
    assert set(amounts(clause)[dimension]) == values


@pytest.mark.django_db
def test_on_a_full_shelf_the_other_side_is_found_by_its_text_or_its_title() -> None:
    shelf = [row for path in sorted((HERE / "questions").glob("*kept_back.yaml")) for row in shops(path)]
    for shop in shelf:
        for row in shop.items:
            operations.seed(at=NINE, **{"kind": "policy", "valid_from": None, **row, **(
                {"valid_from": NINE, "valid_until": NINE + timedelta(days=7)} if row.get("kind") == "campaign" else {}
            )})  # fmt: skip
    for title, body in (("门店几点关门", "本店每天24:00打烊。"), ("钱什么时候退给我", "审核通过后10个工作日内到账。")):
        operations.seed(kind="policy", title=title, body=body, at=NINE)
    operations.seed(kind="policy", title="打烊时间", body="本店晚上20:00关门。", at=NINE)
    other = operations.seed(kind="policy", title="退款多久到账", body="退款3到5个工作日原路退回。", at=NINE)
    while operations.sweep_quality(at=NINE):
        pass
    flags = QualityFlag.objects.filter(kind="contradiction")
    assert [row.detail for row in flags.filter(second=other.item)] == ["10个工作日 ≠ 3个工作日/5个工作日"]
    assert flags.filter(first__title="门店几点关门", second__title="打烊时间", detail="24:00 ≠ 晚上20:00").exists()
