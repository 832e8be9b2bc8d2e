"""Every piece of material has an id of its own."""

from django.db import migrations, models

import foundation.ids


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_material_public_id")]

    operations = [
        migrations.AlterField(
            "material", "public_id", models.UUIDField(default=foundation.ids.uuid7, editable=False, unique=True)
        ),
    ]
