"""Learning from the team: candidates are trained beside the model in use, compared, and switched by a person."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from django.urls import reverse

from aijia import pump
from delivery import ports
from evidence.models import Entry
from foundation.actors import Actor
from foundation.errors import NotAllowed, Refused
from foundation.remembering import forget_all
from tests.builders import ME, Company, say
from tests.triage.test_learning import LATER, asked, client_of, consent, label
from triage import learning, retraining
from triage.engines.local.model import DEFAULT
from triage.engines.local.training import read_rows
from triage.engines.registry import local_engine
from triage.management.commands.train_triage import DATA
from triage.models import Decision, LabelledExample, ModelCandidate
from triage.retraining_figures import figure_rows

pytestmark = pytest.mark.django_db


def few_rows() -> list[dict[str, object]]:
    return read_rows(DATA / "training")[::40]


@pytest.fixture(scope="module")
def _taught(_built: Company) -> Company:
    """Examples as the team would leave them, with ids on both sides of the split."""
    with override_settings(DELIVERY_CHANNEL="delivery.ports.CapturingChannel"):
        ports._load.cache_clear()
        consent()
        label(_built, asked(_built))
        first = LabelledExample.objects.get()
        for number in range(12):
            at = LATER + timedelta(hours=number + 1)
            say(_built.group, "wmchen", f"帮我看看第{number}台机器还在保修吗", at=at)
            pump.drain(at, channel=False)
            label(_built, Decision.objects.order_by("pk").last())  # type: ignore[arg-type]
        assert LabelledExample.objects.count() == 13 and first.row
        return _built


@pytest.fixture
def shop(_taught: Company, db: None, settings: object, tmp_path: Path) -> Company:
    settings.DELIVERY_CHANNEL = "delivery.ports.CapturingChannel"  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    ports._load.cache_clear()
    return deepcopy(_taught)


@pytest.fixture(scope="module")
def shipped_model() -> bytes:
    """The file of the shipped model as it was before anything was trained."""
    return DEFAULT.read_bytes()


@pytest.fixture(scope="module")
def _made(
    _taught: Company, shipped_model: bytes, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ModelCandidate]:
    """A candidate that was trained once for all tests here, and the folder that holds its file."""
    folder = tmp_path_factory.mktemp("candidate")
    with override_settings(MEDIA_ROOT=folder):
        return folder, retraining.make_candidate(project_rows=few_rows(), actor=ME, at=LATER)


@pytest.fixture
def candidate(shop: Company, _made: tuple[Path, ModelCandidate], tmp_path: Path) -> ModelCandidate:
    """The candidate, with a file of its own."""
    folder, made = _made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return ModelCandidate.objects.get(pk=made.pk)


def test_the_split_is_the_same_every_time_and_no_row_is_on_both_sides() -> None:
    rows: list[dict[str, object]] = [{"id": f"x{n}"} for n in range(200)]
    learned, held = retraining.split(rows, 5)
    assert (learned, held) == retraining.split(rows, 5) and 20 < len(held) < 70
    assert not {r["id"] for r in learned} & {r["id"] for r in held} and len(learned) + len(held) == 200


@pytest.mark.once(on="postgres")
def test_a_candidate_is_measured_kept_outside_the_package_and_used_only_when_a_person_switches(
    shop: Company, shipped_model: bytes, candidate: ModelCandidate, tmp_path: Path
) -> None:
    shipped = local_engine().version
    assert DEFAULT.read_bytes() == shipped_model and Path(candidate.file.path).is_relative_to(tmp_path)
    figures = candidate.figures
    assert figures["project"]["new"]["rows"] == figures["project"]["old"]["rows"] > 0 and figures["twin"]
    assert figure_rows(figures, "project")
    learning.follow_active_model()
    assert local_engine().version == shipped

    with pytest.raises(NotAllowed):
        learning.switch_model(candidate_id=candidate.pk, reason="better", actor=ME, at=LATER)
    client = client_of(shop.supervisor, is_superuser=True)
    assert (
        candidate.version
        in client.get(reverse("admin:triage_modelcandidate_change", args=[candidate.pk])).content.decode()
    )
    switch = reverse("admin:triage_modelcandidate_switch", args=[candidate.pk])
    client.post(switch, {"do": "switch", "reason": ""})
    assert not ModelCandidate.objects.filter(is_active=True).exists()
    client.post(switch, {"do": "switch", "reason": "好一些"})
    learning.follow_active_model()
    assert local_engine().version.endswith(candidate.version) and local_engine().version != shipped
    # Another worker, which saw no signal, notices when what it remembers is over.
    ModelCandidate.objects.filter(pk=candidate.pk).update(is_active=False)
    learning.follow_active_model()
    assert local_engine().version != shipped
    forget_all()
    learning.follow_active_model()
    assert local_engine().version == shipped
    ModelCandidate.objects.filter(pk=candidate.pk).update(is_active=True)
    client.post(switch, {"do": "back", "reason": "试完了"})
    forget_all()
    learning.follow_active_model()
    assert local_engine().version == shipped
    bodies = [
        json.loads(row.body_row.body) for row in Entry.objects.filter(chain__subject_kind="policy").order_by("pk")
    ]
    done = [body["to"] for body in bodies if body["action"] == "switch_model"]
    assert done == [candidate.version, "shipped"]


@pytest.mark.once(on="postgres")
def test_a_file_that_was_changed_is_never_switched_to(candidate: ModelCandidate) -> None:
    path = Path(candidate.file.path)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Refused):
        learning.switch_model(candidate_id=candidate.pk, reason="x", actor=Actor("user", "1", "a"), at=LATER)
    assert not ModelCandidate.objects.filter(is_active=True).exists()


def test_without_examples_the_command_says_so() -> None:
    LabelledExample.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("train_triage", "--with-reviews", stdout=StringIO())


@pytest.mark.once(on="postgres")
def test_the_command_prints_the_comparison(shop: Company, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "training"
    folder.mkdir(parents=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in few_rows()[:150])
    (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
    said, before = StringIO(), ModelCandidate.objects.count()
    call_command("train_triage", "--with-reviews", "--data", str(tmp_path / "data"), stdout=said)
    assert "shipped" in said.getvalue() and "review_recall" in said.getvalue()
    assert ModelCandidate.objects.count() == before + 1
