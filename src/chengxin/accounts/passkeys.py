"""Passkeys (WebAuthn) as second factor: registered in the account, shown at sign-in.

A challenge lies in the session and counts once. The party is the host that the browser was asked at.
"""

from __future__ import annotations

from typing import Any

import webauthn
from django.http import HttpRequest
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from chengxin.accounts.models import Passkey, User
from chengxin.accounts.totp import ISSUER

CHALLENGE = "passkey_challenge"
"""Key of a session: what the authenticator has to sign."""

_LONGEST = 20_000


def _host(request: HttpRequest) -> str:
    return request.get_host().rsplit(":", 1)[0] if ":" in request.get_host() else request.get_host()


def _origin(request: HttpRequest) -> str:
    return f"{'https' if request.is_secure() else 'http'}://{request.get_host()}"


def _known(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=bytes(one))
        for one in user.passkeys.values_list("credential", flat=True)
    ]


def registration(request: HttpRequest, user: User) -> str:
    """Options for navigator.credentials.create, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=_host(request),
        rp_name=ISSUER,
        user_id=str(user.pk).encode(),
        user_name=user.sign_in_name,
        user_display_name=user.name,
        exclude_credentials=_known(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    request.session[CHALLENGE] = bytes_to_base64url(options.challenge)
    return webauthn.options_to_json(options)


def register(request: HttpRequest, user: User, credential: str, name: str) -> bool:
    """Keep a new passkey; False when what the browser sent doesn't fit the challenge."""
    challenge = request.session.pop(CHALLENGE, None)
    if challenge is None or len(credential) > _LONGEST:
        return False
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    if Passkey.objects.filter(credential=verified.credential_id).exists():
        return False
    Passkey.objects.create(
        user=user,
        name=name.strip()[:60] or "passkey",
        credential=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )
    return True


def authentication(request: HttpRequest, user: User) -> str:
    """Options for navigator.credentials.get, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(request),
        allow_credentials=_known(user),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    request.session[CHALLENGE] = bytes_to_base64url(options.challenge)
    return webauthn.options_to_json(options)


def shown(request: HttpRequest, user: User, credential: str) -> bool:
    """Whether the browser answered the challenge with a passkey of this user."""
    challenge = request.session.pop(CHALLENGE, None)
    if challenge is None or len(credential) > _LONGEST:
        return False
    try:
        given: Any = parse_authentication_credential_json(credential)
        held = Passkey.objects.filter(user=user, credential=given.raw_id).first()
        if held is None:
            return False
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            credential_public_key=bytes(held.public_key),
            credential_current_sign_count=held.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    Passkey.objects.filter(pk=held.pk).update(sign_count=verified.new_sign_count, used_at=timezone.now())
    return True
