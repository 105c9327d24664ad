"""Which schemes are run in a market, and how many of each."""

from __future__ import annotations

from chengxin.market.schemes.brushing import brushing
from chengxin.market.schemes.scene import Scene


def run(scene: Scene) -> None:
    """Runs the schemes that the plan wants, level by level, until a kind's share of entities is used up."""
    plan, world = scene.world.plan, scene.world
    if "brushing" in plan.kinds and plan.levels:
        sellers = max(3, int(world.shops.count * plan.share * 0.75))
        buyers = max(15, int(world.buyers.count * plan.share * 0.8))
        turn = int(scene.random.integers(0, len(plan.levels)))
        while sellers > 0 and buyers >= 3:
            used = brushing(scene, plan.levels[turn % len(plan.levels)], sellers, buyers)
            sellers, buyers, turn = sellers - used[0], buyers - used[1], turn + 1
