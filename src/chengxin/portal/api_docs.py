"""The API described for people: the OpenAPI document as a readable page, made here alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.accounts.keys import PER_MINUTE, SCOPES
from chengxin.accounts.permissions import action
from chengxin.design import words
from chengxin.design.render import page, reading

Document = Mapping[str, Any]

PROBLEM = """HTTP/1.1 422 Unprocessable Content
Content-Type: application/problem+json

{
  "type": "urn:chengxin:problem:validation",
  "title": "参数不符合要求 / the parameters break a rule",
  "status": 422,
  "detail": "…",
  "errors": […]
}"""
"""What an error looks like."""

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Kind:
    """The type of a value in words; `shape`: the name of the shape that it is, or that its elements are."""

    words: str
    shape: str | None = None


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, or one property of a shape."""

    name: str
    place: str
    kind: Kind
    required: bool
    about: str
    limits: str


@dataclass(frozen=True)
class Answer:
    """One answer of an operation."""

    status: str
    meaning: str
    media: str
    kind: Kind | None


@dataclass(frozen=True)
class Entry:
    """One control of the form by which a person tries an operation in the browser."""

    id: str
    name: str
    value: str
    required: bool
    about: str


@dataclass(frozen=True)
class Operation:
    """One address with one method."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Parameter, ...]
    body: Kind | None
    answers: tuple[Answer, ...]
    command: str
    example: str
    token: bool
    trial: tuple[Entry, ...] | None


@dataclass(frozen=True)
class Shape:
    """A named object of the answers."""

    name: str
    about: str
    properties: tuple[Parameter, ...]


def documentation(document: Callable[[], Document]) -> Callable[..., HttpResponse]:
    """The view of the page; `document` gives the OpenAPI document."""

    @public
    @reading
    def api_docs(request: HttpRequest) -> HttpResponse:
        described = document()
        root = request.build_absolute_uri("/").rstrip("/")
        values = {
            "title": described["info"]["title"],
            "version": described["info"]["version"],
            "about": _half(described["info"].get("description", "")),
            "operations": list(operations(described, root)),
            "shapes": list(shapes(described)),
            "root": root,
            "scopes": [{"id": one, "name": words.say((action(one).zh, action(one).en))} for one in SCOPES],
            "per_minute": PER_MINUTE,
            "problem": PROBLEM,
        }
        return page(request, "portal/api_docs", values)

    return api_docs


def operations(document: Document, root: str) -> Iterator[Operation]:
    """Each operation of the document, in its order; `root`: the address of the site."""
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield _operation(document, path, method, methods[method], root)


def _operation(document: Document, path: str, method: str, given: Mapping[str, Any], root: str) -> Operation:
    parameters = given.get("parameters", [])
    return Operation(
        anchor=_anchor(given),
        method=method.upper(),
        path=path,
        summary=_half(given.get("summary", "")),
        about=_half(given.get("description", "")),
        parameters=tuple(
            _parameter(one["name"], _places()[one["in"]], one["schema"], one.get("required", False), one)
            for one in parameters
        ),
        body=_body(given),
        answers=tuple(_answer(str(status), one) for status, one in given["responses"].items()),
        command=_command(path, method, given, root),
        example=_example(document, given),
        token=bool(given.get("security")),
        trial=_trial(method, path, given),
    )


def _trial(method: str, path: str, given: Mapping[str, Any]) -> tuple[Entry, ...] | None:
    """What a form asks for; None where a form can't ask: other methods, keys, parts of the path.

    What may be left out and has no value of its own is left out: a form would send it empty.
    """
    if method != "get" or given.get("security") or "{" in path:
        return None
    return tuple(
        Entry(
            id=f"try-{_anchor(given)}-{one['name']}",
            name=one["name"],
            value=_first_value(one),
            required=one.get("required", False),
            about=_half(one.get("description") or one["schema"].get("description", "")),
        )
        for one in given.get("parameters", [])
        if one["in"] == "query" and (one.get("required") or _first_value(one))
    )


def _first_value(given: Mapping[str, Any]) -> str:
    examples = given.get("examples") or given["schema"].get("examples")
    value = examples[0] if examples else given["schema"].get("default")
    return "" if value is None else str(value)


def _anchor(given: Mapping[str, Any]) -> str:
    name: str = given["operationId"]
    return name.removeprefix("chengxin_api_").removeprefix("v1_").replace("_", "-")


def _places() -> dict[str, str]:
    return {"path": gettext("路径"), "query": gettext("查询串"), "header": gettext("请求头")}


def _parameter(
    name: str, place: str, schema: Mapping[str, Any], required: bool, given: Mapping[str, Any]
) -> Parameter:
    about = given.get("description") or schema.get("description", "")
    return Parameter(name, place, kind_of(schema), required, _half(about), _limits(schema))


def _body(given: Mapping[str, Any]) -> Kind | None:
    content = given.get("requestBody", {}).get("content", {})
    for media, described in content.items():
        kind = kind_of(described.get("schema", {}))
        return Kind(f"{media}: {kind.words}" if kind.words else media, kind.shape)
    return None


def _answer(status: str, given: Mapping[str, Any]) -> Answer:
    for media, described in given.get("content", {}).items():
        return Answer(status, _meaning(status), media, kind_of(described.get("schema", {})))
    return Answer(status, _meaning(status), "", None)


def _meaning(status: str) -> str:
    known = {
        "200": gettext("成功"),
        "201": gettext("已经接收"),
        "202": gettext("已经接收，正在办理"),
        "304": gettext("没有变化"),
        "400": gettext("请求无法读取"),
        "401": gettext("需要有效的接口令牌"),
        "403": gettext("无权进行此操作"),
        "404": gettext("没有找到"),
        "409": gettext("与现有状态冲突"),
        "413": gettext("内容过大"),
        "415": gettext("不支持的内容类型"),
        "422": gettext("参数不符合要求"),
        "429": gettext("本分钟的请求次数已用完"),
        "503": gettext("服务暂时不可用"),
    }
    return known.get(status) or HTTPStatus(int(status)).phrase


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """The type of a JSON schema in words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return Kind(name, name)
    several = schema.get("anyOf") or schema.get("allOf")
    if several:
        kinds = [kind_of(one) for one in several]
        shape = next((one.shape for one in kinds if one.shape), None)
        return Kind(gettext(" 或 ").join(one.words for one in kinds), shape)
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return Kind(gettext("数组：%s") % inner.words, inner.shape)
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    return Kind(" | ".join(f'"{one}"' for one in choices) if choices else _plain(schema))


