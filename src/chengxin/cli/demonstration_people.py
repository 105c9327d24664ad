"""The people of a demonstration: one a role, for organisations and subjects of the demonstration province."""

from __future__ import annotations

import secrets

from django.db import connection, transaction

from chengxin.accounts import demonstrated, passwords, totp
from chengxin.accounts.demonstrated import Person
from chengxin.accounts.granting import REGIONAL
from chengxin.accounts.models import GivenRole, Organisation, User
from chengxin.accounts.permissions import PROVINCE, roles
from chengxin.accounts.second_factor import sealed_seed
from chengxin.demo.sources import CREDIT_OFFICE, MARKET
from chengxin.ledger.actions import appending

NAMES = {
    "credit_office": "林知远",
    "department_officer": "陈明理",
    "reviewer": "黄思齐",
    "decision_maker": "叶秉正",
    "platform_compliance": "郑守约",
    "merchant": "吴海生",
    "carrier": "许致远",
    "courier": "张小路",
    "payment_institution": "沈安汇",
    "credit_agency": "杨若谷",
    "association": "苏同和",
    "auditor": "周见微",
    "administrator": "王司钥",
    "organisation_administrator": "何守成",
}

FIRST = {
    "credit_office": (
        "/work/cases",
        "受理异议和修复，督办超期的措施",
        "take in objections and repairs; what is overdue",
    ),
    "department_officer": (
        "/work/cases",
        "送达告知书和决定书，答复异议",
        "serve notices and decisions; answer objections",
    ),
    "reviewer": ("/work/cases", "审核名单候选，主持听证", "review candidates for lists; hold hearings"),
    "decision_maker": (
        "/work/cases",
        "决定列入、修复和异议，签发公告",
        "decide on entries, repairs, objections, notices",
    ),
    "platform_compliance": (
        "/work/measures",
        "签收并反馈措施，入驻核查",
        "accept and report measures; admission check",
    ),
    "merchant": (
        "/own/cases",
        "陈述申辩，看措施的缘由，申请修复",
        "answer a notice; see why; apply for repair",
    ),
    "carrier": ("/own/cases", "查看本企业信息和异议的进展", "see what is held, and how an objection goes"),
    "courier": (
        "/own/cases",
        "查看本人信息、异议和修复的进展",
        "see what is held, an objection and a repair",
    ),
    "payment_institution": ("/work/measures", "签收、执行、解除措施", "accept, carry out and lift measures"),
    "credit_agency": ("/work/changes", "确认已更新副本", "confirm that copies are updated"),
    "association": ("/work/batches", "报送信息，查看回执", "send a file; see what became of its rows"),
    "auditor": ("/work/cases", "查阅每件事项的步骤和存证", "read the steps of each case and their proofs"),
    "administrator": ("/work/users", "邀请人员、授予角色", "invite people, give roles"),
    "organisation_administrator": (
        "/work/users",
        "管理本单位人员和密钥",
        "people and keys of the own organisation",
    ),
}
"""What each role finds to do first: where, in Chinese and English."""

FIRST_WITH_LEADS = {
    "credit_office": (
        "/work/leads",
        "办理监管线索，受理异议和修复",
        "work the leads; take in objections and repairs",
    ),
    "merchant": (
        "/own",
        "看提示和询问，陈述申辩，申请修复",
        "read a warning, answer a question and a notice; apply for repair",
    ),
}
"""The same where there are leads of the supervision models."""

_OF: dict[str, tuple[str, str]] = {
    "credit_office": ("name", CREDIT_OFFICE),
    "reviewer": ("name", CREDIT_OFFICE),
    "administrator": ("name", CREDIT_OFFICE),
    "auditor": ("name", CREDIT_OFFICE),
    "department_officer": ("name", MARKET),
    "decision_maker": ("name", MARKET),
    "platform_compliance": ("role", "platform"),
    "organisation_administrator": ("role", "platform"),
    "carrier": ("role", "carrier"),
    "credit_agency": ("role", "agency"),
    "payment_institution": ("role", "institution"),
    "association": ("role", "association"),
}
"""For which of the province's sources each role is given: by name, or the first of a kind."""

