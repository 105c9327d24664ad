"""Entries in lists, as they are in force: what the cases of listing come to once they are published.

An entry follows from the sealed steps of its case: its row is written by the effects of `listing`,
`red_listing` and `imported` (rulebook/data/procedures) and by nothing else.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from chengxin.accounts.models import Organisation
from chengxin.cases.models import Case
from chengxin.registry.models import Subject

LIST_KINDS = ("black", "red", "attention")
"""失信惩戒名单, 守信激励名单, 重点关注名单."""

ENDINGS = ("expired", "removed", "revoked", "annulled", "renounced", "withdrawn")
"""States of a listing case in which its entry has ended."""


class Entry(models.Model):
    """A subject in a list, since its publication.

    case          the case that decided on it; its number is the entry's
    law, article  the ground in force on the day of the decision
    until         the last day on which it stands; None: until its cause is mended, or its authority ends it
    earliest_end  the first day on which removal on application may be granted; None: not on application
    ended_on      the first day on which it no longer stood; `ended_by`: the state in which its case ended
    suspended     it stands, but isn't shown and has no effect
    public        whether it may be shown to the public at all (never for natural persons)
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="entry")
    list = models.TextField()
    kind = models.TextField()
    subject = models.ForeignKey(Subject, models.PROTECT, db_index=False)
    law = models.TextField()
    article = models.TextField()
    decided_on = models.DateField()
    published_on = models.DateField()
    until = models.DateField(null=True)
    earliest_end = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ended_by = models.TextField(null=True)
    suspended = models.BooleanField(default=False)
    public = models.BooleanField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=LIST_KINDS), name="entry_kind"),
            models.CheckConstraint(condition=~Q(law=""), name="entry_has_a_law"),
            models.CheckConstraint(
                condition=Q(published_on__gte=F("decided_on")), name="entry_decided_before_published"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("published_on")), name="entry_until"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_by__isnull=True)
                | Q(ended_on__gte=F("published_on"), ended_by__in=ENDINGS),
                name="entry_ended",
            ),
            models.UniqueConstraint(
                fields=["list", "subject"], name="entry_once", condition=Q(ended_on__isnull=True)
            ),
        )
        indexes = (
            models.Index(
                fields=["list", "-case"],
                name="entry_shown",
                condition=Q(ended_on__isnull=True, suspended=False, public=True),
            ),
            models.Index(fields=["subject"], name="entry_subject"),
            models.Index(fields=["until"], name="entry_until", condition=Q(ended_on__isnull=True)),
        )


class Watermark(models.Model):
    """How far a nightly run has read the ledger: it goes on from there, so its cost follows what changed."""

    name = models.TextField(primary_key=True)
    leaf = models.BigIntegerField()
    day = models.DateField(null=True)


CHANGES = (
    "ended", "withdrawn", "corrected", "removed", "revoked", "annulled", "renounced", "suspended", "resumed",
)  # fmt: skip
"""What became of what was shared: see `copies`."""


class Copy(models.Model):
    """An organisation that may hold a copy of what ended, changed or was suspended, and its receipt.

    key        what it is about: "record:<number>" or "case:<number of the listing case>"
    what       one of CHANGES; `case`: that brought it about, None where a source did
    told_leaf  number of the ledger's event by which it was told; `confirmed_leaf`: of its receipt
    """

    key = models.TextField()
    what = models.TextField()
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False, related_name="+")
    told_on = models.DateField()
    told_leaf = models.BigIntegerField()
    confirmed_on = models.DateField(null=True)
    confirmed_leaf = models.BigIntegerField(null=True)
    confirmed_by = models.TextField(default="")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(what__in=CHANGES), name="copy_what"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, confirmed_leaf__isnull=True, confirmed_by="")
                | Q(confirmed_on__gte=F("told_on"), confirmed_leaf__isnull=False),
                name="copy_confirmed",
            ),
            models.UniqueConstraint(fields=["key", "organisation", "told_leaf"], name="copy_once"),
        )
        indexes = (
            models.Index(fields=["organisation", "id"], name="copy_organisation"),
            models.Index(fields=["told_on"], name="copy_waits", condition=Q(confirmed_on__isnull=True)),
        )
