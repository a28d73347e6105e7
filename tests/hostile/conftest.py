"""attacked: the fixture of the tests that look for what runs."""

from pathlib import Path

import pytest

from tests.hostile.attacked import home


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home(tmp_path_factory.mktemp("attacked") / "home")
