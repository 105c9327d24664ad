"""Forms: labels, what was typed, what is wrong; notices that are said once."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.tests.framed import framed
from chengxin.kernel.problems import Problem
from chengxin.testing.checked import checked

FIELDS = [
    Field("name", "名称", hint="与营业执照一致", attributes={"maxlength": "60"}),
    Field("secret", "密码", "password", autocomplete="current-password"),
    Field("kind", "类别", "radio", choices=(("a", "法人"), ("b", "个体工商户"))),
    Field("items", "项目", "checkbox", choices=(("x", "处罚"), ("y", "许可")), required=False),
    Field("agreed", "我已核对", "checkbox"),
    Field("region", "地区", "select", choices=(("", "请选择"), ("35", "福建"))),
    Field("text", "说明", "textarea", required=False),
    Field("amount", "金额", "number"),
    Field("file", "文件", "file"),
    Field("day", "日期", "date"),
]
TOO_LONG = Problem(
    "name", None, "length", "名称太长", "the name is too long", "请不超过60字", "use at most 60 characters"
)


def shown(fields: list[Field]) -> str:
    parts = [render_to_string("design/errors.html", {"fields": fields})]
    parts += [render_to_string("design/field.html", {"field": one}) for one in fields]
    return framed("".join(parts))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_control_has_its_label_and_its_error_leads_to_it(language: str) -> None:
    with override(language):
        fields = filled(FIELDS, QueryDict("name=x"), [TOO_LONG])
        text = shown(fields)
    page = checked(text)
    assert not list(page.finish())
    assert not page.stray
    assert 'href="#field-name"' in text
    assert 'aria-describedby="field-name-hint field-name-error"' in text
    assert 'aria-invalid="true"' in text
    assert ("use at most 60 characters" in text) == (language == "en")


def test_what_was_typed_stays_but_no_password() -> None:
    query = QueryDict("name=榕味&secret=hunter2&kind=b&items=x&items=y&agreed=1&region=35&file=a.csv")
    fields = {one.name: one for one in filled(FIELDS, query, [])}
    assert fields["name"].value == "榕味"
    assert fields["secret"].value == fields["file"].value == ""
    assert [chosen for _, _, chosen, _ in fields["items"].options] == [True, True]
    assert [chosen for _, _, chosen, _ in fields["kind"].options] == [False, True]
    assert "hunter2" not in shown(list(fields.values()))


def test_what_is_typed_is_escaped() -> None:
    fields = filled(FIELDS, QueryDict("name=%22%3E%3Cscript%3E&text=%3C/textarea%3E"), [])
    assert "<script>" not in shown(fields)
    assert shown(fields).count("</textarea>") == 1


def test_a_form_without_faults_has_no_summary() -> None:
    assert "errors" not in shown(FIELDS)


def test_what_was_done_is_said_once_in_the_language_of_the_next_page() -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    flash.say(request, "已保存", "Saved")
    flash.say(request, "文件太大", "The file is too large", "bad")
    with override("en"):
        assert [(one.text, one.kind) for one in flash.taken(request)] == [
            ("Saved", "good"),
            ("The file is too large", "bad"),
        ]
    assert flash.taken(request) == []


def test_a_visitor_without_a_session_is_asked_for_none() -> None:
    assert flash.taken(RequestFactory().get("/")) == []
