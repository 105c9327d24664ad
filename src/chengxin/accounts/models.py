"""Who takes part: organisations that send, keep or see credit information, and those who act for them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
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

    second_factor       the seed of the one-time passwords (RFC 6238), sealed; None before enrolment
    second_factor_step  the period of the last one-time password that was taken: no later one is older
    signed_in_at        when the person last signed in
    ended_at            since when the person may no longer sign in
    """

    sign_in_name = models.CharField(max_length=64, unique=True)
    name = models.TextField()
    password = models.TextField()
    second_factor = models.BinaryField(null=True)
    second_factor_step = models.BigIntegerField(default=0)
    signed_in_at = models.DateTimeField(null=True)
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
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(auto_now=True)
    address = models.TextField(default="")
    agent = models.TextField(default="")


class RecoveryCode(models.Model):
    """One of the codes that stand in for a lost second factor; each counts once. Kept as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recovery_codes")
    hash = models.BinaryField(unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


class Passkey(models.Model):
    """A passkey (WebAuthn) that a person registered as second factor."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys")
    name = models.TextField()
    credential = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)


ATTEMPTS = ("password", "second_factor", "door")


class Attempt(models.Model):
    """Somebody tried to sign in. Failed until it is known to be good, so that no two at once slip through.

    name    keyed hash of the name that was typed: a person may have typed the password there
    device  the browser that signed in under this name before, by its cookie; empty for strangers
    """

    kind = models.TextField()
    name = models.BinaryField()
    address = models.TextField()
    device = models.TextField(default="")
    good = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(kind__in=ATTEMPTS), name="attempt_kind"),)
        indexes = (
            models.Index(fields=["name", "kind", "at"], name="attempt_name"),
            models.Index(fields=["address", "kind", "at"], name="attempt_address"),
        )


class Invitation(models.Model):
    """A link by which a person joins: sets the password and becomes a user with one role. Kept as a hash."""

    token = models.BinaryField(unique=True)
    sign_in_name = models.CharField(max_length=64)
    name = models.TextField()
    role = models.TextField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True)
    region = models.CharField(max_length=6, null=True)
    subject = models.BigIntegerField(null=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, related_name="invitation")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(role__in=list(roles())), name="invitation_role"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | Q(subject__isnull=False),
                name="invitation_for_whom",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(taken_back_at__isnull=True), name="invitation_once"
            ),
        )


class ApiKey(models.Model):
    """What a machine of an organisation shows. The key itself is kept nowhere: its SHA-256 is.

    scopes       actions of the table of permissions that it may do, for its organisation only
    per_minute   how many requests a minute it may make; `minute` and `used` count those of the running one
    """

    name = models.TextField()
    begins = models.TextField()
    sha256 = models.BinaryField(unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_keys")
    scopes = ArrayField(models.TextField())
    per_minute = models.IntegerField(default=60)
    minute = models.BigIntegerField(default=0)
    used = models.IntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="api_keys")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="api_key_named"),
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="api_key_per_minute"),
        )


class DoorCode(models.Model):
    """A code with which a subject sees what is held on it. Kept as a keyed hash.

    `subject`: number in the registry, which is a floor above and so no foreign key.
    """

    hash = models.BinaryField(unique=True)
    subject = models.BigIntegerField()
    served_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    served_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    uses_left = models.IntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(uses_left__gte=0), name="door_code_uses"),)
        indexes = (models.Index(fields=["subject"], name="door_code_subject"),)
