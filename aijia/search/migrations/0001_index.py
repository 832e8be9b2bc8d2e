from django.db import migrations, models

SQLITE = (
    """CREATE VIRTUAL TABLE search_fts USING fts5(grams, content='search_searchentry', content_rowid='id', detail=none,
    columnsize=0, tokenize="unicode61 remove_diacritics 0")""",
    """CREATE TRIGGER search_entry_in AFTER INSERT ON search_searchentry BEGIN
    INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END""",
    """CREATE TRIGGER search_entry_out AFTER DELETE ON search_searchentry BEGIN
    INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); END""",
    """CREATE TRIGGER search_entry_new AFTER UPDATE ON search_searchentry WHEN old.grams <> new.grams BEGIN
    INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams);
    INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END""",
)
POSTGRES = (
    """CREATE INDEX search_entry_by_grams ON search_searchentry
    USING gin (array_to_tsvector(string_to_array(grams, ' ')))""",
)


def make(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRES if vendor == "postgresql" else ():
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("in", "out", "new"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS search_entry_{name}")
        schema_editor.execute("DROP TABLE IF EXISTS search_fts")
    else:
        schema_editor.execute("DROP INDEX IF EXISTS search_entry_by_grams")


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("case", "Cases"), ("customer", "Customers"), ("person", "People"), ("message", "Messages")], max_length=8)),
                ("ref", models.BigIntegerField()),
                ("text", models.TextField()),
                ("grams", models.TextField()),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
                "constraints": [models.UniqueConstraint(fields=("kind", "ref"), name="a_thing_is_found_once")],
            },
        ),
        migrations.RunPython(make, drop),
    ]
