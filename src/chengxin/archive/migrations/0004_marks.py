"""Marks on records: contested, ended, suspended. Only the three columns that follow from them may change.

The new columns have constant defaults, so that adding them takes no time however many records there are.
"""

import django.db.models.deletion
from django.db import migrations, models

from chengxin.ledger.guards import append_only, refuse_columns, unguarded

SEALED = (
    "id", "subject_id", "item", "item_version", "source_id", "batch_id", "row", "date", "operation",
    "refers_to_id", "disclosure", "publish_from", "publish_until", "law", "key", "digest", "personal",
    "payload",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0003_what_the_public_counts"),
    ]
    operations = [
        migrations.AddField("record", "ended_on", models.DateField(null=True)),
        migrations.AddField("record", "contested", models.BooleanField(db_default=False)),
        migrations.AddField("record", "suspended", models.BooleanField(db_default=False)),
        unguarded("archive_record"),
        refuse_columns("archive_record", *SEALED),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("on", models.DateField()),
                ("because", models.TextField()),
                ("case_id", models.BigIntegerField(null=True)),
                ("by", models.TextField()),
                ("reason", models.TextField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="archive.record"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ("contested", "settled", "ended", "restored", "suspended", "resumed"),
                            )
                        ),
                        name="mark_kind",
                    )
                ],
            },
        ),
        append_only("archive_mark"),
    ]
