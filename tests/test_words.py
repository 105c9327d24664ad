"""The English of every room: complete, compiled, and of the sentences that stand there today."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

import chengxin

CATALOGUES = sorted(Path(chengxin.__file__).parent.glob("*/locale/en/LC_MESSAGES/django.po"))


def _entries(catalogue: str) -> list[tuple[str, str]]:
    """The Chinese and the (first) English of each entry of a .po file."""
    quoted = r'"(?:[^"\\]|\\.)*"'
    pattern = rf"msgid ((?:{quoted}\s*)+)(?:msgid_plural .*\n)?msgstr(?:\[0\])? ({quoted})"
    return [(_plain(zh), _plain(en)) for zh, en in re.findall(pattern, catalogue)]


def _plain(written: str) -> str:
    joined = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', written))
    return joined.replace('\\"', '"')


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_every_sentence_is_translated_and_compiled(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "fuzzy" not in text
    with path.with_suffix(".mo").open("rb") as compiled:
        english = gettext.GNUTranslations(compiled)
    for chinese, translated in _entries(text):
        if chinese:
            assert translated, chinese
            assert translated in (english.gettext(chinese), english.ngettext(chinese, chinese, 1)), chinese
