"""Batches, their rejected rows and their quality figures."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from chengxin.accounts.models import Organisation, User
from chengxin.archive.models import OPERATIONS

STAGES = ("received", "checked", "matched", "kept", "refused")
"""received: the file is in the inbox; checked: rows are being judged and kept, chunk by chunk; matched: every
row has ended; kept: what follows from them is done, too; refused: the file is no table of the item."""


class Batch(models.Model):
    """A file that came in, how far it is, and its receipt. The counts hold for the first `chunks` chunks.

    Its records stand between `first_leaf` and `last_leaf` in the ledger.

    share      how much of the file is read, 0 to 1
    cells      cells of the accepted rows, `filled` of them not empty; `filled_fields` the same by field
    faults     what was wrong with rejected rows: field, rule, count, an example; the most frequent first
    follows    the batch whose rejected rows this one mends
    sent_by    who sent it, where a person did
    """

    id = models.AutoField(primary_key=True)
    item = models.TextField()
    item_version = models.DateField()
    source = models.ForeignKey(Organisation, models.PROTECT)
    operation = models.TextField(default="new")
    file_name = models.TextField()
    sha256 = models.BinaryField()
    received_at = models.DateTimeField()
    received_on = models.DateField()
    finished_at = models.DateTimeField(null=True)
    receipt_given = models.BooleanField(default=False)
    stage = models.TextField(default="received")
    chunks = models.IntegerField(default=0)
    first_leaf = models.BigIntegerField(null=True)
    last_leaf = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    late = models.BigIntegerField(default=0)
    without_code = models.BigIntegerField(default=0)
    new_subjects = models.BigIntegerField(default=0)
    queued = models.BigIntegerField(default=0)
    ignored = models.JSONField(default=list)
    refusal = models.JSONField(null=True)
    share = models.FloatField(default=0)
    cells = models.BigIntegerField(default=0)
    filled = models.BigIntegerField(default=0)
    filled_fields = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(stage__in=STAGES), name="batch_stage"),
            models.CheckConstraint(condition=Q(operation__in=OPERATIONS), name="batch_operation"),
            models.CheckConstraint(
                condition=Q(stage="refused", refusal__isnull=False)
                | (~Q(stage="refused") & Q(refusal__isnull=True)),
                name="batch_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(rows=F("kept") + F("duplicate") + F("rejected")), name="batch_every_row_ends"
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True) | Q(follows__lt=F("id")), name="batch_follows_an_earlier"
            ),
            models.CheckConstraint(
                condition=Q(filled__gte=0, filled__lte=F("cells")), name="batch_filled_of_its_cells"
            ),
        )
        indexes = (
            models.Index(fields=["sha256", "item", "source", "-id"], name="batch_file"),
            models.Index(fields=["source", "received_on"], name="batch_source"),
            models.Index(fields=["source", "-id"], name="batch_of_source"),
            models.Index(fields=["received_on"], name="batch_received"),
            models.Index(fields=["id"], name="batch_unfinished", condition=Q(finished_at=None)),
        )


class Reject(models.Model):
    """A rejected row: the reasons, and the row as it was sent (encrypted: it may hold personal data)."""

    pk = models.CompositePrimaryKey("batch", "row")
    batch = models.ForeignKey(Batch, models.CASCADE, db_index=False)
    row = models.BigIntegerField()
    problems = models.JSONField()
    values = models.BinaryField()
