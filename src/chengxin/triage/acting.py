"""What people do with leads: one transaction, one turn at the ledger; whoever is second is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson
from django.utils import timezone

from chengxin.accounts.permissions import PROVINCE, Actor, Target, permitting
from chengxin.cases.actions import NotTaken, Opening, open_many
from chengxin.decisions.conditions import canonical
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending
from chengxin.registry.queries import resolve
from chengxin.triage import calibrating, telling
from chengxin.triage.models import ACT, Lead
from chengxin.triage.rules import DECIDE, HIT, KINDS, Kind, barred, filled


class NotDone(ValueError):
    """Something that can't be done with a lead; `problems` say why, and nothing was changed."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("；".join(f"{one.zh} / {one.en}" for one in problems))
        self.problems = problems


class Overtaken(NotDone):
    """Somebody else acted on the lead meanwhile."""


def target_of(lead: Lead) -> Target:
    """A lead as permissions ask of it."""
    return Target(region=lead.region, organisation=lead.organisation_id, subject=lead.subject_id)


def act(
    lead: int,
    kind: str,
    actor: Actor,
    today: date,
    facts: Mapping[str, str] | None = None,
    *,
    seen: int | None = None,
) -> int:
    """Do something with a lead; returns the number of the act in the ledger.

    seen: how many acts the person saw; Overtaken when another was done since. NotDone: what keeps it from
    being done, or what is wrong with the facts. Forbidden: the person's role doesn't do this; LookupError:
    there is no such lead.
    """
    with appending() as log:
        found = _locked(log, lead)
        chosen = KINDS[kind]
        if chosen.permission is None:
            raise LookupError(f"“{chosen.zh}”由系统办理 / '{chosen.en}' is done by the system")
        actor.must(chosen.permission, _asked(chosen, found))
        if seen is not None and seen != found.acts:
            raise Overtaken(_overtaken(log, found))
        return _done(_Doing(log, found, chosen, actor, today), facts or {})


def follow(log: Appending, case: int, kind: str, actor: Actor, today: date) -> None:
    """What the end of an inspection says of the lead that it came from, in the turn of its step."""
    row = log.cursor.execute("SELECT id FROM triage_lead WHERE case_id = %s", [case]).fetchone()
    if row is not None:
        doing = _Doing(log, _locked(log, row[0]), KINDS[kind], actor, today)
        _done(doing, {"case": str(case)}, asked=False)


def come_due(today: date) -> int:
    """Leads whose day of watching or explaining has passed wait again; returns how many."""
    with appending() as log:
        rows = log.cursor.execute(
            "SELECT id FROM triage_lead WHERE due < %s ORDER BY due, id LIMIT 1000", [today]
        ).fetchall()
        for (id,) in rows:
            _done(_Doing(log, _locked(log, id), KINDS["due"], SYSTEM, today), {}, asked=False)
        return len(rows)


SYSTEM = Actor(None, "系统 system")


def _locked(log: Appending, id: int) -> Lead:
    found = Lead.objects.select_for_update().filter(pk=id).first()
    if found is None:
        raise LookupError(f"没有编号为{id}的线索 / there is no lead {id}")
    return found


def _asked(kind: Kind, lead: Lead) -> Target:
    """What the permission has to cover: of what merchants and platforms do, their own side only."""
    if kind.permission == DECIDE:
        return target_of(lead)
    return (
        Target(organisation=lead.organisation_id)
        if kind.id == "feedback"
        else Target(subject=lead.subject_id)
    )


@dataclass
class _Change:
    """What becomes of a lead by an act."""

    state: str
    due: date | None
    subject: int | None
    region: str | None
    case: int | None
    warned_on: date | None


@dataclass(frozen=True)
class _Doing:
    """Who does what with which lead, in whose turn at the ledger, on which day."""

    log: Appending
    lead: Lead
    kind: Kind
    actor: Actor
    today: date


def _done(doing: _Doing, facts: Mapping[str, str], *, asked: bool = True) -> int:
    """asked: a person filled a form in; else it follows from the day or from the case."""
    log, lead, kind, actor, today = doing.log, doing.lead, doing.kind, doing.actor, doing.today
    if (problem := barred(kind, lead.state, lead.detector)) is not None:
        raise NotDone(problem)
    kept, wrong = filled(kind, facts, today) if asked else ({**facts}, [])
    change = _Change(
        kind.to or lead.state, lead.due if kind.to is None else None, lead.subject_id, lead.region,
        lead.case_id,
        lead.warned_on,
    )  # fmt: skip
    wrong += _subject(log, kind, lead, kept, change)
    if wrong:
        raise NotDone(*wrong)
    if change.subject != lead.subject_id and kind.permission is not None:
        actor.must(kind.permission, Target(change.region, lead.organisation_id, subject=change.subject))
    if "until" in kept:
        change.due = date.fromisoformat(kept["until"])
    if kind.id == "case":
        change.case = _opened(doing, change, kept)
        kept["case"] = str(change.case)
    if kind.id == "warn":
        change.warned_on = today
    leaf = _write(doing, change, kept)
    if kind.to is not None and HIT.get(change.state) != HIT.get(lead.state):
        calibrating.recalibrate(log, lead.detector)
    telling.tell(lead, kind, change.subject, change.region, change.due)
    return leaf


