"""Batches, their rejected rows and their quality figures."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from chengxin.accounts.models import Organisation

STAGES = ("received", "checked", "matched", "kept", "refused")


class Batch(models.Model):
    """A file that came in, how far it is, and its receipt. The counts hold for the first `chunks` chunks."""

    id = models.AutoField(primary_key=True)
    item = models.TextField()
    item_version = models.DateField()
    source = models.ForeignKey(Organisation, models.PROTECT)
    file_name = models.TextField()
    sha256 = models.BinaryField()
    received_at = models.DateTimeField()
    received_on = models.DateField()
    finished_at = models.DateTimeField(null=True)
    receipt_given = models.BooleanField(default=False)
    stage = models.TextField(default="received")
    chunks = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    without_code = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=STAGES), name="batch_stage"),
            models.CheckConstraint(
                condition=Q(rows=F("kept") + F("duplicate") + F("rejected")), name="batch_every_row_ends"
            ),
        ]
        indexes = [models.Index(fields=["sha256", "item", "source", "-id"], name="batch_file")]


class Reject(models.Model):
    """A rejected row: the reasons, and the row as it was sent (encrypted, since it may hold personal data)."""

    pk = models.CompositePrimaryKey("batch", "row")
    batch = models.ForeignKey(Batch, models.CASCADE, db_index=False)
    row = models.BigIntegerField()
    problems = models.JSONField()
    values = models.BinaryField()
