"""Organisations: found by code or name, noted when they first send something."""

from __future__ import annotations

from chengxin.accounts.models import ORGANISATION, Organisation
from chengxin.kernel.identifiers import canonical, is_valid_uscc
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import appending
from chengxin.rulebook import departments

LONGEST_NAME = 200


class UnknownOrganisation(ValueError):
    """Neither a code nor a name; `problem` says so in both languages."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh}。{problem.mend_zh} / {problem.en}: {problem.mend_en}")
        self.problem = problem


def find_organisation(named: str) -> Organisation | None:
    """The organisation with this 18-character code or this name."""
    text = named.strip()
    code = canonical("uscc", text)
    if is_valid_uscc(code):
        return Organisation.objects.filter(code=code).first()
    return Organisation.objects.filter(name=text).first() if text.isprintable() else None


def note_organisation(
    *, code: str | None, name: str, role: str, name_en: str = "", confirmed: bool = False
) -> Organisation:
    """The organisation with this code or name, noted in the ledger when it is new."""
    with appending() as log:
        known = Organisation.objects.filter(code=code).first() if code else None
        known = known or Organisation.objects.filter(name=name).first()
        if known is None:
            id = log.keep(ORGANISATION, [(code, name, name_en, role, confirmed)])
            known = Organisation.objects.get(pk=id)
    return known


def sending_organisation(named: str, role: str) -> Organisation:
    """Who sends a file: found by code or name; when unknown, noted as unconfirmed in the given role.

    A department of the plan takes its role from the rulebook. Raises UnknownOrganisation for what can be
    neither a code nor a name.
    """
    found = find_organisation(named)
    if found is not None:
        return found
    text, code = named.strip(), canonical("uscc", named)
    if is_valid_uscc(code):
        return note_organisation(code=code, name=code, role=role)
    if (
        not 2 <= len(text) <= LONGEST_NAME
        or not text.isprintable()
        or (text.isascii() and not any(map(str.isalpha, text)))
    ):
        raise UnknownOrganisation(
            Problem(
                "source", text[:40], "organisation",
                f"“{text[:40]}”不是有效的单位代码，也不是单位名称",
                f"'{text[:40]}' is neither a valid code of an organisation nor a name",
                "请填写18位统一社会信用代码或单位全称", "give the 18-character code or the full name",
            )
        )  # fmt: skip
    if len(code) == 18 and code.isascii() and code.isalnum():
        raise UnknownOrganisation(
            Problem(
                "source", code, "uscc",
                f"“{code}”的校验位不对", f"the check digit of '{code}' is wrong",
                "请核对18位统一社会信用代码", "compare all 18 characters",
            )
        )  # fmt: skip
    department = next((one for one in departments.departments() if one.name_zh == text), None)
    if department is not None:
        return note_organisation(
            code=None, name=text, role=department.role, name_en=department.name_en, confirmed=True
        )
    return note_organisation(code=None, name=text, role=role)
