"""The MariaDB that tests start by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.conftest import own_server
from tests.support_mariadb import MariaDBServer, ServerUnavailable


def _answers(url: str) -> bool:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(sa.text("SELECT 1")) == 1)
    except sa.exc.OperationalError:
        return False


@pytest.mark.server
def test_it_comes_back_on_the_same_port_and_leaves_nothing_behind() -> None:
    with own_server() as server:
        url, port = server.url("mysql"), server.port
        assert _answers(url)
        server.kill()
        assert not _answers(url)
        server.start()
        assert server.port == port
        assert _answers(url)
        server.stop()
        server.stop()
        assert not _answers(url)
    assert not server.folder.exists()
    assert not _answers(url)


@pytest.mark.server
def test_every_test_gets_a_database_of_its_own_that_is_empty(mariadb_url: str) -> None:
    assert make_url(mariadb_url).database
    engine = sa.create_engine(mariadb_url, poolclass=sa.NullPool)
    assert sa.inspect(engine).get_table_names() == []


def test_missing_binaries_are_one_line_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(ServerUnavailable) as failure:
        MariaDBServer(tmp_path / "server").start()
    assert "mariadb-server" in str(failure.value)
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "server").exists()
