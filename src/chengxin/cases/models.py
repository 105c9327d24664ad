"""Cases and their steps. A step is sealed in the ledger; a case is what its steps come to.

`Case.id` is the leaf number of the step that opened it, which seals what the case is about. Where it stands
follows from its steps; `verify` compares both, and the database refuses a step that doesn't go on from the
one before, is dated before it, or decides without a person other than the one who opened the case (migration
`guards`).
"""

from __future__ import annotations

import orjson
from django.db import models
from django.db.models import F, Q

from chengxin.accounts.models import Organisation
from chengxin.ledger.sealed import sealed
from chengxin.registry.models import Subject


class Case(models.Model):
    """One matter in one procedure.

    rule          what it is about in the rulebook: a list, a measure; "" where nothing
    key           what it is about, so that no two cases on it are open at once ("list:brushing:S12")
    law_day       the day whose law governs it
    region        GB/T 2260 code of the subject's region, None where not known
    organisation  who has to act or answer in it: the source, the actor of a measure; None: nobody special
    parent        the case that caused it, or on which it decides
    steps         how many were taken: whoever takes the next says how many they saw
    due           the period that runs (deadlines.csv) and its last day
    closed_on     day of the step that ended it
    """

    id = models.BigIntegerField(primary_key=True)
    procedure = models.TextField()
    rule = models.TextField(default="")
    key = models.TextField()
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, db_index=False)
    region = models.CharField(max_length=6, null=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    law_day = models.DateField()
    state = models.TextField()
    steps = models.IntegerField()
    opened_on = models.DateField()
    since = models.DateField()
    due = models.TextField(null=True)
    due_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(steps__gte=1), name="case_steps"),
            models.CheckConstraint(condition=Q(since__gte=F("opened_on")), name="case_since"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on"), due_on__isnull=True),
                name="case_closed",
            ),
            models.CheckConstraint(
                condition=Q(due__isnull=True, due_on__isnull=True)
                | Q(due__isnull=False, due_on__isnull=False),
                name="case_due",
            ),
            models.UniqueConstraint(
                fields=["procedure", "key"], name="case_once", condition=Q(closed_on__isnull=True)
            ),
        )
        indexes = (
            models.Index(fields=["subject", "-id"], name="case_subject", condition=Q(subject__isnull=False)),
            models.Index(fields=["parent"], name="case_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["procedure", "state", "-id"], name="case_state"),
            models.Index(fields=["procedure", "-id"], name="case_procedure"),
            models.Index(fields=["organisation", "procedure", "-id"], name="case_organisation"),
            models.Index(fields=["due_on"], name="case_due_on", condition=Q(due_on__isnull=False)),
        )


class Step(models.Model):
    """One step of a case, by whom and when; append-only, a leaf of the ledger. `facts`: what was filled in.

    from_state  "" for the step that opens the case
    day         the day in China on which it was taken, from which periods count
    user        number of the user, None for the system and for holders of an access code
    decides     whether it is a decision, which only another person than the opener's may sign
    about       of the opening step: what the case is about (`about`), which is never changed
    """

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    number = models.IntegerField()
    step = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()
    at = models.DateTimeField()
    day = models.DateField()
    user = models.BigIntegerField(null=True)
    person = models.TextField()
    role = models.TextField()
    decides = models.BooleanField()
    about = models.TextField(null=True)
    facts = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "number"], name="step_number"),)
        indexes = (
            models.Index(fields=["user", "-id"], name="step_of_user", condition=models.Q(user__isnull=False)),
        )


STEP = sealed(
    "cases_step", "case_id", "number", "step", "from_state", "to_state", "at", "day", "user", "person",
    "role", "decides", "about", tail="facts", moments=("at",), later=True,
)  # fmt: skip

ABOUT = ("procedure", "rule", "key", "subject_id", "region", "organisation_id", "parent_id", "law_day")
"""What a case is about: sealed with its opening, never changed (migration `about`)."""


def about(case: Case) -> str:
    """What a case is about, as its opening step seals it: a JSON list in the order of `ABOUT`."""
    return orjson.dumps([getattr(case, column) for column in ABOUT]).decode()


class Cited(models.Model):
    """A record on which a case rests: as its opening step named it, or a later one added it."""

    case = models.ForeignKey(Case, models.PROTECT, db_index=False)
    record = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["case", "record"], name="cited_once"),)
        indexes = (models.Index(fields=["record"], name="cited_record"),)


class Document(models.Model):
    """A document made by a step: what was served, word for word; append-only, a leaf of the ledger.

    number  as it stands on the document (文号); `body`: JSON, {"title", "to", "paragraphs": [...], …}
    """

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, db_constraint=False, related_name="+")
    step = models.IntegerField()
    kind = models.TextField()
    number = models.TextField(unique=True)
    day = models.DateField()
    body = models.TextField()


DOCUMENT = sealed("cases_document", "case_id", "step", "kind", "number", "day", tail="body")
