"""Real certificates, right and wrong, and the settings that name whom to trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_simulator import RunningServer
from tests.exchange.conftest import Ask, said
from tests.support.network import Authority, Listener, before, listening
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import NetworkSettingError
from volatility.domain.retry import RetryPolicy


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_each_name_of_a_bundle_counts(ask: Ask, tls: Listener, authority: Authority, name: str) -> None:
    assert ask(f"https://127.0.0.1:{tls.port}", **{name: str(authority.bundle)}) == NOW_MS


def test_an_unknown_issuer_is_said_with_what_to_set_and_not_tried_again(ask: Ask, tls: Listener) -> None:
    text = said(ask, f"https://127.0.0.1:{tls.port}", retry=RetryPolicy(60))
    assert "unknown issuer: name your company's CA in REQUESTS_CA_BUNDLE" in text
    assert tls.accepted == 1


@pytest.mark.parametrize(
    ("address", "options", "words"),
    [
        ("DNS:other.example", {}, "its certificate is for another host"),
        ("IP:127.0.0.2", {}, "its certificate is for another host"),
        ("IP:127.0.0.1", {"by_itself": True}, "its certificate is signed by itself"),
        ("IP:127.0.0.1", {"expired": True}, "its certificate has expired, or this machine's clock is ahead"),
    ],
)
def test_a_wrong_certificate_is_said_by_its_cause_and_not_tried_again(
    *, ask: Ask, server: RunningServer, authority: Authority, address: str, options: dict[str, bool], words: str
) -> None:
    days = ["-days", "-1"] if options.get("expired") else []
    context = authority.serving(f"wrong{abs(hash(words + address))}", address, *days, by_itself="by_itself" in options)
    with listening(before(server.port), context) as front:
        url = f"https://127.0.0.1:{front.port}"
        assert words in said(ask, url, retry=RetryPolicy(60), REQUESTS_CA_BUNDLE=str(authority.bundle))
        assert front.accepted == 1


def test_a_bundle_that_is_none_is_a_wrong_setting_said_at_once(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate at all")
    for path, words in (
        (tmp_path / "none.pem", r"can't be read \(No such file or directory\)"),
        (tmp_path / "text.pem", "in PEM form; this one is none"),
        (tmp_path, r"a folder without hashed certificates"),
    ):
        with pytest.raises(NetworkSettingError, match=f"^REQUESTS_CA_BUNDLE .*{words}.*{path.name}"):
            ask("https://127.0.0.1:1", retry=RetryPolicy(60), REQUESTS_CA_BUNDLE=str(path))


def test_tls_asked_of_a_port_without_and_the_other_way_round(ask: Ask, server: RunningServer, tls: Listener) -> None:
    text = said(ask, f"https://127.0.0.1:{server.port}", retry=RetryPolicy(60))
    assert "it does not speak TLS on this port: is it http://?" in text
    said(ask, f"http://127.0.0.1:{tls.port}")
