"""The graph of a scheme: who bought where, who shares what, where money went back. Pure; bounded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chengxin.triage.masking import COLUMNS, Names

MOST_NODES = 120
"""Nodes that are drawn: those with the most ties."""

SHARED = ("buyer_device", "address_hash", "buyer_ip")


@dataclass(frozen=True)
class Node:
    """Somebody or something: its key, what it is (shop, buyer, device, address, ip), what it is called.

    member: whether it was found; others are there because of their ties to those that were
    """

    key: str
    kind: str
    name: str
    member: bool = False


@dataclass(frozen=True)
class Edge:
    """A tie: orders (from buyer to shop), back (money from shop to buyer), shares (a buyer and a thing).

    number  of orders or transfers; amount: their sum in fen
    """

    source: str
    target: str
    kind: str
    number: int
    amount: int


@dataclass(frozen=True)
class Graph:
    """Nodes and ties; `left`: nodes that were not drawn."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    left: int

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "nodes": [
                {"id": one.key, "kind": one.kind, "name": one.name, "member": one.member}
                for one in self.nodes
            ],
            "edges": [
                {"source": one.source, "target": one.target, "kind": one.kind, "number": one.number,
                 "yuan": one.amount / 100}
                for one in self.edges
            ],
            "left": self.left,
        }  # fmt: skip


def graph(
    rows: Mapping[str, Iterable[Mapping[str, Any]]], names: Names, found: Collection[str] = ()
) -> Graph:
    """The graph of the rows of a lead. Things stand in it only where several buyers share them.

    found: keys of the members of a scheme; whoever and whatever isn't one stands in it only where it ties
    several of them together. Without: everybody in the rows.
    """
    nodes: dict[str, Node] = {}
    sums: dict[tuple[str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    sharing: dict[str, set[str]] = defaultdict(set)

    def node(column: str, id: str) -> str:
        kind = names.kind(COLUMNS[column], id)
        key = names.key(COLUMNS[column], id)
        nodes.setdefault(key, Node(key, kind, names.name(COLUMNS[column], id), key in found))
        return key

    def tie(source: str, target: str, kind: str, amount: float) -> None:
        number, sum_ = sums[source, target, kind]
        sums[source, target, kind] = (number + 1, sum_ + round(amount * 100))

    for one in rows.get("orders", ()):
        if "buyer_id" not in one or "seller_id" not in one:
            continue
        buyer = node("buyer_id", str(one["buyer_id"]))
        tie(buyer, node("seller_id", str(one["seller_id"])), "orders", float(one.get("amount") or 0))
        for column in SHARED:
            if column in one:
                sharing[node(column, str(one[column]))].add(buyer)
    for one in rows.get("payments", ()):
        if one.get("kind") == "transfer" and "payer_id" in one and "payee_id" in one:
            payer, payee = node("payer_id", str(one["payer_id"])), node("payee_id", str(one["payee_id"]))
            tie(payer, payee, "back", float(one.get("amount") or 0))
    for thing, buyers in sharing.items():
        if len(buyers) < 2:
            nodes.pop(thing, None)
            continue
        for buyer in sorted(buyers):
            sums[buyer, thing, "shares"] = (1, 0)
    edges = [Edge(*ends, *sum_) for ends, sum_ in sums.items()]
    return _bounded(nodes, edges, _near(nodes, edges) if found else set(nodes))


def _near(nodes: Mapping[str, Node], edges: Sequence[Edge]) -> set[str]:
    """The members of a scheme, and what ties several of them together."""
    tied: dict[str, set[str]] = defaultdict(set)
    for one in edges:
        for end, other in ((one.source, one.target), (one.target, one.source)):
            if other in nodes and nodes[other].member:
                tied[end].add(other)
    return {key for key, one in nodes.items() if one.member or len(tied[key]) > 1}


def _bounded(nodes: Mapping[str, Node], edges: Sequence[Edge], near: Collection[str]) -> Graph:
    ties: dict[str, int] = defaultdict(int)
    for one in edges:
        ties[one.source] += one.number
        ties[one.target] += one.number
    some = [one for one in nodes.values() if one.key in near]
    chosen = sorted(some, key=lambda one: (not one.member, one.kind != "shop", -ties[one.key]))[:MOST_NODES]
    kept = {one.key for one in chosen}
    return Graph(
        chosen,
        [one for one in edges if one.source in kept and one.target in kept],
        len(nodes) - len(chosen),
    )
