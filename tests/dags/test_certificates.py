"""How the file that DB_SSL_CA names on the host gets to those that need it in containers."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.certificates import Issuer
from volatility.settings import Settings

ROOT = Path(__file__).parents[2]
GIVEN = {"DB_HOST": "db.example", "DB_PASSWORD": "a-password", "BIND_ADDRESS": "127.0.0.1", "AIRFLOW_USER": ""}


@pytest.fixture
def init(tmp_path: Path) -> ModuleType:
    """docker/secrets/init.py, as a module with folders of its own."""
    spec = importlib.util.spec_from_file_location("secrets_init", ROOT / "docker" / "secrets" / "init.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, place in {"GIVEN": "given", "ROOT": "secrets", "CERTIFICATES": "ca.pem"}.items():
        setattr(module, name, tmp_path / place)
    for folder in ("airflow", "database", "mariadb", "postgres", "redis"):
        (tmp_path / "secrets" / folder).mkdir(parents=True)
    return module


def given(init: ModuleType, monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    settings = {**GIVEN, "DB_SSL_CA": "", **changes}
    passwords = {name: settings.pop(name, "") for name in ("DB_PASSWORD", "AIRFLOW_PASSWORD", "AIRFLOW_DB_PASSWORD")}
    init.GIVEN.write_text("".join(f"{name}={value}\n" for name, value in passwords.items()))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_its_copy_lies_where_the_services_look_for_it_and_goes_with_the_setting(
    init: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    init.CERTIFICATES.write_bytes(Issuer(tmp_path, "issuer").file.read_bytes())
    given(init, monkeypatch, DB_SSL_CA="certificates/ca.pem")
    init.main()
    copy = init.ROOT / "database" / "ca.pem"
    assert copy.read_bytes() == init.CERTIFICATES.read_bytes()
    given(init, monkeypatch)
    init.main()
    assert not copy.exists()


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"no certificate", {}, "DB_SSL_CA holds no certificate in PEM"),
        (b"\xff\xfe\x00", {}, "DB_SSL_CA holds no certificate in PEM"),
        (b"-----BEGIN CERTIFICATE-----\n" + b"x" * 100_001, {}, "DB_SSL_CA is longer than 100000 bytes"),
        (None, {}, "DB_SSL_CA can't be read (No such file or directory)"),
        (b"", {"DB_HOST": ""}, "DB_SSL_CA goes with a server of yours: set DB_HOST"),
    ],
)
def test_one_that_can_not_be_used_keeps_the_stack_from_starting(
    init: ModuleType, monkeypatch: pytest.MonkeyPatch, content: bytes | None, changes: dict[str, str], words: str
) -> None:
    if content is not None:
        init.CERTIFICATES.write_bytes(content)
    given(init, monkeypatch, DB_SSL_CA="ca.pem", **changes)
    with pytest.raises(init.Refused, match=f"^{re.escape(words)}"):
        init.main()


def test_a_jobs_container_is_handed_the_text(described: dict[str, Any], describe_with: Any, tmp_path: Path) -> None:
    """It has no file of the host's, and the proxy in front of Docker lets it have none."""
    assert described["certificates"] == {}
    file = Issuer(tmp_path, "issuer").file
    handed = describe_with(DB_SSL_CA=str(file))["certificates"]
    assert handed == {"DB_SSL_CA": file.read_text()}
    tls = Settings.of({"DB_HOST": "db", "DB_USER": "u", "DB_NAME": "n", **handed}).database_tls
    assert tls
    assert tls.ca.strip() == file.read_text().strip()


def test_a_file_that_is_not_there_is_said_by_docker_and_not_made_into_a_folder() -> None:
    text = (ROOT / "docker-compose.yaml").read_text()
    mount = re.search(r"- type: bind\n\s+source: \$\{DB_SSL_CA:-/dev/null\}\n(?:\s+\S+: .+\n)+", text)
    assert mount
    assert "create_host_path: false" in mount[0]
    assert "read_only: true" in mount[0]
