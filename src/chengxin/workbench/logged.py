"""Looks at lists: noted for each subject before anything is shown, and once more when a file leaves."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from chengxin.accounts.guard import actor_of
from chengxin.audit.actions import looked
from chengxin.audit.purposes import Purpose, purpose_of


def purpose(request: HttpRequest) -> Purpose:
    """The purpose of this session; only for views behind `needs_purpose`."""
    stated = purpose_of(request)
    if stated is None:
        raise LookupError("a view of what is not public has to ask for a purpose first")
    return stated


class Looks:
    """What a list shows in one request: noted as a list, or as an export when it leaves as a file."""

    def __init__(self, request: HttpRequest, name: str) -> None:
        self._request, self._name = request, name
        self._exporting = request.GET.get("format") in ("csv", "xlsx")
        self._subjects: list[int] = []

    def listed(self, subjects: Iterable[int]) -> None:
        """Note these subjects as listed; those of a file are noted when it leaves."""
        if self._exporting:
            self._subjects += subjects
        else:
            looked(actor_of(self._request), list(subjects), "list", purpose(self._request), self._name)

    def exported(self, format: str, rows: int) -> None:
        """Note the file that leaves."""
        detail = f"{self._name}.{format} {rows}"
        looked(actor_of(self._request), self._subjects, "export", purpose(self._request), detail)