_SUBJECTS = {"merchant": "merchant", "courier": "courier"}
"""Roles given for a subject of the archive: the subject's role in e-commerce."""


def wanted() -> bool:
    """Whether this is a demonstration whose people are still to be made."""
    return not demonstrated.people()


def sign_in_name(role: str) -> str:
    """The name with which the demonstration's person of a role signs in."""
    return f"demo.{role.replace('_', '.')}"


def make_people() -> list[Person]:
    """Make them, with random passwords that lie in the home; who was made before gets a new password."""
    made: list[Person] = []
    with transaction.atomic():
        for role, name in NAMES.items():
            organisation, subject = _organisation(role), _subject(role)
            if organisation is not None or subject is not None:
                made.append(
                    make_person(sign_in_name(role), name, role, organisation=organisation, subject=subject)
                )
    demonstrated.note(made)
    return made


def make_person(
    sign_in_name: str,
    name: str,
    role: str,
    *,
    organisation: Organisation | None = None,
    subject: int | None = None,
    region: str | None = None,
    hashed: str | None = None,
) -> Person:
    """Somebody with a role and a new password; who was made before keeps the role.

    hashed: the hash of a password that nobody knows, for who only appears in the history.
    """
    person = Person(sign_in_name, name, role, "" if hashed else _password())
    hashed = hashed or passwords.hashed(person.password)
    user, new = User.objects.update_or_create(
        sign_in_name=person.sign_in_name, defaults={"name": person.name, "password": hashed}
    )
    if roles()[role].second_factor:
        user.second_factor = sealed_seed(user, totp.new_seed())
        user.save(update_fields=["second_factor"])
    if new:
        with appending() as log:
            GivenRole.objects.create(
                user=user, role=role, organisation=organisation, subject=subject,
                region=(region or PROVINCE) if role in REGIONAL else None,
                given_by="demonstration",
            )  # fmt: skip
            of = organisation.pk if organisation else None
            log.event(
                "role_given",
                {
                    "user": user.pk,
                    "role": role,
                    "organisation": of,
                    "subject": subject,
                    "by": None,
                    "console": True,
                },
            )
    return person


def _password() -> str:
    return secrets.token_urlsafe(12)


def _organisation(role: str) -> Organisation | None:
    if role not in _OF:
        return None
    how, what = _OF[role]
    found = Organisation.objects.filter(**{how: what}).order_by("pk").first()
    return found or Organisation.objects.filter(role="credit_office" if how == "name" else what).first()


def _subject(role: str) -> int | None:
    """The subject with the most records: of a role, or the one that the carrier's own code names."""
    if role == "carrier":
        of = _organisation(role)
        return None if of is None else _of_code(of.code)
    if role not in _SUBJECTS:
        return None
    return _one(
        "SELECT s.id FROM registry_subject s JOIN registry_role r ON r.subject_id = s.id "
        "JOIN archive_record a ON a.subject_id = s.id WHERE r.role = %s AND s.merged_into_id IS NULL "
        "GROUP BY s.id ORDER BY count(DISTINCT a.id) DESC, s.id LIMIT 1",
        _SUBJECTS[role],
    )


def own_code() -> str | None:
    """The code of the firm for which the demonstration's merchant signs in."""
    subject = (
        GivenRole.objects.filter(role="merchant").order_by("pk").values_list("subject", flat=True).first()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.value FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id "
            "WHERE i.scheme = 'uscc' AND coalesce(s.merged_into_id, s.id) = %s ORDER BY i.id LIMIT 1",
            [subject],
        )
        found = cursor.fetchone()
    return None if found is None else str(found[0])


def _of_code(code: str | None) -> int | None:
    return _one(
        "SELECT coalesce(s.merged_into_id, s.id) FROM registry_identifier i "
        "JOIN registry_subject s ON s.id = i.subject_id WHERE i.scheme = 'uscc' AND i.value = %s",
        code,
    )


def _one(statement: str, value: str | None) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        found = cursor.fetchone()
    return None if found is None else int(found[0])
