"""Every address of the service with who may open it, read from the URL resolver and from the API itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.urls import URLPattern, URLResolver, get_resolver

from chengxin.api.v1 import api

API = "api/v1/"


@dataclass(frozen=True)
class Route:
    """One address.

    path        as the resolver has it: /records/<int:id>; of the API as OpenAPI has it: /api/v1/records/{id}
    name        among the routes, "" where it has none; of the API METHOD and path
    permission  "public", "signed in", an action of the table of permissions, or None when nobody said
    """

    path: str
    name: str
    permission: str | None
    parameters: tuple[str, ...]
    where: str
    of_api: bool = False

    def filled(self, values: Mapping[str, object]) -> str:
        """The address with values for its parameters; KeyError names one that has none."""
        return re.sub(r"<(?:\w+:)?(\w+)>|{(\w+)}", lambda found: str(values[found[1] or found[2]]), self.path)


def pages() -> Iterator[Route]:
    """Every route of the resolver but those of the API's operations."""
    for path, pattern in _patterns(get_resolver().url_patterns, "/"):
        if path.startswith(f"/{API}") and pattern.name != "api-docs":
            continue
        view = pattern.callback
        yield Route(
            path,
            pattern.name or path,
            getattr(view, "permission", None),
            tuple(pattern.pattern.converters),
            f"{view.__module__}.{getattr(view, '__name__', view)}",
        )


def _patterns(patterns: list[Any], before: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(cast("list[Any]", one.url_patterns), path)
        else:
            yield path, one


def operations() -> Iterator[Route]:
    """Every operation of the API, also those that its description leaves out."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                whole = f"/{API}{prefix.strip('/')}/{path.strip('/')}".replace("//", "/").rstrip("/")
                function = operation.view_func
                for method in operation.methods:
                    yield Route(
                        whole,
                        f"{method} {whole}",
                        getattr(function, "permission", None),
                        tuple(re.findall(r"{(\w+)}", whole)),
                        f"{function.__module__}.{function.__name__}",
                        of_api=True,
                    )


def machinery() -> Iterator[str]:
    """Routes beneath the API that are no operations: where its description lies."""
    known = {re.sub(r"{\w+}", "<>", one.path) for one in operations()}
    for path, pattern in _patterns(get_resolver().url_patterns, "/"):
        bare = re.sub(r"<[^>]+>", "<>", path).rstrip("/")
        if path.startswith(f"/{API}") and pattern.name != "api-docs" and bare not in known:
            yield path
