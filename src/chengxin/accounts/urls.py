"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.accounts.pages import account, door, inviting, join, keys, permissions, sign_in, users

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/second-factor", sign_in.show_second_factor, name="second-factor"),
    path("sign-in/second-factor/enrol", sign_in.enrol, name="second-factor-enrol"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("join/<str:token>", join.join, name="join"),
    path("door", door.door, name="door"),
    path("door/account", door.own_account, name="own-account"),
    path("permissions", permissions.permissions, name="permissions"),
    path("account", account.account, name="account"),
    path("account/password", account.password, name="account-password"),
    path("account/sessions", account.end_session, name="account-sessions"),
    path("account/recovery-codes", account.recovery_codes, name="account-recovery-codes"),
    path("account/passkeys", account.passkey, name="account-passkeys"),
    path("work/users", users.users, name="users"),
    path("work/users/invite", inviting.invite, name="user-invite"),
    path("work/users/invitations/<int:id>/take-back", users.take_back, name="invitation-take-back"),
    path("work/users/<int:id>", users.user, name="user"),
    path("work/users/<int:id>/roles", users.give_role, name="user-give-role"),
    path("work/users/<int:id>/roles/<int:given>/end", users.end_role, name="user-end-role"),
    path("work/users/<int:id>/end", users.end, name="user-end"),
    path(
        "work/users/<int:id>/reset-second-factor", users.reset_second_factor, name="user-reset-second-factor"
    ),
    path("work/keys", keys.api_keys, name="api-keys"),
    path("work/keys/new", keys.new_key, name="api-key-new"),
    path("work/keys/<int:id>", keys.key, name="api-key"),
]
