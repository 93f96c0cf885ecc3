"""Keep the stack's secrets in volumes: those that are given, else what an earlier start kept, else new ones.

Runs once per `docker compose up`, before everything else, and refuses settings that would leave the stack open.
Standard library only. Each folder is a volume that only the services that need it mount. Given passwords come in a
file, which Compose writes when it creates the container; the other settings from the environment.
"""

import base64
import ipaddress
import json
import os
import secrets
import sys
import urllib.parse
from pathlib import Path

GIVEN = Path("/run/given")
CERTIFICATES = Path("/run/ca.pem")
ROOT = Path("/secrets")
# What Compose writes into that file, each in a line of its own; the proxies since they count.
PASSWORDS = ("DB_PASSWORD", "AIRFLOW_PASSWORD", "AIRFLOW_DB_PASSWORD")
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")  # whose URLs may hold a password
DEFAULT_LOGIN = "airflow"
# What no one should reach from another machine: the login's default and the usual placeholders.
WELL_KNOWN = {"airflow", "admin", "btc", "changeme", "change-me", "example", "password", "postgres", "root", "secret"}
SHORTEST_OPEN = 8
LONGEST_CERTIFICATES = 100_000  # jobs are handed the text as a setting, and Linux takes none longer than 128 KiB


class Refused(Exception):
    """A setting that the stack does not start with; the message says which and what to do."""


def read_given(path: Path) -> dict[str, str]:
    """Return what is given: the environment, and the file's `NAME=value` lines, a value taken as it is."""
    pairs = [line.partition("=") for line in path.read_bytes().decode().split("\n") if line]
    names = tuple(name for name, _, _ in pairs)
    if names not in {PASSWORDS, PASSWORDS + PROXIES} or any("\r" in value for _, _, value in pairs):
        raise Refused("a password holds a line break, or a quote in .env is not closed: write each in one line")
    return {**os.environ, **{name: value for name, _, value in pairs}}


def password_in(content: bytes) -> str:
    """Return the password that a file holds: its first line, without a byte-order mark, blanks kept.

    The rule of `volatility/settings/database_url.py`.
    """
    if len(content) % 2 == 0 and (content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content):
        raise ValueError("it is UTF-16 text: save it as UTF-8")
    try:
        line = content.decode("utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise ValueError("it is not text") from None
    if "\0" in line:
        raise ValueError("it is not text")
    if not line.strip():
        raise ValueError("its first line is empty")
    return line


def is_loopback(address: str) -> bool:
    """Say whether ports bound to `address` can only be reached from this machine."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError as error:
        raise Refused(f"BIND_ADDRESS must be an IP address, not {address!r}") from error


def check(given: dict[str, str]) -> None:
    """Refuse a stack that is open to other machines with a password anyone could guess, and half a database server."""
    if given["DB_HOST"] and not given["DB_PASSWORD"]:
        raise Refused("DB_HOST names a server of yours: set DB_PASSWORD to the password of DB_USER on it")
    if given.get("DB_SSL_CA") and not given["DB_HOST"]:
        raise Refused("DB_SSL_CA goes with a server of yours: set DB_HOST, or leave it empty")
    if is_loopback(given["BIND_ADDRESS"]):
        return
    login = given["AIRFLOW_PASSWORD"] or DEFAULT_LOGIN
    checked = {"AIRFLOW_PASSWORD": login}
    if given["DB_PASSWORD"] and not given["DB_HOST"]:
        checked["DB_PASSWORD"] = given["DB_PASSWORD"]
    for name, password in checked.items():
        if password.lower() in WELL_KNOWN or len(password) < SHORTEST_OPEN:
            raise Refused(
                f"BIND_ADDRESS={given['BIND_ADDRESS']} opens the stack to other machines, and {name} is a default or "
                f"shorter than {SHORTEST_OPEN} characters: set {name}"
            )


def keep(path: Path, given: str, generate: str) -> str:
    """Return the secret at `path`, after writing the given one or, if there is none yet, the generated one."""
    if given or not path.exists():
        write(path, given or generate)
    try:
        return password_in(path.read_bytes())
    except ValueError as error:
        raise Refused(f"{path} can't be used: {error}") from error


def write(path: Path, text: str) -> None:
    """Replace a file; every user of a container that mounts this volume may read it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.chmod(0o444)
    fresh.replace(path)


def certificates(path: Path) -> str:
    """Return the certificates of DB_SSL_CA, which Compose mounts at `path`."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = ""
    except OSError as error:
        raise Refused(f"DB_SSL_CA can't be read ({error.strerror}): it is no secret, let everybody read it") from error
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise Refused("DB_SSL_CA holds no certificate in PEM")
    if len(text) > LONGEST_CERTIFICATES:
        raise Refused(
            f"DB_SSL_CA is longer than {LONGEST_CERTIFICATES} bytes: name a file of your server's issuer alone"
        )
    return text


def main() -> None:
    """Write every secret of the stack."""
    given = read_given(GIVEN)
    check(given)
    os.umask(0o022)
    keep(ROOT / "mariadb" / "root_password", "", secrets.token_urlsafe(24))
    # The bundled server's own stays while another one is used: to go back to it takes no more than an empty DB_HOST.
    of_bundled = "" if given["DB_HOST"] else given["DB_PASSWORD"]
    bundled = keep(ROOT / "mariadb" / "password", of_bundled, secrets.token_urlsafe(24))
    write(ROOT / "database" / "db_password", given["DB_PASSWORD"] if given["DB_HOST"] else bundled)
    if given.get("DB_SSL_CA"):
        write(ROOT / "database" / "ca.pem", certificates(CERTIFICATES))
    else:
        (ROOT / "database" / "ca.pem").unlink(missing_ok=True)
    for name in PROXIES:
        write(ROOT / "database" / name.lower(), given.get(name, ""))

    airflow = ROOT / "airflow"
    postgres = keep(ROOT / "postgres" / "password", given["AIRFLOW_DB_PASSWORD"], secrets.token_urlsafe(24))
    address = f"airflow:{urllib.parse.quote(postgres, safe='')}@postgres:5432/airflow"
    write(airflow / "sql_alchemy_conn", f"postgresql+psycopg2://{address}")
    write(airflow / "celery_result_backend", f"db+postgresql+psycopg2://{address}")
    redis = keep(ROOT / "redis" / "password", "", secrets.token_urlsafe(24))
    write(airflow / "celery_broker_url", f"redis://:{redis}@redis:6379/0")
    keep(airflow / "fernet_key", "", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    keep(airflow / "jwt_secret", "", secrets.token_urlsafe(48))
    keep(airflow / "api_secret_key", "", secrets.token_urlsafe(48))
    login = {given["AIRFLOW_USER"] or DEFAULT_LOGIN: given["AIRFLOW_PASSWORD"] or DEFAULT_LOGIN}
    write(airflow / "logins.json", json.dumps(login))


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"refused: {refused}")
