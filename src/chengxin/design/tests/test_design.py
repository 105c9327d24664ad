"""The design system: its page, its stylesheet, what it loads."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

import chengxin
from chengxin.design.charts import Chart
from chengxin.testing.checked import checked

ROOM = Path(chengxin.__file__).parent
STATIC = ROOM / "design" / "static" / "design"
STYLE = (STATIC / "chengxin.css").read_text()
LOGIC = re.compile(r"{%.*?%}|{{.*?}}")


@pytest.fixture
def browser(database: str) -> Client:
    """Somebody who has not signed in."""
    return Client()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "query", ["", "&order=-rows&state=kept", "&state=nonsense&after=x", "&source=nobody"]
)
def test_the_page_of_the_design_system_is_sound_in_both_languages(
    browser: Client, language: str, query: str
) -> None:
    response = browser.get(f"/design?lang={language}{query}")
    assert response.status_code == 200
    page = checked(response.content.decode())
    assert not list(page.finish())
    assert not page.stray


def test_its_table_sorts_filters_and_exports(browser: Client) -> None:
    text = browser.get("/design?lang=zh&state=rejected&columns=number&columns=file").content.decode()
    assert "penalty-" in text
    assert "合格率</a>" not in text
    body = browser.get("/design?state=rejected&columns=number&columns=file&format=csv").content
    lines = body.decode("utf-8-sig").splitlines()
    assert lines[1:]
    assert all(re.fullmatch(r"B\d{4},penalty-\d{3}\.csv", line) for line in lines[1:])


def test_every_class_of_a_template_has_a_style() -> None:
    styled = set(re.findall(r"\.([a-z][a-z0-9-]*)", STYLE))
    bare = {
        "numbers",
        "identity",
        "hidden",
    }  # hooks of scripts and tests, and names without a look of their own
    unknown: dict[str, str] = {}
    for path in (ROOM / "design" / "templates").rglob("*.html"):
        for found in re.findall(r'class="([^"]*)"', LOGIC.sub(" ", path.read_text())):
            for name in found.replace("|", " ").split():
                if name not in styled | bare:
                    unknown[name] = path.name
    assert not unknown


def test_every_component_that_other_rooms_count_on_has_a_style() -> None:
    for name in (
        "notice", "badge", "cards", "card", "figures", "pairs", "data", "scroll", "timeline", "steps",
        "empty", "actions", "button", "primary", "danger", "quiet", "progress", "tabs", "split", "differs",
        "printed", "screen", "letter", "filters", "good", "bad", "warn", "info", "done", "current",
    ):  # fmt: skip
        assert re.search(rf"\.{name}\b", STYLE), name


def test_a_custom_property_that_is_used_is_set() -> None:
    assert set(re.findall(r"var\(--([a-z0-9-]+)", STYLE)) <= set(re.findall(r"--([a-z0-9-]+):", STYLE))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_loaded_from_elsewhere(browser: Client, language: str) -> None:
    text = browser.get(f"/design?lang={language}").content.decode()
    for tag in re.findall(r"<(?:img|link|script|use|iframe|source|form)\b[^>]*>", text):
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', tag):
            assert address.startswith(("/", "?", "#")), tag
            assert not address.startswith("//"), tag
    own = (STATIC / "chengxin.js").read_text()
    assert "http" not in re.sub(r"//.*", "", own)
    assert "url(" not in STYLE


def test_scripts_of_others_are_those_that_are_noted() -> None:
    noted = (STATIC / "vendor-licences" / "README.md").read_text()
    for name in ("htmx.min.js", "echarts.min.js", "cytoscape.min.js"):
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() in noted
    for licence in re.findall(r"\]\(([^)]+)\)", noted):
        assert (STATIC / "vendor-licences" / licence).read_text().strip()


def test_pages_run_no_script_of_their_own(browser: Client) -> None:
    response = browser.get("/design")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    for attributes in re.findall(r"<script\b([^>]*)>", response.content.decode()):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert '"allowEval":false' in response.content.decode()
    assert '"includeIndicatorStyles":false' in response.content.decode()


def test_charts_load_their_library_where_there_is_one_only(browser: Client) -> None:
    assert "echarts" in browser.get("/design").content.decode()
    assert "echarts" not in browser.get("/about").content.decode()


def test_a_page_travels_compressed_and_is_not_sent_twice(browser: Client) -> None:
    response = browser.get("/design", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    again = browser.get("/design", headers={"Accept-Encoding": "gzip", "If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_a_visitor_without_a_session_costs_no_look_at_sessions(browser: Client) -> None:
    response = browser.get("/design")
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert "/sign-in" in response.content.decode()


def test_a_chart_says_its_numbers_in_words_and_as_a_table() -> None:
    chart = Chart("c", "行数", "line", ("1月", "2月", "3月"), (("入档", (3, None, 1204)),), unit="行")
    assert chart.description == "入档最高1,204行（3月），最低3行（1月）"
    assert list(chart.rows) == [("1月", ["3"]), ("2月", ["–"]), ("3月", ["1,204"])]
    assert chart.data["series"] == [{"name": "入档", "values": [3, None, 1204]}]


def test_a_chart_without_numbers_has_nothing_to_say() -> None:
    assert Chart("c", "行数", "bar", ("1月",), (("入档", (None,)),)).description == ""
