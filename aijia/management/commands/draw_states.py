"""Draw the states of the rooms' models into their READMEs, from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

DRAWN = {
    "cases": ("ServiceCase", "WaitingItem"),
    "review": ("Draft",),
    "delivery": ("Outbound",),
    "knowledge": ("KnowledgeVersion",),
}
BEGIN, END = "<!-- states:begin (manage.py draw_states) -->", "<!-- states:end -->"


def picture(model: Any) -> str:
    """A Mermaid state diagram of a model's transitions."""
    lines = [f"**{model.__name__}**", "", "```mermaid", "stateDiagram-v2"]
    field = model._meta.get_field("state")
    if field.default is not None and field.has_default():
        lines.append(f"    [*] --> {field.get_default()}")
    arrows = {
        (str(one.source), str(one.target), one.name) for one in field.get_all_transitions(model) if one.source != "*"
    }
    lines += [f"    {source} --> {target}: {name}" for source, target, name in sorted(arrows)]
    return "\n".join([*lines, "```", ""])


def drawn(text: str, room: str) -> str:
    """A README with its pictures as the code has them now.

    :raises CommandError: when the README has no place for them.
    """
    if BEGIN not in text or END not in text:
        raise CommandError(f"{room}/README.md has no place for its states: {BEGIN} … {END}")
    head, rest = text.split(BEGIN, 1)
    _old, tail = rest.split(END, 1)
    pictures = "\n".join(picture(apps.get_model(room, name)) for name in DRAWN[room])
    return f"{head}{BEGIN}\n\n{pictures}\n{END}{tail}"


class Command(BaseCommand):
    """`manage.py draw_states [--check]`"""

    help = "Writes state diagrams into the READMEs of the rooms; --check only says whether they are up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        for room in DRAWN:
            path = Path(settings.BASE_DIR) / room / "README.md"
            now = path.read_text(encoding="utf-8")
            wanted = drawn(now, room)
            if options["check"]:
                if wanted != now:
                    raise CommandError(f"{path.name} of {room} is out of date: run manage.py draw_states")
            elif wanted != now:
                path.write_text(wanted, encoding="utf-8")
                self.stdout.write(f"{room}/README.md")
