"""The register of credit reports: each a leaf of the ledger, so that a sheet of paper can be held to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chengxin.ledger.sealed import sealed

VERSIONS = ("public", "full")
"""What anybody may see; what is held, for those whom a law or the subject itself permits."""


class Report(models.Model):
    """A report that was made. Its row number is its number and its leaf; its content is not kept here.

    subject   number of the subject in the registry
    made_on   the day whose state it gives
    sha256    of the report's JSON, byte for byte as it is attached to the PDF
    matter    of the same without number, time and head: equal where nothing has changed since
    size      of the tree at whose head it was made
    by        number of the user who asked; None for the public, a subject's own code and the console
    person    as logs name who asked, empty for the public
    purpose   for which it was made, with law and article; empty for the public
    """

    id = models.BigIntegerField(primary_key=True)
    subject = models.BigIntegerField()
    version = models.TextField()
    made_at = models.DateTimeField()
    made_on = models.DateField()
    sha256 = models.BinaryField()
    matter = models.BinaryField()
    size = models.BigIntegerField()
    by = models.BigIntegerField(null=True)
    person = models.TextField()
    purpose = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(version__in=VERSIONS), name="report_version"),
            models.CheckConstraint(
                condition=Q(version="public", person="", purpose="", by__isnull=True)
                | (Q(version="full") & ~Q(person="") & ~Q(purpose="")),
                name="report_full_has_a_purpose",
            ),
        )
        indexes = (models.Index(fields=("subject", "-id"), name="report_of_subject"),)


REPORT = sealed(
    "reports_report", "subject", "version", "made_at", "made_on", "sha256", "matter", "size", "by", "person",
    "purpose", binary=("sha256", "matter"), moments=("made_at",),
)  # fmt: skip
