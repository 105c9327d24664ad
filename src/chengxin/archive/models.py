"""The archive: one immutable row a record, sealed in the ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chengxin.accounts.models import Organisation
from chengxin.ledger.sealed import sealed
from chengxin.registry.models import Subject

OPERATIONS = ("new", "correction", "withdrawal")
DISCLOSURES = ("public", "shared", "authorised")
"""公示, 共享, 授权查询 (福建省公共信用信息管理暂行办法)."""


LISTS = ("serious_violation", "abnormal_operation")
"""Items that list a subject as one to be warned of."""


class Record(models.Model):
    """信用信息: what one source said of one subject on one day.

    `key` recognises the same fact of the same source again, `digest` the same statement of it: the pair is
    unique, so that nothing is kept twice. A correction or withdrawal is a record of its own that refers to
    the one before. What it points at is checked for all rows of a statement at once (see the migration
    `references`), which costs a fraction of a check a row. A record that comes from a decision and not from a
    file has the batch DECIDED. `ended_on`, `contested` and `suspended` say what its marks come to
    (`marking`): they stand outside the seal and are the only columns that ever change.
    """

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT, db_index=False, db_constraint=False)
    item = models.TextField()
    item_version = models.DateField()
    source = models.ForeignKey(Organisation, models.PROTECT, db_index=False, db_constraint=False)
    batch_id = models.IntegerField()
    row = models.IntegerField()
    date = models.DateField()
    operation = models.TextField()
    refers_to = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, db_constraint=False)
    disclosure = models.TextField()
    publish_from = models.DateField(null=True)
    publish_until = models.DateField(null=True)
    law = models.TextField()
    key = models.UUIDField()
    digest = models.UUIDField()
    personal = models.BinaryField(null=True)
    payload = models.TextField()
    ended_on = models.DateField(null=True)
    contested = models.BooleanField(db_default=False)
    suspended = models.BooleanField(db_default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(operation__in=OPERATIONS), name="record_operation"),
            models.CheckConstraint(condition=Q(disclosure__in=DISCLOSURES), name="record_disclosure"),
            models.CheckConstraint(
                condition=Q(operation="new", refers_to__isnull=True)
                | Q(operation__in=("correction", "withdrawal"), refers_to__isnull=False),
                name="record_refers",
            ),
            models.CheckConstraint(
                condition=Q(disclosure="public", publish_from__isnull=False)
                | Q(publish_from__isnull=True, publish_until__isnull=True),
                name="record_published_only_when_public",
            ),
            models.UniqueConstraint(fields=["key", "digest"], name="record_once"),
        )
        indexes = (
            models.Index(fields=["subject", "id"], name="record_subject"),
            models.Index(fields=["refers_to"], name="record_refers_to", condition=Q(refers_to__isnull=False)),
            models.Index(
                fields=["item", "-id"],
                name="record_latest",
                condition=Q(disclosure="public") & ~Q(operation="withdrawal"),
            ),
            models.Index(
                fields=["subject", "item"],
                name="record_listed",
                condition=Q(disclosure="public", item__in=LISTS),
            ),
        )


RECORD = sealed(
    "archive_record", "subject_id", "item", "item_version", "source_id", "batch_id", "row", "date",
    "operation", "refers_to_id", "disclosure", "publish_from", "publish_until", "law", "key", "digest",
    "personal", tail="payload", binary=("personal",),
)  # fmt: skip

FREE = ("ended_on", "contested", "suspended")
"""Columns of a record that its marks change."""

DECIDED = 0
"""Batch of records that a decision made (a correction or withdrawal upheld), not a file."""

MARKS = ("contested", "settled", "ended", "restored", "suspended", "resumed")
"""What may happen to a record, each with what takes it back."""


class Mark(models.Model):
    """标注: from a day on a record is contested, ended or suspended, or no longer so, and by which case.

    异议标注、终止、中止. `on`: the day from which it counts; `because`: what brought it about (repair,
    objection, annulment, …); `case_id`: number of the case in a floor above, None where there is none.
    """

    id = models.BigIntegerField(primary_key=True)
    record = models.ForeignKey(Record, models.PROTECT)
    kind = models.TextField()
    on = models.DateField()
    because = models.TextField()
    case_id = models.BigIntegerField(null=True)
    by = models.TextField()
    reason = models.TextField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(kind__in=MARKS), name="mark_kind"),)


MARK = sealed("archive_mark", "record_id", "kind", "on", "because", "case_id", "by", "reason")


class Attribution(models.Model):
    """A record found to belong to another subject than it was kept under; the newest counts."""

    id = models.BigIntegerField(primary_key=True)
    record = models.ForeignKey(Record, models.PROTECT)
    subject = models.ForeignKey(Subject, models.PROTECT)
    by = models.TextField()
    reason = models.TextField()


ATTRIBUTION = sealed("archive_attribution", "record_id", "subject_id", "by", "reason")


class PublishedCount(models.Model):
    """How many records were public on the day of the newest count, by what they are and where (`counting`).

    No record of its own but a sum over records, so it is replaced whole and stands in no ledger; rows with
    what changed since then come beside the first ones, so that a cell is the sum of its rows. `city` is
    the region at city level, empty where the subject's region is not known or lies elsewhere.
    """

    item = models.TextField()
    kind = models.TextField()
    city = models.CharField(max_length=6, blank=True)
    month = models.DateField()
    records = models.BigIntegerField()


class SubjectCount(models.Model):
    """How many subjects there are, those merged counted once; a sum as PublishedCount."""

    kind = models.TextField()
    city = models.CharField(max_length=6, blank=True)
    subjects = models.BigIntegerField()


class PlatformCount(models.Model):
    """Shops that a platform reported and that still run, and for how many the operator is verified."""

    code = models.TextField(primary_key=True)
    shops = models.BigIntegerField()
    verified = models.BigIntegerField()


class Counting(models.Model):
    """When the sums were made: on which day, and over how many leaves of the ledger. One row."""

    day = models.DateField()
    leaves = models.BigIntegerField()
    made_at = models.DateTimeField()
