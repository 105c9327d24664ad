"""Leads, the runs that found them, and what people did with them. An act is sealed in the ledger.

A lead is one item of the queue: one entity, or one scheme with its members. Where it stands follows from its
acts; `verify` compares both.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from chengxin.accounts.models import Organisation
from chengxin.cases.models import Case
from chengxin.ledger.sealed import sealed
from chengxin.registry.models import Subject
from chengxin.triage.rules import STATES, UNDECIDED


class Run(models.Model):
    """A file of leads that was taken in: by which models, under which rulebook, over which time.

    source       the platform that reported it; None: our own models found it
    digest       SHA-256 of the file: the same file from the same source is the same run
    model        version of whatever found the leads
    rulebook_on  day whose rulebook the models went by
    leaf         number of the ledger's event that says so
    """

    source = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False)
    digest = models.BinaryField()
    model = models.TextField()
    rulebook_on = models.DateField()
    taken_at = models.DateTimeField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    lines = models.IntegerField()
    leads = models.IntegerField()
    new = models.IntegerField()
    leaf = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["digest"], name="run_once", condition=Q(source__isnull=True)),
            models.UniqueConstraint(
                fields=["source", "digest"], name="run_of_source_once", condition=Q(source__isnull=False)
            ),
        )


class Lead(models.Model):
    """A question for a person; see `contract.Line` for what it was reported with.

    entity, entity_id  whom it is named after: of a scheme its strongest member
    platform           as reported, "" where its members are on several
    organisation       that platform, where it is known here
    score              of its strongest member; `probability`: what that comes to by earlier outcomes
    amount             in fen, of the orders in evidence; None where they were not read
    value              expected value of looking at it: what the queue goes by
    acts               how many were done: whoever does the next says how many they saw
    due                the last day of watching, or of the merchant's time to explain
    decided_on, hit    when it was decided what it is, and whether it was what it looked like
    rows               evidence as it was seen in the lake, by table; None where no lake was at hand
    """

    detector = models.TextField()
    entity = models.TextField()
    entity_id = models.TextField()
    name = models.TextField(default="")
    platform = models.TextField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False)
    since = models.DateField()
    until = models.DateField()
    score = models.FloatField()
    probability = models.FloatField()
    amount = models.BigIntegerField(null=True)
    value = models.FloatField()
    members = models.IntegerField()
    runs = models.IntegerField(default=1)
    first_run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False)
    last_run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    first_seen = models.DateField()
    last_seen = models.DateField()
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, db_index=False)
    region = models.CharField(max_length=6, null=True)
    state = models.TextField(default="open")
    acts = models.IntegerField(default=0)
    due = models.DateField(null=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, db_index=False)
    warned_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    hit = models.BooleanField(null=True)
    rows = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="lead_state"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="lead_window"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="lead_score"),
            models.CheckConstraint(
                condition=Q(probability__gt=0, probability__lt=1), name="lead_probability"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True, hit__isnull=True)
                | Q(decided_on__isnull=False, hit__isnull=False),
                name="lead_decided",
            ),
        )
        indexes = (
            models.Index(-F("value"), "id", name="lead_queue", condition=Q(state__in=UNDECIDED)),
            models.Index(-F("value"), "id", name="lead_value", condition=~Q(state="joined")),
            models.Index("state", -F("value"), "id", name="lead_state_value"),
            models.Index("detector", -F("value"), "id", name="lead_detector_value"),
            models.Index(fields=["organisation", "-id"], name="lead_organisation"),
            models.Index(fields=["subject", "-id"], name="lead_subject", condition=Q(subject__isnull=False)),
            models.Index(fields=["case"], name="lead_case", condition=Q(case__isnull=False)),
            models.Index(fields=["due"], name="lead_due", condition=Q(due__isnull=False)),
            models.Index(
                fields=["detector", "decided_on"],
                name="lead_decided_on",
                condition=Q(decided_on__isnull=False),
            ),
        )


class Member(models.Model):
    """An entity that was found, and the lead that it belongs to; as it was last reported."""

    lead = models.ForeignKey(Lead, models.PROTECT)
    detector = models.TextField()
    entity = models.TextField()
    entity_id = models.TextField()
    platform = models.TextField()
    since = models.DateField()
    until = models.DateField()
    score = models.FloatField()
    ring = models.TextField()
    signals = models.JSONField()
    evidence = models.JSONField()

    class Meta:
        indexes = (
            models.Index(fields=["entity_id", "detector", "entity", "platform"], name="member_entity"),
        )


class Sighting(models.Model):
    """A lead as one run saw it."""

    lead = models.ForeignKey(Lead, models.PROTECT, db_index=False)
    run = models.ForeignKey(Run, models.PROTECT)
    score = models.FloatField()
    since = models.DateField()
    until = models.DateField()
    members = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["lead", "run"], name="sighting_once"),)


class Act(models.Model):
    """Something that was done with a lead; append-only, a leaf of the ledger. `facts`: JSON of what was said.

    number  from 1 on in each lead; `user`: None for the system, a machine and holders of an access code
    """

    id = models.BigIntegerField(primary_key=True)
    lead = models.ForeignKey(Lead, models.PROTECT, db_index=False, db_constraint=False)
    number = models.IntegerField()
    kind = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()
    at = models.DateTimeField()
    day = models.DateField()
    user = models.BigIntegerField(null=True)
    person = models.TextField()
    role = models.TextField()
    organisation = models.BigIntegerField(null=True)
    facts = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["lead", "number"], name="act_number"),)
        indexes = (models.Index(fields=["organisation", "day"], name="act_of_organisation"),)


ACT = sealed(
    "triage_act", "lead_id", "number", "kind", "from_state", "to_state", "at", "day", "user", "person",
    "role",
    "organisation", tail="facts", moments=("at",),
)  # fmt: skip


class Capacity(models.Model):
    """How many leads an office can look at a day."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, primary_key=True)
    daily = models.IntegerField()
    set_by = models.TextField()
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(daily__gte=1, daily__lte=500), name="capacity_daily"),
        )


class Calibration(models.Model):
    """The curve of a model as its decided leads have it.

    told_on  day on which its owner was last told that it is right too seldom; None while it isn't
    """

    detector = models.TextField(primary_key=True)
    labels = models.IntegerField()
    hits = models.IntegerField()
    knots = models.JSONField()
    made_at = models.DateTimeField(auto_now=True)
    told_on = models.DateField(null=True)
