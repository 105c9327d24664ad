"""Values for the parameters of addresses, by the route's name. A new route with parameters needs a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chengxin.testing.routes import Route
from chengxin.testing.world import World

Values = Mapping[str, object]

EXAMPLES: dict[str, Callable[[World], Values]] = {
    "/api/<path:rest>": lambda world: {"rest": "nowhere"},
    "join": lambda world: {"token": world.token},
    "invitation-take-back": lambda world: {"id": world.invitation},
    "user": lambda world: {"id": world.managed},
    "user-give-role": lambda world: {"id": world.managed},
    "user-end-role": lambda world: {"id": world.managed, "given": world.given},
    "user-end": lambda world: {"id": world.managed},
    "user-reset-second-factor": lambda world: {"id": world.managed},
    "api-key": lambda world: {"id": world.key},
    "subject": lambda world: {"code": world.small.code},
    "subject-report": lambda world: {"code": world.small.code},
    "subject-report-pdf": lambda world: {"code": world.small.code},
    "subject-report-json": lambda world: {"code": world.small.code},
    "held-report-pdf": lambda world: {"code": world.small.code},
    "report-check": lambda world: {"number": 1},
    "record": lambda world: {"id": world.small.shown},
    "item": lambda world: {"item": "penalty"},
    "template-xlsx": lambda world: {"item": "penalty"},
    "template-csv": lambda world: {"item": "penalty"},
    "batch": lambda world: {"id": world.batch},
    "batch-progress": lambda world: {"id": world.batch},
    "batch-rejects": lambda world: {"id": world.batch},
    "matching-pair": lambda world: {"id": world.pair},
    "identity-report": lambda world: {"id": world.report},
    "held-subject": lambda world: {"code": world.small.code},
    "held-records": lambda world: {"code": world.small.code},
    "unmask": lambda world: {"code": world.small.code},
    "door-code": lambda world: {"code": world.small.code},
    "case": lambda world: {"id": world.case},
    "case-new": lambda world: {"procedure_id": "notice"},
    "case-step": lambda world: {"id": world.case, "step": "approve"},
    "case-document": lambda world: {"id": world.case, "document": world.case},
    "case-proof": lambda world: {"id": world.case, "leaf": world.case},
    "procedure": lambda world: {"procedure_id": "listing"},
    "measure": lambda world: {"id": world.task},
    "lead": lambda world: {"id": world.lead},
    "lead-ring": lambda world: {"id": world.lead},
    "own-lead": lambda world: {"id": world.lead},
    "list": lambda world: {"list_id": "brushing"},
    "list-atom": lambda world: {"list_id": "brushing"},
    "list-feed-json": lambda world: {"list_id": "brushing"},
    "data-list": lambda world: {"list_id": "brushing"},
    "decision": lambda world: {"case": world.decision},
    "decision-proof": lambda world: {"case": world.decision},
    "public-notice": lambda world: {"case": world.notice},
    "held-why": lambda world: {"code": world.small.code},
    "subject-why": lambda world: {"code": world.small.code},
    "quality-source": lambda world: {"id": world.bureau.pk},
    "/api/v1/subjects/{code}": lambda world: {"code": world.small.code},
    "/api/v1/subjects/{code}/consequences": lambda world: {"code": world.small.code},
    "/api/v1/subjects/{code}/records": lambda world: {"code": world.small.code},
    "/api/v1/subjects/{code}/report": lambda world: {"code": world.small.code},
    "/api/v1/records/{id}": lambda world: {"id": world.small.shown},
    "/api/v1/records/{id}/proof": lambda world: {"id": world.small.shown},
    "/api/v1/catalogue/{item}": lambda world: {"item": "penalty"},
    "/api/v1/batches/{id}": lambda world: {"id": world.batch},
    "/api/v1/batches/{id}/rejects": lambda world: {"id": world.batch},
    "own-case": lambda world: {"id": world.own_case},
    "own-document": lambda world: {"id": world.own_case, "document": world.own_paper},
    "own-step": lambda world: {"id": world.own_case, "step": "withdraw"},
    "/api/v1/lists/{id}": lambda world: {"id": "brushing"},
    "/api/v1/leads/{id}/feedback": lambda world: {"id": world.lead},
    "/api/v1/changes/{id}/receipt": lambda world: {"id": 1},
}


def address(route: Route, world: World) -> str:
    """The route's address in the world; LookupError when nobody said what its parameters may be."""
    if not route.parameters:
        return route.path
    found = EXAMPLES.get(route.path if route.of_api else route.name)
    if found is None:
        raise LookupError(f"src/chengxin/testing/examples.py needs a line for '{route.name}' ({route.path})")
    return route.filled(found(world))
