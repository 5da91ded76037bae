"""A folder to write policies in."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, empty, a repository of its own, and not below the home folder."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    monkeypatch.chdir(work)
    return work