def _subject(
    log: Appending, kind: Kind, lead: Lead, kept: dict[str, str], change: _Change
) -> Sequence[Problem]:
    """The subject that an act needs: the lead's own, else the one that the officer names."""
    if "subject" not in kind.optional:
        return []
    named = kept.pop("subject", "")
    if named:
        found = resolve(named)
        if found is None:
            return [_no_subject(named)]
        change.subject = found
    if change.subject is None:
        return [_no_subject("")]
    change.subject = canonical(log.cursor, change.subject)
    row = log.cursor.execute("SELECT region FROM registry_subject WHERE id = %s", [change.subject]).fetchone()
    change.region = (row[0] if row else None) or lead.region
    kept["about"] = f"S{change.subject}"
    return []


def _opened(doing: _Doing, change: _Change, kept: Mapping[str, str]) -> int:
    """The inspection that a lead goes into; NotDone says what keeps it from being."""
    log, lead, today = doing.log, doing.lead, doing.today
    opening = Opening(
        "inspection", f"lead:{lead.pk}", change.subject, today, rule=lead.detector,
        region=change.region or PROVINCE, facts={"reason": f"{kept['words']}（监管线索第{lead.pk}号）"},
    )  # fmt: skip
    try:
        return open_many(log, [opening], doing.actor, today)[0]
    except NotTaken as refused:
        raise NotDone(*refused.problems) from refused


_MOVE = """
UPDATE triage_lead SET state = %s, due = %s, subject_id = %s, region = %s, case_id = %s, warned_on = %s,
    acts = acts + 1, decided_on = %s, hit = %s WHERE id = %s"""


def _write(doing: _Doing, change: _Change, kept: Mapping[str, str]) -> int:
    log, lead, kind, actor, today = doing.log, doing.lead, doing.kind, doing.actor, doing.today
    grant = permitting(actor.grants, kind.permission, _asked(kind, lead)) if kind.permission else None
    role = "console" if actor.console else grant.role if grant else "system"
    leaf = log.keep(
        ACT,
        [
            (
                lead.pk, lead.acts + 1, kind.id, lead.state, change.state, timezone.now(), today, actor.user,
                actor.name, role, grant.organisation if grant else None,
                orjson.dumps(dict(kept), option=orjson.OPT_SORT_KEYS).decode(),
            )
        ],
    )  # fmt: skip
    hit = HIT.get(change.state)
    decided = None if hit is None else lead.decided_on if hit == lead.hit and lead.decided_on else today
    log.cursor.execute(
        _MOVE,
        [change.state, change.due, change.subject, change.region, change.case, change.warned_on, decided, hit,
         lead.pk],
    )  # fmt: skip
    return leaf


def _no_subject(named: str) -> Problem:
    if named:
        return Problem(
            "subject", named[:20], "lead.subject",
            "没有这个代码的信用主体", "there is no subject with this code",
            "请核对代码，或者先检索主体", "check the code, or search for the subject first",
        )  # fmt: skip
    return Problem(
        "subject", None, "lead.subject",
        "还不知道这条线索涉及哪个主体", "it is not known yet whose shop this is",
        "请填写其统一社会信用代码，或者以S开头的编号", "give its code, or its number beginning with S",
    )  # fmt: skip


def _overtaken(log: Appending, lead: Lead) -> Problem:
    row = log.cursor.execute(
        "SELECT kind, person FROM triage_act WHERE lead_id = %s ORDER BY number DESC LIMIT 1", [lead.pk]
    ).fetchone()
    kind, person = (KINDS[row[0]], row[1]) if row else (KINDS["watch"], "")
    return Problem(
        "", None, "lead.overtaken",
        f"{person}刚刚已办理“{kind.zh}”，您看到的已不是最新情况",
        f"{person} has just done '{kind.en}'; what you saw is no longer how it stands",
        "请查看最新情况后再办理", "look at the lead again, then decide",
    )  # fmt: skip
