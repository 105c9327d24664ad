"""Organisations: whoever may send, keep or see credit information."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chengxin.ledger.sealed import sealed


class Organisation(models.Model):
    """A department, platform, agency or other body. Every record names one as its source."""

    id = models.BigIntegerField(primary_key=True)
    code = models.CharField(max_length=18, null=True, unique=True)
    name = models.TextField(unique=True)
    name_en = models.TextField(default="")
    role = models.TextField()
    confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="organisation_named"),)


ORGANISATION = sealed("accounts_organisation", "code", "name", "name_en", "role", "confirmed")
