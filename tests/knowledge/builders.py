"""Builders that walk the real operations of the room."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from foundation.actors import Actor
from knowledge import evaluation, operations
from knowledge.models import KnowledgeVersion
from people.models import StaffMember, User

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 5, 11, 9, 0, tzinfo=ZONE)
ME = Actor.machine("test")


def colleague(name: str, *, superuser: bool = True) -> StaffMember:
    """A colleague who may review knowledge."""
    user = User.objects.create_user(name, password="x", is_staff=True, is_superuser=superuser, display_name=name)
    return StaffMember.objects.create(name=name, user=user)


def team() -> tuple[StaffMember, StaffMember, StaffMember]:
    """Three colleagues: an author, a reviewer and another."""
    return colleague("柯可"), colleague("何姐"), colleague("林悦")


def draft(author: StaffMember | None = None, **more: Any) -> KnowledgeVersion:
    """A draft of a policy."""
    words = {"kind": "policy", "title": "保修期", "body": "整机保修一年，主要部件保修三年。", **more}
    return operations.create_item(author=author, actor=ME, at=words.pop("at", NINE), **words)


def published(author: StaffMember, reviewer: StaffMember, *, at: datetime = NINE, **more: Any) -> KnowledgeVersion:
    """A version that has walked its whole life."""
    version = draft(author, at=at, **more)
    return walk(version, reviewer, at=at)


def walk(version: KnowledgeVersion, reviewer: StaffMember, *, at: datetime = NINE) -> KnowledgeVersion:
    """From a draft to publication."""
    operations.desensitize(version_id=version.pk, by=version.author, actor=ME, at=at)
    operations.review(version_id=version.pk, by=reviewer, actor=ME, at=at)
    return operations.publish(version_id=version.pk, actor=ME, at=at)


def campaign_words(since: datetime, days: int = 7) -> dict[str, Any]:
    """What a campaign needs."""
    return {
        "kind": "campaign", "title": "夏日焕新", "body": "活动期间滤芯第二件半价。", "valid_from": since,
        "valid_until": since + timedelta(days=days),
    }  # fmt: skip


def answers_of(name: str) -> evaluation.Answers:
    """What the questions of a list are answered from the shelves that stand in it; nothing of the shelves stays."""
    answers = evaluation.Answers()
    for shop in evaluation.shops(Path(__file__).parent / "questions" / f"{name}.yaml"):
        with transaction.atomic():
            evaluation.stock(shop, at=NINE)
            evaluation.measure_answers(shop, answers, at=NINE)
            transaction.set_rollback(True)
    return answers
