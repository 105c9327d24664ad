"""What is left open when somebody leaves goes to a colleague. Rooms above say what they hold for a person.

A room registers a function that moves what one user has under way to another, and says how much that was.
"""

from __future__ import annotations

from collections.abc import Callable

from chengxin.accounts.models import ApiKey, Invitation, User

Move = Callable[[User, User], int]

MOVES: dict[str, Move] = {}
"""By what is moved: how."""


def moves(what: str) -> Callable[[Move], Move]:
    """Register a function that moves `what` from a user to a colleague and returns how many there were."""

    def register(move: Move) -> Move:
        MOVES[what] = move
        return move

    return register


@moves("api_keys")
def _keys(leaving: User, colleague: User) -> int:
    return ApiKey.objects.filter(made_by=leaving, revoked_at=None).update(made_by=colleague)


@moves("invitations")
def _invitations(leaving: User, colleague: User) -> int:
    waiting = Invitation.objects.filter(invited_by=leaving, user=None, taken_back_at=None)
    return waiting.update(invited_by=colleague)


def hand_over(leaving: User, colleague: User) -> dict[str, int]:
    """Move everything; returns how much of each kind. Inside the caller's transaction."""
    return {what: move(leaving, colleague) for what, move in MOVES.items()}
