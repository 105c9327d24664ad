"""The access log: each look at what is not public, append-only, a leaf of the ledger."""

from __future__ import annotations

from django.db import models

from chengxin.ledger.sealed import sealed


class Access(models.Model):
    """One person looked at one subject, once, for a purpose that a law permits.

    user, person    number and name of who looked; a holder of keys at the console has no number
    role            the role that permitted it, as it was held then
    subject         number of the subject in the registry, a floor above and so no foreign key
    what            kind of look: one of `rules.KINDS`
    detail          what exactly, where the kind doesn't say it (a field unmasked, the columns exported)
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    user = models.BigIntegerField(null=True)
    person = models.TextField()
    role = models.TextField()
    organisation = models.BigIntegerField(null=True)
    region = models.CharField(max_length=6, null=True)
    subject = models.BigIntegerField()
    what = models.TextField()
    purpose = models.TextField()
    words = models.TextField()
    law = models.TextField()
    article = models.TextField()
    case_number = models.TextField()
    detail = models.TextField()

    class Meta:
        indexes = (
            models.Index(fields=("subject", "-id"), name="access_of_subject"),
            models.Index(fields=("user", "-id"), name="access_by_user"),
            models.Index(fields=("-at",), name="access_by_time"),
        )


ACCESS = sealed(
    "audit_access",
    "at",
    "user",
    "person",
    "role",
    "organisation",
    "region",
    "subject",
    "what",
    "purpose",
    "words",
    "law",
    "article",
    "case_number",
    "detail",
    moments=("at",),
)
