"""FRAUDAR: dense blocks of buyers and sellers, where camouflage at popular sellers doesn't help.

Source: B. Hooi, H. A. Song, A. Beutel, N. Shah, K. Shin, C. Faloutsos: FRAUDAR: Bounding Graph Fraud in the
Face of Camouflage, KDD 2016. Weights are whole multiples of 2⁻³⁰ and nodes tied for the least leave together,
so that no id decides. The paper's bound (half the best density) still holds: it is reached by the set that
stands just before the first member of the best block leaves, and that set is looked at.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Whole = NDArray[np.int64]

CALM = 5.0  # the paper's constant: an edge to a seller with d buyers weighs 1 / log(d + 5)
GRAIN = 2**30


@dataclass(frozen=True)
class Block:
    """A dense block: its density (weight of its edges for each member) and who is in it."""

    density: float
    buyers: frozenset[str]
    sellers: frozenset[str]


@dataclass(frozen=True)
class Fraudar:
    """Ranks one side of the graph by the densest block that holds it, then by how late it is peeled off."""

    side: Literal["buyer", "seller"] = "seller"
    blocks: int = 5

    @property
    def name(self) -> str:
        """What the tables call it."""
        return "FRAUDAR"

    def score(self, features: pl.DataFrame, graph: pl.DataFrame) -> pl.Series:
        """0 for who is not in the graph, 1 for the worst; the tied share a score."""
        ranked = self.sides(graph)[self.side]
        joined = features.select(pl.col("entity_id").cast(pl.String)).join(
            ranked, on="entity_id", how="left", maintain_order="left"
        )
        return joined["score"].fill_null(0.0)

    def sides(self, graph: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The ranking (`entity_id`, `score`) of everybody on each side of the graph."""
        (core, found), buyers, sellers = _blocks(graph, self.blocks)
        ranked = {}
        for side, names, offset in (("buyer", buyers, 0), ("seller", sellers, len(buyers))):
            density = np.zeros(len(names), np.int64)
            for one, inside in found:
                members = inside[offset : offset + len(names)]
                density = np.maximum(density, np.where(members, one, 0))
            table = pl.DataFrame(
                {"entity_id": names, "density": density, "core": core[offset : offset + len(names)]}
            )
            place = pl.struct("density", "core").rank("dense").cast(pl.Float64)
            ranked[side] = table.select(pl.col("entity_id").cast(pl.String), score=place / place.max())
        return ranked


def dense_blocks(graph: pl.DataFrame, blocks: int = 5) -> list[Block]:
    """The densest blocks of a graph (`buyer_id`, `seller_id`), each without the edges of those before."""
    (_, found), buyers, sellers = _blocks(graph, blocks)
    return [
        Block(
            one / GRAIN,
            frozenset(buyers.filter(pl.Series(inside[: len(buyers)])).cast(pl.String)),
            frozenset(sellers.filter(pl.Series(inside[len(buyers) :])).cast(pl.String)),
        )
        for one, inside in found
    ]


def _blocks(
    graph: pl.DataFrame, blocks: int
) -> tuple[tuple[Whole, list[tuple[int, NDArray[np.bool_]]]], pl.Series, pl.Series]:
    """The core of every node in the whole graph, and the blocks as (density, membership), buyers first."""
    pairs = graph.select("buyer_id", "seller_id").drop_nulls().unique()
    buyers, sellers = pairs["buyer_id"].unique().sort(), pairs["seller_id"].unique().sort()
    left = buyers.search_sorted(pairs["buyer_id"]).to_numpy().astype(np.int64)
    right = sellers.search_sorted(pairs["seller_id"]).to_numpy().astype(np.int64) + len(buyers)
    size = len(buyers) + len(sellers)
    core = np.zeros(size, np.int64)
    found: list[tuple[int, NDArray[np.bool_]]] = []
    for turn in range(blocks):
        if len(left) == 0:
            break
        density, inside, peeled = _peel(left, right, size)
        if turn == 0:
            core = peeled
        found.append((density, inside))
        keep = ~(inside[left] & inside[right])
        left, right = left[keep], right[keep]
    return (core, found), buyers, sellers


def _peel(left: Whole, right: Whole, size: int) -> tuple[int, NDArray[np.bool_], Whole]:
    """The densest set on the way down (density in grains, membership) and each node's core."""
    degree = np.bincount(right, minlength=size)
    weight = np.rint(GRAIN / np.log(degree[right] + CALM)).astype(np.int64)
    ends, others = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[order], np.arange(size + 1)).tolist()
    neighbour = others[order].tolist()
    tie = np.concatenate([weight, weight])[order].tolist()
    held = np.zeros(size, np.int64)
    np.add.at(held, ends, np.concatenate([weight, weight]))
    worth: list[int] = held.tolist()
    present = [value > 0 for value in worth]
    heap = [(value, node) for node, value in enumerate(worth) if value > 0]
    heapq.heapify(heap)
    total, members = int(weight.sum()), len(heap)
    best, best_step = (total, members), 0
    gone = np.full(size, -1, np.int64)
    core = np.zeros(size, np.int64)
    floor = step = 0
    while heap:
        floor = max(floor, heap[0][0])
        least, leaving = heap[0][0], []
        while heap and heap[0][0] == least:
            _, node = heapq.heappop(heap)
            if present[node] and worth[node] == least and gone[node] < 0:
                gone[node] = step
                leaving.append(node)
        for node in leaving:
            core[node] = floor
            present[node] = False
            for place in range(start[node], start[node + 1]):
                other = neighbour[place]
                if present[other]:
                    total -= tie[place]
                    worth[other] -= tie[place]
                    if gone[other] < 0:
                        heapq.heappush(heap, (worth[other], other))
        members -= len(leaving)
        step += 1 if leaving else 0
        if leaving and members > 0 and total * best[1] > best[0] * members:
            best, best_step = (total, members), step
        while heap and not (present[heap[0][1]] and worth[heap[0][1]] == heap[0][0]):
            heapq.heappop(heap)
    return best[0] // best[1], gone >= best_step, core
