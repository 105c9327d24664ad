"""Which folder is the home, and what is in it."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from chengxin.database.home import Home, chosen_home


def test_the_home_that_is_named_comes_before_the_variable_and_the_platforms_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHENGXIN_HOME", str(tmp_path / "by variable"))
    assert chosen_home(tmp_path / "named").path == tmp_path / "named"
    assert chosen_home().path == tmp_path / "by variable"
    monkeypatch.setenv("CHENGXIN_HOME", "")
    assert chosen_home().path == Path(platformdirs.user_data_dir("chengxin", appauthor=False)).resolve()


def test_a_home_is_one_whole_path_wherever_the_process_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert chosen_home(Path("here/../there")).path == tmp_path / "there"
    assert chosen_home(Path("~/data")).path == tmp_path / "me" / "data"


def test_everything_of_an_installation_is_inside_its_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    inside = {home.postgres, home.keys, home.inbox, home.rejects}
    assert len(inside) == 4
    assert all(path.parent == tmp_path for path in inside)
