"""What was shown to the public and taken down again, and the notices that stand.

Both follow from sealed rows: a change from an event of the ledger, a notice from the steps of its case.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from chengxin.cases.models import Case

NOTICES = "notices"
"""The place of notices; every other place is a list's id."""

WHAT = ("shown", "gone")


class Change(models.Model):
    """A decision or notice came to the public, or went: what feeds tell, and what proves a taking down.

    place  the list, or NOTICES; `what`: one of WHAT; `leaf`: number of the ledger's event that says so
    """

    case = models.ForeignKey(Case, models.PROTECT, db_index=False, related_name="+")
    place = models.TextField()
    what = models.TextField()
    at = models.DateTimeField()
    day = models.DateField()
    leaf = models.BigIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(what__in=WHAT), name="change_what"),
            models.UniqueConstraint(fields=["case", "leaf"], name="change_once"),
        )
        indexes = (
            models.Index(fields=["place", "-id"], name="change_place"),
            models.Index(fields=["leaf"], name="change_leaf"),
        )


class Notice(models.Model):
    """A risk notice, typical case or major event since it was signed; its procedure is notice.toml.

    show_until  its last day; `ended_on`: the first day on which it no longer stood
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    kind = models.TextField()
    law = models.TextField()
    article = models.TextField()
    title = models.TextField()
    body = models.TextField()
    show_from = models.DateField()
    show_until = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(law=""), name="notice_has_a_law"),
            models.CheckConstraint(condition=Q(show_until__gte=F("show_from")), name="notice_until"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("show_from")), name="notice_ended"
            ),
        )
        indexes = (
            models.Index(fields=["-case"], name="notice_shown", condition=Q(ended_on__isnull=True)),
            models.Index(fields=["show_until"], name="notice_until_day", condition=Q(ended_on__isnull=True)),
        )
