"""What lies on the desk of somebody who leaves goes to the colleague who takes over."""

from __future__ import annotations

from chengxin.accounts.handing_over import moves
from chengxin.accounts.models import User
from chengxin.desk.models import Notice, SavedFilter


@moves("notices")
def _notices(leaving: User, colleague: User) -> int:
    return Notice.objects.filter(user=leaving, read_at=None).update(user=colleague)


@moves("saved_filters")
def _saved_filters(leaving: User, colleague: User) -> int:
    """Those whose name the colleague uses for the same page already stay where they are."""
    moved = 0
    for one in SavedFilter.objects.filter(user=leaving):
        if not SavedFilter.objects.filter(user=colleague, path=one.path, name=one.name).exists():
            moved += SavedFilter.objects.filter(pk=one.pk).update(user=colleague)
    return moved
