import pytest


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    """Policies of tests are written to the current folder."""
    monkeypatch.chdir(tmp_path)
