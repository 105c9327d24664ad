"""Tables of the registry: all but the match queue append-only and sealed; `id` is a row's leaf number."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from chengxin.ledger.sealed import sealed

KINDS = ("legal_person", "organisation", "individual_business", "natural_person")
"""信用主体类别: 法人, 非法人组织, 个体工商户, 自然人(仅以其经营或从业身份)."""

ROLES = (
    "platform", "merchant", "individual_seller", "logistics_firm", "courier", "agency_operation",
    "agency_staff", "consulting", "credit_agency", "payment_institution", "association",
)  # fmt: skip
"""Roles in e-commerce (plan 9.1: platforms, supporting services and their staff)."""

OUTLET_KINDS = ("shop", "website", "app", "live_room")
VERIFICATION_STATES = ("unverified", "verified", "mismatch", "lapsed")
QUEUE_STATES = ("open", "same", "different")


class Subject(models.Model):
    """A credit subject. `region` is the one at first knowledge.

    `name`, `normalised`, `tokens` and `merged_into` are projections of later sealed rows.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    registered_name = models.TextField()
    name = models.TextField()
    normalised = models.TextField()
    region = models.CharField(max_length=6, null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="+")
    tokens = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="subject_kind"),
            models.CheckConstraint(condition=~Q(registered_name=""), name="subject_named"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="subject_not_own_absorber"),
        )
        indexes = (
            models.Index(fields=["normalised"], name="subject_normalised", opclasses=["text_pattern_ops"]),
            models.Index(
                fields=["merged_into"], name="subject_merged", condition=Q(merged_into__isnull=False)
            ),
            GinIndex(fields=["tokens"], name="subject_tokens"),
        )


SUBJECT = sealed("registry_subject", "kind", "registered_name", "region")


class Identifier(models.Model):
    """A code of a subject. Personal ones hold a keyed hash and a ciphertext instead of the value.

    That its subject exists is checked for all rows of a statement at once (migration 0003).
    """

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT, db_constraint=False)
    scheme = models.TextField()
    value = models.TextField(null=True)
    fingerprint = models.BinaryField(null=True)
    cipher = models.BinaryField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(value__isnull=False, fingerprint__isnull=True, cipher__isnull=True)
                | Q(value__isnull=True, fingerprint__isnull=False, cipher__isnull=False),
                name="identifier_open_or_sealed",
            ),
            models.UniqueConstraint(
                fields=["value", "scheme"], name="identifier_value", condition=Q(value__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["fingerprint", "scheme"],
                name="identifier_fingerprint",
                condition=Q(fingerprint__isnull=False),
            ),
        )


IDENTIFIER = sealed(
    "registry_identifier",
    "subject_id",
    "scheme",
    "value",
    "fingerprint",
    "cipher",
    binary=("fingerprint", "cipher"),
)


class Name(models.Model):
    """A later name of a subject (the first is Subject.registered_name), known from a record."""

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    name = models.TextField()
    since = models.DateField()
    record_id = models.BigIntegerField()


NAME = sealed("registry_name", "subject_id", "name", "since", "record_id")


class Role(models.Model):
    """A role that a subject has in e-commerce, known from a record."""

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT)
    role = models.TextField()
    since = models.DateField()
    record_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(role__in=ROLES), name="role_known"),
            models.UniqueConstraint(fields=["subject", "role", "record_id"], name="role_once"),
        )


ROLE = sealed("registry_role", "subject_id", "role", "since", "record_id")


class Outlet(models.Model):
    """A shop, website, app or live room that a subject runs, and on which platform, known from a record."""

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT)
    kind = models.TextField()
    name = models.TextField()
    url = models.TextField(null=True)
    domain = models.TextField(null=True)
    platform = models.TextField(null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    record_id = models.BigIntegerField(unique=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(kind__in=OUTLET_KINDS), name="outlet_kind"),)
        indexes = (
            models.Index(fields=["domain"], name="outlet_domain"),
            models.Index(fields=["name"], name="outlet_name"),
        )


OUTLET = sealed(
    "registry_outlet",
    "subject_id",
    "kind",
    "name",
    "url",
    "domain",
    "platform",
    "opened_on",
    "closed_on",
    "record_id",
)


class Verification(models.Model):
    """An identity report held against registration and licence records: the result; the newest counts."""

    id = models.BigIntegerField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT)
    report_id = models.BigIntegerField()
    state = models.TextField()
    reasons = models.TextField()
    checked_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=VERIFICATION_STATES), name="verification_state"),
        )
        indexes = (models.Index(fields=["report_id", "-id"], name="verification_report"),)


VERIFICATION = sealed(
    "registry_verification", "subject_id", "report_id", "state", "checked_on", tail="reasons"
)


class Merge(models.Model):
    """Two subjects found to be one (`undoes` empty), or such a finding taken back."""

    id = models.BigIntegerField(primary_key=True)
    kept = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    absorbed = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    by = models.TextField()
    reason = models.TextField()
    made_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(by=""), name="merge_signed"),
        )


MERGE = sealed("registry_merge", "kept_id", "absorbed_id", "undoes_id", "by", "reason", "made_on")


class MatchCandidate(models.Model):
    """A pair between the thresholds, waiting for a steward: is `subject` the same as `other`?"""

    id = models.BigAutoField(primary_key=True)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    other = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    probability = models.FloatField()
    evidence = models.JSONField()
    state = models.TextField(default="open")
    decided_by = models.TextField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=QUEUE_STATES), name="candidate_state"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_by__isnull=False), name="candidate_signed"
            ),
            models.UniqueConstraint(fields=["subject", "other"], name="candidate_once"),
        )
        indexes = (
            models.Index(fields=["-probability", "id"], name="candidate_open", condition=Q(state="open")),
        )