def _plain(schema: Mapping[str, Any]) -> str:
    known = {
        "date": gettext("日期"),
        "binary": gettext("文件"),
        "string": gettext("字符串"),
        "integer": gettext("整数"),
        "number": gettext("数"),
        "boolean": gettext("布尔值"),
        "object": gettext("JSON对象"),
        "null": "null",
    }
    return known.get(str(schema.get("format"))) or known.get(str(schema.get("type")), "")


def _limits(schema: Mapping[str, Any]) -> str:
    inner = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    parts = []
    if "minimum" in inner:
        parts.append(f"≥ {inner['minimum']}")
    if "maximum" in inner and inner["maximum"] < 2**53:
        parts.append(f"≤ {inner['maximum']}")
    if inner.get("minLength", 0) > 1:
        parts.append(gettext("至少%s个字符") % inner["minLength"])
    if "maxLength" in inner:
        parts.append(gettext("至多%s个字符") % inner["maxLength"])
    if schema.get("default") is not None:
        parts.append(gettext("默认%s") % schema["default"])
    return words.joined(parts)


def _command(path: str, method: str, given: Mapping[str, Any], root: str) -> str:
    """A line for the terminal that asks for an example."""
    query = {}
    for one in given.get("parameters", []):
        examples = one.get("examples") or one["schema"].get("examples") or []
        value = str(examples[0]) if examples else "1"
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", quote(value, safe=""))
        elif one.get("required") and one["in"] == "query":
            query[one["name"]] = value
    address = f"{root}{path}" + (f"?{urlencode(query)}" if query else "")
    options = "" if method == "get" else f" -X {method.upper()}"
    if given.get("security"):
        options += ' -H "Authorization: Bearer $TOKEN"'
    if "multipart/form-data" in given.get("requestBody", {}).get("content", {}):
        options = options.removeprefix(f" -X {method.upper()}") + " -F 'file=@file.csv'"
    return f"curl -s{options} '{address}'"


def _example(document: Document, given: Mapping[str, Any]) -> str:
    """What a successful answer looks like, made of the examples in its schema."""
    for status, answer in given["responses"].items():
        content = answer.get("content", {}).get("application/json")
        if int(status) < 300 and content:
            return json.dumps(_sample(document, content["schema"]), ensure_ascii=False, indent=2)
    return ""


_DEEPEST = 8
"""Levels of an example, should shapes ever hold each other."""


def _sample(document: Document, schema: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that the schema describes, of its examples where it has some."""
    if "$ref" in schema:
        named = document["components"]["schemas"][str(schema["$ref"]).rpartition("/")[2]]
        return _sample(document, named | {key: schema[key] for key in schema if key != "$ref"}, depth)
    choices = [
        *schema.get("examples", []),
        *schema.get("enum", []),
        *([schema["const"]] if "const" in schema else []),
    ]
    if choices or depth > _DEEPEST:
        return choices[0] if choices else None
    several = schema.get("anyOf") or schema.get("allOf")
    if several:
        return _sample(document, several[0], depth)
    if schema.get("type") == "array":
        return [_sample(document, schema.get("items", {}), depth + 1)]
    if schema.get("type") == "object":
        return {name: _sample(document, one, depth + 1) for name, one in schema.get("properties", {}).items()}
    plain = {"date": "2026-04-10", "integer": 1, "number": 1, "boolean": False}
    return plain.get(str(schema.get("format"))) or plain.get(str(schema.get("type")), "…")


def shapes(document: Document) -> Iterator[Shape]:
    """Each named object of the document, by name."""
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        if "properties" not in schema:
            continue
        required = schema.get("required", [])
        yield Shape(
            name,
            _half(schema.get("description", "")),
            tuple(
                _parameter(one, "", described, one in required, described)
                for one, described in schema["properties"].items()
            ),
        )


def _half(text: str) -> str:
    return words.say(words.halves(text))
