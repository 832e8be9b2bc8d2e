"""Who comes and until when is kept with a case; what a customer may be told has a stage."""

from typing import Any

from django.db import migrations, models

import cases.models.flow
import foundation.encryption

FROM = {"visit_time": "always", "tracking_number": "always"}


def give_stages(apps: Any, schema_editor: Any) -> None:
    """What was listed may be told: people once an appointment stands, the rest at any time. An empty list was never looked at: the default."""
    for name in ("ServiceFlow", "HistoricalServiceFlow"):
        for row in apps.get_model("cases", name).objects.all():
            if isinstance(row.disclosure, list):
                listed = {kind: FROM.get(kind, "agreed") for kind in row.disclosure}
                row.disclosure = listed or cases.models.flow.default_disclosure()
                row.save(update_fields=["disclosure"])


def take_stages(apps: Any, schema_editor: Any) -> None:
    """Back to a plain list."""
    for name in ("ServiceFlow", "HistoricalServiceFlow"):
        for row in apps.get_model("cases", name).objects.all():
            if isinstance(row.disclosure, dict):
                row.disclosure = list(row.disclosure)
                row.save(update_fields=["disclosure"])


def _disclosure() -> models.JSONField:
    return models.JSONField(
        blank=True, default=cases.models.flow.default_disclosure, help_text="What is not listed is never told.",
        verbose_name="what a customer may be told",
    )  # fmt: skip


def _who(model: str) -> list[Any]:
    until = models.DateTimeField(blank=True, editable=False, null=True, verbose_name="appointment until")
    visitor = models.CharField(blank=True, editable=False, max_length=64, verbose_name="who comes")
    phone = foundation.encryption.EncryptedTextField(
        blank=True, default="", editable=False, verbose_name="phone of who comes"
    )
    fields = {"appointment_until": until, "visitor": visitor, "visitor_phone": phone}
    if model.startswith("historical"):
        fields.pop("visitor_phone")
    return [
        migrations.AddField(model, name, field) for name, field in fields.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_material_public_id_is_unique")]

    operations = [
        *_who("servicecase"),
        *_who("historicalservicecase"),
        migrations.AlterField("serviceflow", "disclosure", _disclosure()),
        migrations.AlterField("historicalserviceflow", "disclosure", _disclosure()),
        migrations.RunPython(give_stages, take_stages, elidable=True),
    ]
