"""A procedure as a drawing, from its declaration alone: states, steps, who takes them, the way a case went.

The states stand one below the other in the order of the file. A step to the next state, or back from it,
stands between the two; other steps among them run in lanes to the left; what ends the case stands to the
right. Steps that lead from the same states to the same one share their lines. Colours and strokes are classes
of the stylesheet (`.flow`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from chengxin.cases.wording import described, kind_of, way_of, who_takes, wrapped
from chengxin.rulebook.procedures import Procedure, State, Step

PILL, BOX, FINAL = 150, 196, 138  # widths of a step, a state, a state that ends the case
BETWEEN = 164  # from one lane to the next
TRUNK = 16  # from one line to the next, on the right
LETTERS = {"name": (14, 19), "step": (13, 17), "who": (11, 14)}  # size of letters, height of a line
GAP, APART, EDGE = 20, 12, 16


# --- what is drawn ------------------------------------------------------------------------------------------


@dataclass
class _Flow:
    """Steps that lead from the same states to the same one."""

    steps: list[Step]
    sources: tuple[str, ...]
    to: str
    x: float = 0
    y: float = 0  # top of its pill
    ports: dict[str, float] = field(default_factory=dict)  # where its lines leave the sources
    port_in: float = 0


@dataclass
class _Place:
    """A state in the column."""

    state: State
    stays: list[Step]
    left: list[tuple[_Flow, bool]] = field(default_factory=list)  # (flow, whether it comes in)
    right: list[tuple[str, ...]] = field(default_factory=list)  # sources of the exits that leave here
    y: float = 0
    height: float = 0


class _Drawing:
    """The layout of one procedure and the parts of its SVG."""

    def __init__(
        self, procedure: Procedure, passed: Sequence[str], current: str | None, *, english: bool
    ) -> None:
        self.procedure, self.english, self.current = procedure, english, current
        self.went = way_of(procedure, passed)
        self.reached = {to for _, _, to in self.went} | ({current} if current else set())
        self.parts: dict[bool, list[str]] = {False: [], True: []}  # lines; those of the way on top
        self.boxes: list[str] = []
        column = [one for one in procedure.states.values() if not one.final]
        self.rows = {one.id: at for at, one in enumerate(column)}
        self.places = [_Place(one, self._stays(one)) for one in column]
        self.flows = _flows(procedure)
        self._sort()

    def _stays(self, state: State) -> list[Step]:
        return [
            one
            for one in self.procedure.steps
            if state.id in one.from_ and (one.to is None or one.to == state.id)
        ]

    def _sort(self) -> None:
        """Which flow runs where: between two neighbours, in a lane, to an end."""
        self.middle: dict[int, list[_Flow]] = defaultdict(list)
        self.lanes: list[_Flow] = []
        self.exits: dict[tuple[str, ...], list[_Flow]] = defaultdict(list)
        for flow in self.flows:
            if self.procedure.states[flow.to].final:
                self.exits[flow.sources].append(flow)
                continue
            to, first = self.rows[flow.to], self.rows[flow.sources[0]]
            between = min(to, first)
            near = len(flow.sources) == 1 and abs(to - first) == 1
            if near and len(self.middle[between]) < 2:  # one down, one up
                self.middle[between].append(flow)
            else:
                self.lanes.append(flow)

    # --- where everything stands ---

    def _span(self, flow: _Flow) -> tuple[int, int]:
        found = [self.rows[id] for id in (*flow.sources, flow.to)]
        return min(found), max(found)

    def _lane_columns(self) -> int:
        """Give each lane a column, the shortest nearest to the states; returns how many there are."""
        taken: list[list[tuple[int, int]]] = []
        for flow in sorted(self.lanes, key=lambda one: (self._span(one)[1] - self._span(one)[0], one.to)):
            first, last = self._span(flow)
            at = next(
                (n for n, spans in enumerate(taken) if all(last < a or first > b for a, b in spans)),
                len(taken),
            )
            if at == len(taken):
                taken.append([])
            taken[at].append((first, last))
            flow.x = -(at + 1)
        return len(taken)

    def _gap_of(self, flow: _Flow) -> int:
        """The gap between states in which a lane's pill stands: beside its target."""
        to = self.rows[flow.to]
        return to - 1 if self.rows[flow.sources[0]] < to else to

    def layout(self) -> tuple[float, float]:
        """Place everything; returns width and height."""
        lanes = self._lane_columns()
        stands_out = 60 if any(len(one) > 1 for one in self.middle.values()) else 0
        self.left = EDGE + lanes * BETWEEN + stands_out
        for flow in self.lanes:
            flow.x = EDGE + (lanes + flow.x) * BETWEEN
        self.trunks = self.left + BOX + stands_out + GAP
        self.pills = self.trunks + max(len(self.exits), 1) * TRUNK + 4
        self.finals = self.pills + PILL + 28
        for flow in self.lanes:
            for id in flow.sources:
                self.places[self.rows[id]].left.append((flow, False))
            self.places[self.rows[flow.to]].left.append((flow, True))
        for sources in self.exits:
            for id in sources:
                self.places[self.rows[id]].right.append(sources)
        y = self._column()
        return self.finals + FINAL + EDGE if self.exits else self.trunks, self._ends(y) + EDGE

    def _column(self) -> float:
        opening = self.procedure.opening
        self.start = self.left + BOX / 2
        y = EDGE + 12 + GAP + self._height([opening]) + GAP
        for at, place in enumerate(self.places):
            place.y, place.height = y, self._box_height(place)
            y += place.height
            beside = [flow for flow in self.lanes if self._gap_of(flow) == at]
            if at + 1 < len(self.places):
                tallest = max((self._height(one.steps) for one in (*self.middle[at], *beside)), default=0)
                for flow in (*self.middle[at], *beside):
                    flow.y = y + GAP + (tallest - self._height(flow.steps)) / 2
                y += tallest + 2 * GAP
            for number, flow in enumerate(self.middle[at]):
                alone = len(self.middle[at]) == 1
                centre = self.left + BOX / 2 + (0 if alone else (PILL + 8) * (number - 0.5))
                flow.x = centre - PILL / 2
        self._ports()
        return y

    def _ports(self) -> None:
        """Where lines meet the sides of a state: each at a height of its own."""
        for place in self.places:
            row = self.rows[place.state.id]
            # What goes up leaves above what goes down, so that lines don't cross needlessly.
            place.left.sort(key=lambda one: (sum(self._span(one[0])) / 2 < row, one[0].x), reverse=True)
            for at, (flow, comes_in) in enumerate(place.left):
                y = place.y + place.height * (at + 1) / (len(place.left) + 1)
                if comes_in:
                    flow.port_in = y
                else:
                    flow.ports[place.state.id] = y

    def _ends(self, bottom: float) -> float:
        """Places the exits below one another, as near to where they come from as there is room."""
        order = sorted(self.exits, key=lambda one: (self.rows[one[-1]], len(one), self.rows[one[0]]))
        # Of several lines at a state the one that runs furthest down leaves lowest.
        self.trunk_x = {
            sources: self.trunks + at * TRUNK
            for at, sources in enumerate(sorted(self.exits, key=lambda one: (len(one), self.rows[one[0]])))
        }
        free = 0.0
        for place in self.places:
            place.right.sort(key=order.index)
            for at, sources in enumerate(place.right):
                y = place.y + place.height * (at + 1) / (len(place.right) + 1)
                for flow in self.exits[sources]:
                    flow.ports[place.state.id] = y
        for sources in order:
            for flow in self.exits[sources]:
                height = max(self._height(flow.steps), self._final_height(flow))
                centre = max(flow.ports[sources[-1]], free + APART + height / 2)
                flow.x, flow.y = self.pills, centre - self._height(flow.steps) / 2
                flow.port_in = centre
                free = centre + height / 2
        return max(bottom, free)

    # --- sizes ---

    def _step_lines(self, step: Step) -> tuple[list[str], list[str]]:
        name = step.en if self.english else step.zh
        who = who_takes(step, english=self.english)
        return wrapped(name, LETTERS["step"][0], PILL - 14), wrapped(who, LETTERS["who"][0], PILL - 14)

    def _step_height(self, step: Step) -> float:
        name, who = self._step_lines(step)
        return len(name) * LETTERS["step"][1] + len(who) * LETTERS["who"][1] + 9

    def _height(self, steps: Iterable[Step]) -> float:
        return sum(self._step_height(one) for one in steps)

    def _notes(self, place: _Place) -> list[str]:
        """The small lines of a state: that the public sees it, and the steps that leave it where it is."""
        notes = [("The public sees it" if self.english else "向社会公示")] if place.state.shown else []
        notes += [f"↻ {step.en if self.english else step.zh}" for step in place.stays]
        return [line for one in notes for line in wrapped(one, LETTERS["who"][0], BOX - 20)]

    def _name(self, state: State, width: int) -> list[str]:
        return wrapped(state.en if self.english else state.zh, LETTERS["name"][0], width - 20)

    def _box_height(self, place: _Place) -> float:
        text = (
            len(self._name(place.state, BOX)) * LETTERS["name"][1]
            + len(self._notes(place)) * LETTERS["who"][1]
            + 14
        )
        return max(text, 13 * (1 + max(len(place.left), len(place.right))), 38)

    def _final_height(self, flow: _Flow) -> float:
        return len(self._name(self.procedure.states[flow.to], FINAL)) * LETTERS["name"][1] + 14

    # --- drawing ---

    def _line(self, points: Sequence[tuple[float, float]], went: bool, *, arrow: bool = False) -> None:
        way = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
        name = "way went" if went else "way"
        self.parts[went].append(f'<path class="{name}" d="{way}"></path>')
        if arrow:
            (fx, fy), (x, y) = points[-2], points[-1]
            dx, dy = (x > fx) - (x < fx), (y > fy) - (y < fy)
            a = (x - 8 * dx + 4 * dy, y - 8 * dy + 4 * dx)
            b = (x - 8 * dx - 4 * dy, y - 8 * dy - 4 * dx)
            corners = " ".join(f"{px:.0f},{py:.0f}" for px, py in ((x, y), a, b))
            self.parts[went].append(f'<polygon class="{name} tip" points="{corners}"></polygon>')

    def _joints(self, x: float, flows: Sequence[_Flow]) -> None:
        """Dots where lines join the upright line at x, so that they aren't taken for crossings."""
        found = {flow.port_in: bool(self._taken(flow)) for flow in flows}
        for flow in flows:
            for source, y in flow.ports.items():
                found[y] = found.get(y, False) or bool(self._taken(flow, source))
        for y, went in found.items():
            if min(found) < y < max(found):
                name = "tip went" if went else "tip"
                self.parts[went].append(f'<circle class="{name}" cx="{x:.0f}" cy="{y:.0f}" r="3"></circle>')

    def _texts(self, lines: Sequence[str], x: float, y: float, name: str) -> float:
        """Lines of text below one another from y on; returns where they end."""
        size, pitch = LETTERS[name]
        for line in lines:
            self.boxes.append(
                f'<text class="{name}" x="{x:.0f}" y="{y + pitch - (pitch - size) / 2 - 2:.0f}" '
                f'font-size="{size}" text-anchor="middle">{escape(line)}</text>'
            )
            y += pitch
        return y

    def _box(self, state: State, x: float, y: float, width: float, height: float) -> None:
        names = ["state-box", *(["final"] if state.final else []), *(["shown"] if state.shown else [])]
        if state.id == self.current:
            names.append("now")
        elif state.id in self.reached:
            names.append("went")
        self.boxes.append(
            f'<rect class="{" ".join(names)}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" rx="{height / 2 if state.final else 6:.0f}"></rect>'
        )

    def _pill(self, steps: Sequence[Step], x: float, y: float, went: set[str]) -> None:
        for step in steps:
            name, who = self._step_lines(step)
            height = self._step_height(step)
            names = f"pill {kind_of(step)}{' went' if step.id in went else ''}"
            self.boxes.append(
                f'<rect class="{names}" x="{x:.0f}" y="{y:.0f}" width="{PILL}" height="{height:.0f}" rx="4">'
                "</rect>"
            )
            below = self._texts(name, x + PILL / 2, y + 4, "step")
            self._texts(who, x + PILL / 2, below, "who")
            y += height

    def _taken(self, flow: _Flow, source: str | None = None) -> set[str]:
        """The steps of a flow that the case took (from one of its sources)."""
        return {
            step for before, step, to in self.went if to == flow.to and (source is None or before == source)
        } & {one.id for one in flow.steps}

    def _draw_opening(self) -> None:
        opening, first = self.procedure.opening, self.places[self.rows[self.procedure.opening.to or ""]]
        went = {step for before, step, _ in self.went if before is None}
        top = EDGE + 12
        self._line([(self.start, top), (self.start, top + GAP)], bool(went))
        self.boxes.append(
            f'<circle class="start{" went" if went else ""}" cx="{self.start:.0f}" cy="{EDGE + 6}" r="6">'
            "</circle>"
        )
        self._pill([opening], self.start - PILL / 2, top + GAP, went)
        below = top + GAP + self._height([opening])
        self._line([(self.start, below), (self.start, first.y)], bool(went), arrow=True)

    def _draw_middle(self, at: int, flow: _Flow) -> None:
        upper, lower = self.places[at], self.places[at + 1]
        down, went, x = self.rows[flow.to] > at, self._taken(flow), flow.x + PILL / 2
        top, end = upper.y + upper.height, flow.y + self._height(flow.steps)
        x = min(max(x, self.left + 14), self.left + BOX - 14)
        if down:
            self._line([(x, top), (x, flow.y)], bool(went))
            self._line([(x, end), (x, lower.y)], bool(went), arrow=True)
        else:
            self._line([(x, lower.y), (x, end)], bool(went))
            self._line([(x, flow.y), (x, top)], bool(went), arrow=True)
        self._pill(flow.steps, flow.x, flow.y, went)

    def _draw_lane(self, flow: _Flow) -> None:
        x, taken = flow.x + PILL / 2, self._taken(flow)
        for source, y in flow.ports.items():
            went = bool(self._taken(flow, source))
            self._line([(self.left, y), (x, y), (x, flow.port_in)], went)
        self._line([(x, flow.port_in), (self.left, flow.port_in)], bool(taken), arrow=True)
        self._joints(x, [flow])
        self._pill(flow.steps, flow.x, flow.y, taken)

    def _draw_exits(self, sources: tuple[str, ...], flows: Sequence[_Flow]) -> None:
        x = self.trunk_x[sources]
        self._joints(x, flows)
        for flow in flows:
            taken = self._taken(flow)
            for source, y in flow.ports.items():
                self._line(
                    [(self.left + BOX, y), (x, y), (x, flow.port_in), (self.pills, flow.port_in)],
                    bool(self._taken(flow, source)),
                )
            self._line(
                [(self.pills + PILL, flow.port_in), (self.finals, flow.port_in)], bool(taken), arrow=True
            )
            self._pill(flow.steps, flow.x, flow.y, taken)
            state, height = self.procedure.states[flow.to], self._final_height(flow)
            self._box(state, self.finals, flow.port_in - height / 2, FINAL, height)
            name = self._name(state, FINAL)
            self._texts(name, self.finals + FINAL / 2, flow.port_in - len(name) * 9.5, "name")

    def drawn(self) -> str:
        """The SVG."""
        width, height = self.layout()
        for place in self.places:
            self._box(place.state, self.left, place.y, BOX, place.height)
            name, notes = self._name(place.state, BOX), self._notes(place)
            text = len(name) * LETTERS["name"][1] + len(notes) * LETTERS["who"][1]
            y = self._texts(name, self.left + BOX / 2, place.y + (place.height - text) / 2, "name")
            self._texts(notes, self.left + BOX / 2, y, "who")
        self._draw_opening()
        for at, flows in self.middle.items():
            for flow in flows:
                self._draw_middle(at, flow)
        for flow in self.lanes:
            self._draw_lane(flow)
        for sources, flows in self.exits.items():
            self._draw_exits(sources, flows)
        title, about = described(self.procedure, self.current, english=self.english)
        id = f"flow-{self.procedure.id}"
        return (
            f'<svg class="flow" role="img" aria-labelledby="{id}-title {id}-desc" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'xmlns="http://www.w3.org/2000/svg">'
            f'<title id="{id}-title">{escape(title)}</title><desc id="{id}-desc">{escape(about)}</desc>'
            f"{''.join(self.parts[False])}{''.join(self.parts[True])}{''.join(self.boxes)}</svg>"
        )


def _flows(procedure: Procedure) -> list[_Flow]:
    found: dict[tuple[tuple[str, ...], str], _Flow] = {}
    order = list(procedure.states)
    for step in procedure.steps:
        if step.opens or step.to is None:
            continue
        sources = tuple(sorted((id for id in step.from_ if id != step.to), key=order.index))
        if sources:
            found.setdefault((sources, step.to), _Flow([], sources, step.to)).steps.append(step)
    return list(found.values())


def draw(
    procedure: Procedure, passed: Sequence[str] = (), current: str | None = None, *, english: bool = False
) -> str:
    """The procedure as SVG.

    passed   the steps that a case took, in order (the first one opened it): its way is highlighted
    current  the state in which it stands
    """
    return _Drawing(procedure, passed, current, english=english).drawn()
