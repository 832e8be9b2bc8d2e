"""Meanings as vectors are a second look: with them, without them, and without the package."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from aijia import tasks
from knowledge import encoder, index, operations, vectors
from knowledge.encoder import OneByOne
from knowledge.models import KnowledgeVersion, VersionVector
from knowledge.search import find, search
from tests.builders import company
from tests.knowledge.builders import ME, NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> list[KnowledgeVersion]:
    rows = (("保修期", "整机保修一年。"), ("保修凭证", "保修请出示订单。"), ("开发票", "电子发票在订单页申请。"))
    return [operations.seed(kind="policy", title=title, body=body, at=NINE) for title, body in rows]


@pytest.fixture
def by_letters(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    """A model of our own, so that the suite needs no package: a text means its characters, 保修 means 凭证."""

    def encode(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        found = np.zeros((len(texts), vectors.SIZE), np.float32)
        for row, text in enumerate(texts):
            for char in text.replace("坏了找谁", "凭证凭证凭证"):
                found[row, ord(char) % vectors.SIZE] += 1
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    monkeypatch.setattr(vectors, "encode", encode)
    monkeypatch.setattr(vectors, "_one_by_one", lambda: None)
    monkeypatch.setattr(vectors, "is_available", lambda: True)
    settings.KNOWLEDGE_VECTORS = True  # type: ignore[attr-defined]
    vectors._asked.cache_clear()


def test_without_vectors_everything_is_found_by_its_words(shelf: list[KnowledgeVersion], settings: object) -> None:
    assert vectors.is_on()
    assert not VersionVector.objects.exists() and search("保修期多久", at=NINE)[0].version == shelf[0]
    settings.KNOWLEDGE_VECTORS = False  # type: ignore[attr-defined]
    assert vectors.sweep_vectors(at=NINE) == 0 and not vectors.is_on()
    assert search("保修期多久", at=NINE)[0].version == shelf[0]


def test_while_the_model_is_being_read_words_alone_answer_at_once(
    shelf: list[KnowledgeVersion], by_letters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors.sweep_vectors(at=NINE)
    read, begun = threading.Event(), threading.Event()
    encode = vectors.encode

    def slowly(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        begun.set()
        assert read.wait(20)
        return encode(texts)

    monkeypatch.setattr(vectors, "encode", slowly)
    vectors.warm()
    assert begun.wait(20) and vectors.is_warming()
    question = "保修坏了找谁"
    meanwhile = [hit.rank for hit in find(question, at=NINE)]
    with vectors.switched(False):
        assert meanwhile == [hit.rank for hit in find(question, at=NINE)]
    read.set()
    vectors._warming[0].join(20)
    assert meanwhile != [hit.rank for hit in find(question, at=NINE)]


def test_the_task_rings_again_while_there_are_more(
    shelf: list[KnowledgeVersion], by_letters: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(tasks, "MEANINGS", 2)
    monkeypatch.setattr(tasks.meanings, "delay", lambda: rung.append(VersionVector.objects.count()))
    tasks.meanings()
    tasks.meanings()
    assert (rung, VersionVector.objects.count()) == ([2], 3)


def test_what_a_flow_says_anew_gets_a_new_vector(by_letters: None) -> None:
    shop = company()
    version = operations.seed(kind="service_flow", title="维修要多久", body="见下。", flow=shop.flow, at=NINE)
    vectors.sweep_vectors(at=NINE)
    index.renew_flow(shop.flow.pk)
    assert not VersionVector.objects.exists()
    assert vectors.sweep_vectors(at=NINE) == 1 and VersionVector.objects.get().version == version


def test_the_sweep_makes_what_lacks_and_forgets_what_is_retired(
    shelf: list[KnowledgeVersion], by_letters: None
) -> None:
    assert (
        vectors.sweep_vectors(at=NINE, limit=2),
        vectors.sweep_vectors(at=NINE),
        vectors.sweep_vectors(at=NINE),
    ) == (2, 1, 0)
    assert len(bytes(VersionVector.objects.earliest("pk").vector)) == vectors.SIZE
    operations.retire(item_id=shelf[2].item_id, reason="outdated", actor=ME, at=NINE)
    VersionVector.objects.filter(version=shelf[0]).update(model="older")
    assert vectors.sweep_vectors(at=NINE) == 1
    assert set(VersionVector.objects.values_list("version", flat=True)) == {shelf[0].pk, shelf[1].pk}


def test_likeness_of_meaning_decides_between_candidates_and_never_adds_an_answer(
    shelf: list[KnowledgeVersion], by_letters: None
) -> None:
    question = "保修坏了找谁"
    with vectors.switched(False):
        before = [hit.version.pk for hit in find(question, at=NINE)]
    vectors.sweep_vectors(at=NINE)
    after = [hit.version.pk for hit in find(question, at=NINE)]
    assert after[0] == shelf[1].pk and set(after) == set(before)
    VersionVector.objects.filter(version=shelf[1]).delete()
    assert {hit.version.pk for hit in find(question, at=NINE)} == set(before)
    assert search("今天天气怎么样", at=NINE) == []


@pytest.mark.skipif(not vectors.is_available(), reason="needs the package")
def test_the_model_knows_other_words_for_the_same() -> None:
    same, other = "包裹到哪里了", "怎么开发票"
    asked, one, two = vectors.encode(["我的快递送到哪了", same, other])
    assert asked @ one > asked @ two + 0.1


@pytest.mark.skipif(not vectors.is_available(), reason="needs the package")
def test_a_question_alone_gets_the_vector_that_the_package_gives_and_no_other() -> None:
    package = vectors._encoder()
    quick = OneByOne.of(package)
    assert quick is not None
    for text in ("保修期多久", "", "a", "退" * 200, "How long does it last? 退货 12"):
        assert np.abs(quick.encode(text) - vectors.encode([text])[0]).max() < 1e-5
        assert np.array_equal(quick.encode(text), quick.encode(text))

    class Other:
        """A package whose model computes something else."""

        _model = package._model

        def __call__(self, texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
            return -vectors.encode(texts)

    assert OneByOne.of(Other()) is None and OneByOne.of(object()) is None


@pytest.mark.skipif(not vectors.is_available(), reason="needs the package")
def test_only_so_many_tokens_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "KEPT", 5)
    quick = OneByOne(vectors._encoder()._model)
    expected = vectors.encode(["洗衣机漏水怎么办，多久能修好"])[0]
    assert np.abs(quick.encode("洗衣机漏水怎么办，多久能修好") - expected).max() < 1e-5
    assert len(quick._tokens) == 5
