"""Officers work the leads of the demonstration: they inspect, ask, watch, warn, and are mistaken at times.

What they find is what is true of the invented market, as a real inspection would find it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from chengxin.accounts.permissions import PROVINCE, Actor, prefix
from chengxin.cases.actions import take
from chengxin.cli.demonstration_lake import Desk
from chengxin.cli.played.stage import REFUSED, Stage
from chengxin.decisions.own import acting
from chengxin.demo.history import say, working
from chengxin.triage.acting import NotDone, act, come_due
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Lead, Member

_AFTER = (2, 6, 11)
"""Working days after the models were asked on which officers sit down to the leads."""

_EACH = 2
"""Leads of each model that they decide on such a day."""

_REPORTED, _DECIDED = timedelta(days=9), timedelta(days=4)
"""After how long an inspection is reported on, and decided."""

_LEFT = "brushing"
"""The model whose rings wait for whoever takes the tour."""

_EXPLAIN = timedelta(days=21)
"""The time that a merchant has to explain."""

_VICTIMS = "malicious_ratings"
"""The model whose leads name the shop that suffers: nobody inspects that one."""

_REFUSED = (*REFUSED, NotDone, LookupError)


def days(desk: Desk) -> set[date]:
    """The days on which something is done about leads."""
    found = {working(run, number) for run in desk.runs for number in _AFTER}
    return {*found, *desk.runs}


def work(stage: Stage, desk: Desk, day: date) -> None:
    """What happens on a day: the models are asked, officers decide, merchants answer."""
    if day in desk.runs:
        desk.take(day)
    if day in days(desk) - set(desk.runs):
        come_due(day)
        _inspections(stage, desk, day)
        _decisions(stage, desk, day)
        _answers(stage, day)
    if day == max(working(stage.today, -1), desk.runs[-1]):
        _own(stage, day)


def _draw(lead: Lead, what: str) -> Random:
    return Random(f"{lead.detector}:{lead.entity_id}:{what}")  # noqa: S311 - the demonstration's chance


def _officer(stage: Stage, lead: Lead) -> Actor:
    if lead.pk % 2 or not (lead.region or "").startswith(prefix(PROVINCE)):
        return stage.cast.offices[lead.pk % len(stage.cast.offices)]
    return stage.cast.officer("", lead.region, lead.pk)


def _do(
    stage: Stage, lead: Lead, kind: str, actor: Actor, day: date, facts: Mapping[str, str] | None = None
) -> bool:
    try:
        act(lead.pk, kind, actor, day, facts)
    except _REFUSED as refused:
        stage.refused[f"lead/{kind}: {refused}"[:120]] += 1
        return False
    return True


def _true(desk: Desk, lead: Lead) -> bool:
    """Whether it is what it looks like."""
    return any(
        (lead.detector, one.entity, one.entity_id, one.platform) in desk.guilty
        for one in Member.objects.filter(lead=lead)
    )


def _twin(desk: Desk, lead: Lead) -> bool:
    """Whether there is an honest explanation that is known of."""
    return any(
        (one.entity, one.entity_id, one.platform) in desk.twins for one in Member.objects.filter(lead=lead)
    )


def _decisions(stage: Stage, desk: Desk, day: date) -> None:
    reserved = stage.reserved
    for detector in detectors():
        found = Lead.objects.filter(detector=detector, state__in=("open", "answered"))
        if detector == _LEFT:
            found = found.filter(members=1)
        for lead in found.exclude(subject_id__in=reserved).order_by("-value", "id")[:_EACH]:
            _decide(stage, desk, lead, day)


def _decide(stage: Stage, desk: Desk, lead: Lead, day: date) -> None:
    draw, officer = _draw(lead, f"{lead.acts}"), _officer(stage, lead)
    true, chance = _true(desk, lead), draw.random()
    about = _about(lead)
    if not lead.acts and lead.subject_id and lead.detector != _VICTIMS and chance < 0.25:
        until = (day + _EXPLAIN).isoformat()
        _do(stage, lead, "ask", officer, day, {"words": say("lead.ask", draw, day), "until": until})
    elif (true and (not about or lead.detector == _VICTIMS)) or (not lead.acts and chance > 0.93):
        until = (day + timedelta(days=40)).isoformat()
        _do(stage, lead, "watch", officer, day, {"words": say("lead.watch", draw, day), "until": until})
    elif true or (about and 0.3 < chance < 0.36):
        facts = {"words": say("lead.case", draw, day), **about}
        if _do(stage, lead, "case", officer, day, facts) and chance > 0.7:
            _feedback(stage, lead, "acted" if true else "unclear", day)
    else:
        reason = "twin" if _twin(desk, lead) else draw.choice(("thin", "twin", "data"))
        words = say(f"lead.{reason}", draw, day)
        _do(stage, lead, "false_alarm", officer, day, {"reason": reason, "words": words})


def _about(lead: Lead) -> dict[str, str]:
    """Whom an inspection is about: the lead's subject, else the platform or carrier whose account it is."""
    if lead.subject_id is not None:
        return {"subject": f"S{lead.subject_id}"}
    if lead.entity in ("account", "courier") and lead.organisation is not None and lead.organisation.code:
        return {"subject": lead.organisation.code}
    return {}


