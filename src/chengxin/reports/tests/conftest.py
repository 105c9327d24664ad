"""What the tests of reports share."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone, translation

from chengxin.portal.tests.small import Small, small_archive
from chengxin.reports import cache, pdf, sealing
from chengxin.reports.tests.files import Sample


@pytest.fixture
def archive(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A small archive, and a folder of its own for the reports made of it."""
    monkeypatch.setattr(cache, "_folder", lambda today: tmp_path / "reports" / today.isoformat())
    return small_archive()


@pytest.fixture
def browser() -> Client:
    """A browser that shows the page for an error as people see it."""
    return Client(raise_request_exception=False)


@pytest.fixture
def sample(archive: Small) -> Sample:
    """A public report and its PDF."""
    made = sealing.public_report(archive.code, timezone.localdate())
    with translation.override("zh-hans"):
        return Sample(made, pdf.report_pdf(made, "https://credit.example.cn"))
