"""Filters and tags of the templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from chengxin.design.forms import Field
from chengxin.design.showing import is_foreign

register = template.Library()


@register.filter
def zh(text: object) -> SafeString:
    """Text that is Chinese in whatever language the page speaks, marked so (WCAG 2.2, 3.1.2)."""
    shown = conditional_escape(str(text) if not isinstance(text, SafeString) else text)
    if is_foreign(shown):
        return format_html('<span lang="zh-Hans">{}</span>', shown)
    return mark_safe(shown)  # noqa: S308 - escaped above


@register.filter
def foreign(text: object) -> bool:
    """Whether text is Chinese on a page that speaks English: for elements that say it by their own `lang`."""
    return is_foreign(str(text))


@register.filter
def grouped(number: int) -> str:
    """A number with thousands apart: 1,204,518."""
    return f"{number:,}"


@register.filter
def broken(text: str) -> SafeString:
    """A long code or hash that may break anywhere."""
    return format_html('<code class="long">{}</code>', text)


@register.filter
def coded(text: str) -> SafeString:
    """Text whose parts between `backticks` are code."""
    return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 - escaped


@register.simple_tag
def querystring_of(**values: str) -> str:
    """A query string of these values, percent-encoded."""
    return urlencode(values)


@register.filter
def wrong(fields: Iterable[Field] | None) -> list[Field]:
    """The fields of a form with which something is wrong."""
    return [one for one in fields or () if one.error]
