"""Pieces of material can be named from outside: a public id each, in the order in which they came."""

from typing import Any

from django.db import migrations, models

import foundation.ids


def give_ids(apps: Any, schema_editor: Any) -> None:
    """An id for what was there before."""
    material = apps.get_model("cases", "Material")
    rows = []
    for row in material.objects.filter(public_id__isnull=True).order_by("pk").only("pk").iterator(chunk_size=500):
        row.public_id = foundation.ids.uuid7()
        rows.append(row)
    material.objects.bulk_update(rows, ["public_id"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_names_of_a_note")]

    operations = [
        migrations.AddField("material", "public_id", models.UUIDField(editable=False, null=True)),
        migrations.RunPython(give_ids, migrations.RunPython.noop, elidable=True),
    ]
