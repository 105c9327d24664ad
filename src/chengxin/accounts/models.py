"""Who takes part: organisations that send, keep or see credit information, and those who act for them."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from chengxin.accounts.permissions import roles
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


class User(models.Model):
    """A person who can sign in. Never deleted: what they did stays under their name when they leave.

    second_factor  the seed of the one-time passwords (RFC 6238), sealed; None before enrolment
    ended_at       since when the person may no longer sign in
    """

    sign_in_name = models.CharField(max_length=64, unique=True)
    name = models.TextField()
    password = models.TextField()
    second_factor = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(sign_in_name__regex=r"^[a-z0-9][a-z0-9._-]{1,63}$"), name="user_sign_in_name"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="user_named"),
        )


class GivenRole(models.Model):
    """A role that a user holds from `since` until `until`, for an organisation and region, or for a subject.

    `subject`: number in the registry, which is a floor above and so no foreign key.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="given_roles")
    role = models.TextField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True)
    region = models.CharField(max_length=6, null=True)
    subject = models.BigIntegerField(null=True)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True)
    given_by = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(role__in=list(roles())), name="given_role_known"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | Q(subject__isnull=False), name="given_role_for_whom"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="given_role_period"
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=True) | Q(region__regex="^[0-9]{6}$"), name="given_role_region"
            ),
        )


class Session(AbstractBaseSession):
    """A browser that is signed in. `session_key` is the SHA-256 of what its cookie holds (see `sessions`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True)
    address = models.TextField(default="")
    agent = models.TextField(default="")