def _feedback(stage: Stage, lead: Lead, finding: str, day: date) -> None:
    platform = stage.cast.of.get(lead.organisation_id or 0)
    if platform is not None and any(one.role == "platform_compliance" for one in platform.grants):
        words = say(f"lead.{finding}", _draw(lead, finding), day)
        _do(stage, lead, "feedback", platform, day, {"finding": finding, "words": words})


def _answers(stage: Stage, day: date) -> None:
    """Most merchants who were asked answer before their day."""
    asked = Lead.objects.filter(state="asked", due__lt=day + _EXPLAIN).exclude(subject_id__in=stage.reserved)
    for lead in asked.order_by("id"):
        draw = _draw(lead, "answer")
        if lead.subject_id and draw.random() < 0.75:
            merchant = acting(stage.cast.subject(lead.subject_id))
            _do(stage, lead, "answer", merchant, day, {"words": say("lead.answer", draw, day)})


def _inspections(stage: Stage, desk: Desk, day: date) -> None:
    """Inspections go on: reported by whoever inspects, filed or not by somebody else."""
    found = Lead.objects.filter(state="case").select_related("case").order_by("id")
    for lead in found:
        case, draw = lead.case, _draw(lead, "case")
        if case is None:
            continue
        true = _true(desk, lead)
        if case.state == "opened" and case.since <= day - _REPORTED:
            step, actor = "report_inspection", _officer(stage, lead)
            facts = {"opinion": say("lead.found" if true else "lead.not_found", draw, day)}
        elif case.state == "reported" and case.since <= day - _DECIDED:
            step, actor = ("file" if true else "not_file"), stage.cast.deciders[0]
            facts = {"reason": say(f"lead.{step}", draw, day)}
        else:
            continue
        try:
            take(case.pk, step, actor, day, facts)
        except REFUSED as refused:
            stage.refused[f"lead/{step}: {refused}"[:120]] += 1


def _own(stage: Stage, day: date) -> None:
    """Those who can sign in are warned by the first of the leads about them, and asked about the second."""
    office = stage.cast.offices[0]
    for subject in sorted(stage.cast.owners):
        found = Lead.objects.filter(subject_id=subject, state="open").order_by("-value", "id")
        some = [one for one in found if detectors()[one.detector].warn is not None][:2]
        for kind, lead in zip(("warn", "ask"), some, strict=False):
            facts = {}
            if kind == "ask":
                until = working(stage.today, 12).isoformat()
                facts = {"words": say("lead.ask", _draw(lead, kind), day), "until": until}
            _do(stage, lead, kind, office, day, facts)
