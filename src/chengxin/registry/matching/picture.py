"""The precision–recall curve as an SVG: no plotting library, readable in the dark and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

import polars as pl

_WIDTH, _HEIGHT = 720, 520
_LEFT, _TOP, _RIGHT, _BOTTOM = 72, 56, 24, 64
_MOST_POINTS = 300


@dataclass(frozen=True)
class Line:
    """A curve: `points` from `measures.curve`; `dash` an SVG dash pattern ("" for a solid line)."""

    label: str
    points: pl.DataFrame
    colour: str
    dash: str = ""


@dataclass(frozen=True)
class Mark:
    """A single point, such as a threshold in force."""

    label: str
    recall: float
    precision: float
    colour: str


def draw(title: str, lines: list[Line], marks: list[Mark], *, floor: float = 0.5) -> str:
    """An SVG with recall to the right and precision upwards from `floor`."""
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(recall: float) -> float:
        return round(_LEFT + recall * plot_width, 1)

    def y(precision: float) -> float:
        return round(_TOP + (1 - max(precision, floor)) / (1 - floor) * plot_height, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="30" font-size="16" font-weight="600">{escape(title)}</text>',
    ]
    for step in range(6):
        recall, precision = step / 5, floor + (1 - floor) * step / 5
        parts += [
            f'<path d="M{x(recall)} {_TOP}V{_TOP + plot_height}M{_LEFT} {y(precision)}H{_WIDTH - _RIGHT}" '
            'stroke="#d9dee3" fill="none"/>',
            f'<text x="{x(recall)}" y="{_TOP + plot_height + 20}" text-anchor="middle">{recall:.1f}</text>',
            f'<text x="{_LEFT - 8}" y="{y(precision) + 4}" text-anchor="end">{precision:.1f}</text>',
        ]
    parts += [
        f'<text x="{_LEFT + plot_width / 2}" y="{_HEIGHT - 14}" text-anchor="middle">查全率 recall</text>',
        f'<text transform="translate(20 {_TOP + plot_height / 2}) rotate(-90)" text-anchor="middle">'
        "查准率 precision</text>",
    ]
    for line in lines:
        shown = line.points.filter(pl.col("precision") >= floor)
        every = max(1, len(shown) // _MOST_POINTS)
        points = shown[::every].select("recall", "precision").rows()
        spots = [f"{x(recall)},{y(precision)}" for recall, precision in points]
        dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
        parts.append(
            f'<polyline points="{" ".join(spots)}" fill="none" stroke-width="2.5" '
            f'stroke="{line.colour}"{dash}/>'
        )
    for mark in marks:
        parts.append(f'<circle cx="{x(mark.recall)}" cy="{y(mark.precision)}" r="5" fill="{mark.colour}"/>')
    legend = [(one.label, one.colour, one.dash, False) for one in lines]
    legend += [(one.label, one.colour, "", True) for one in marks]
    for row, (label, colour, dash, dot) in enumerate(legend):
        at = _TOP + plot_height - 20 * (len(legend) - row)
        sign = (
            f'<circle cx="{_LEFT + 28}" cy="{at - 4}" r="5" fill="{colour}"/>'
            if dot
            else f'<path d="M{_LEFT + 14} {at - 4}h28" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{dash or "none"}"/>'
        )
        parts.append(f'{sign}<text x="{_LEFT + 52}" y="{at}">{escape(label)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
