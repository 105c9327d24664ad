"""What tests of the whole share: one small world a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chengxin.exchange.worker import worker
from chengxin.testing.world import World, new_world


@pytest.fixture(scope="module")
def world(one_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Somebody in every role, one of everything; files that are sent stay where they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "wake", lambda: None)
        yield new_world(tmp_path_factory.mktemp("world"))
