"""The settings of the way to the exchange, and real proxies that they name, right and wrong."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from exchange_simulator import RunningServer
from tests.exchange.conftest import FAR, SECRET, Ask, said
from tests.support.canned import canned, nobody_listens
from tests.support.network import (
    Authority,
    HttpProxy,
    Listener,
    listening,
)
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import NetworkSettingError
from volatility.domain.retry import RetryPolicy
from volatility.exchange.network import Network, parse_proxy
from volatility.settings import Settings


def test_a_proxy_leads_to_the_exchange_with_and_without_tls(
    ask: Ask, server: RunningServer, tls: Listener, authority: Authority
) -> None:
    proxy = HttpProxy()
    with listening(proxy) as at:
        url = f"http://127.0.0.1:{at.port}"
        assert ask(f"{FAR}:{server.port}", HTTP_PROXY=url) == NOW_MS
        bundle = str(authority.bundle)
        assert ask(f"https://exchange.corp:{tls.port}", HTTPS_PROXY=url, REQUESTS_CA_BUNDLE=bundle) == NOW_MS
    assert [line.split()[0] for line in proxy.heard] == ["GET", "CONNECT"]


@pytest.mark.parametrize("login", [f"ivan:{SECRET}", "иван:Пароль", "a%40b:p%2F%23%5B%25"])
def test_a_proxy_is_given_the_login_that_it_wants_and_the_exchange_is_not(
    ask: Ask, tls: Listener, authority: Authority, login: str
) -> None:
    proxy = HttpProxy(unquote(login))
    with listening(proxy) as at:
        url = f"http://{login}@127.0.0.1:{at.port}"
        assert ask(f"https://127.0.0.1:{tls.port}", HTTPS_PROXY=url, SSL_CERT_FILE=str(authority.bundle)) == NOW_MS


def test_a_proxy_that_wants_a_login_is_named_and_not_asked_again(ask: Ask, server: RunningServer) -> None:
    patient = RetryPolicy(60)
    for url in (f"{FAR}:{server.port}", f"https://exchange.corp:{server.port}"):
        proxy = HttpProxy(f"ivan:{SECRET}")
        with listening(proxy) as at:
            place = f"127.0.0.1:{at.port}"
            name = "HTTPS_PROXY" if url.startswith("https") else "HTTP_PROXY"
            text = said(ask, url, retry=patient, **{name: f"http://{place}"})
            assert f"the proxy {place} of {name}: it wants a login (HTTP 407)" in text
            assert text.endswith(f"{name} names the proxy")
            text = said(ask, url, retry=patient, **{name: f"http://ivan:{SECRET}x@{place}"})
            assert "it refuses the login (HTTP 407)" in text
            assert len(proxy.heads) == 2


@pytest.mark.parametrize(
    ("refusal", "words"),
    [("403 Forbidden", "it refuses to lead there (HTTP 403)"), ("502 Bad", "it can't reach the exchange (HTTP 502)")],
)
def test_a_proxy_that_does_not_lead_there_is_the_party_that_is_named(ask: Ask, refusal: str, words: str) -> None:
    with listening(HttpProxy(refusal=refusal)) as at:
        assert words in said(ask, "https://exchange.corp", HTTPS_PROXY=f"http://127.0.0.1:{at.port}")


def test_a_proxy_that_is_down_or_unknown_or_none_is_the_party_that_is_named(ask: Ask) -> None:
    down = nobody_listens()
    assert f"the proxy {down[7:]} of ALL_PROXY: connection refused" in said(ask, FAR, ALL_PROXY=down)
    unknown = said(ask, FAR, HTTP_PROXY="http://proxy.invalid:3128")
    assert "the proxy proxy.invalid:3128 of HTTP_PROXY: its name can't be resolved" in unknown
    with canned(b"SSH-2.0-OpenSSH_9.2\r\n") as ssh:
        assert "does not speak HTTP" in said(ask, "https://exchange.corp", HTTPS_PROXY=ssh.url)


@pytest.mark.parametrize(
    "login",
    [f"ivan:ge[{SECRET}", f"ivan:ge/{SECRET}", f"ivan:ge {SECRET}", f"ivan:ge#{SECRET}", f"ivan:%zz{SECRET}",
     f"ivan:ge@{SECRET}", f"ivan:ge?{SECRET}", f"ivan:ge:{SECRET}", f"ivan:%ff{SECRET}", f"ivan:%0d%0a{SECRET}"],
)  # fmt: skip
def test_a_login_that_cannot_be_read_is_a_wrong_setting_that_is_named_and_not_shown(ask: Ask, login: str) -> None:
    with pytest.raises(NetworkSettingError) as caught:
        ask("https://exchange.corp", HTTPS_PROXY=f"http://{login}@127.0.0.1:3128")
    assert str(caught.value).startswith("HTTPS_PROXY ")
    assert SECRET not in str(caught.value)
    assert "ivan" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("value", "rule"),
    [("socks://127.0.0.1:1080", "socks5h://"), ("ftp://h:21", "socks5h://"), ("http://", "http://host:port"),
     ("http://h:99999", "http://host:port"), ("http://h:x", "http://host:port"), ("http://h/path", "http://host:port")],
)  # fmt: skip
def test_a_proxy_that_is_none_is_said_at_once_with_the_settings_name(ask: Ask, value: str, rule: str) -> None:
    began = time.monotonic()
    with pytest.raises(NetworkSettingError, match=f"^ALL_PROXY .*{rule}"):
        ask("https://exchange.corp", retry=RetryPolicy(60), ALL_PROXY=value)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "no_proxy", ["127.0.0.1", "127.0.0.0/8", "*", "example.org, 127.0.0.1", "127.0.0.1:{port}", "10.0.0.0/8 127.0.0.1"]
)
def test_what_no_proxy_names_is_asked_directly(ask: Ask, server: RunningServer, no_proxy: str) -> None:
    away = nobody_listens()
    assert ask(server.url, HTTP_PROXY=away, NO_PROXY=no_proxy.format(port=server.port)) == NOW_MS
    said(ask, server.url, HTTP_PROXY=away, NO_PROXY="127.0.0.1:1,example.org,7.0.0.1,.0.0.1x")


def test_a_domain_in_no_proxy_covers_its_hosts_and_not_others_that_end_alike() -> None:
    network = Network.of({"HTTPS_PROXY": "proxy:1", "NO_PROXY": ".binance.com,vision,[::1]:443"})
    asked = ("https://api.binance.com", "https://data.vision", "https://xbinance.com", "https://[::1]", "https://[::2]")
    assert [network.proxy_for(url) is None for url in asked] == [True, True, False, True, False]


def test_small_letters_come_first_also_where_they_are_empty() -> None:
    both = {"HTTPS_PROXY": "big:1", "https_proxy": "small:1", "ALL_PROXY": "all:1"}
    chosen = Network.of(both).proxy_for("https://h")
    assert (chosen and chosen.host) == "small"
    chosen = Network.of(both | {"https_proxy": ""}).proxy_for("https://h")
    assert (chosen and chosen.host) == "all"


def test_the_environment_goes_before_the_file_in_whichever_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("https_proxy=http://of-file:1\nALL_PROXY=http://all-of-file:1\n")
    monkeypatch.setenv("HTTPS_PROXY", "http://of-environment:1")
    network = Settings.load(file).network
    assert [str(network.proxy_for(f"{scheme}://h")) for scheme in ("https", "http")] == [
        "the proxy of-environment:1 of HTTPS_PROXY",
        "the proxy all-of-file:1 of ALL_PROXY",
    ]


def test_a_file_may_hold_a_proxys_url(tmp_path: Path) -> None:
    file = tmp_path / "proxy"
    file.write_text(f"http://ivan:{SECRET}@proxy.corp:3128\n")
    settings = Settings.of({"HTTPS_PROXY_FILE": str(file)})
    proxy = settings.network.proxy_for("https://h")
    assert proxy
    assert (proxy.user, proxy.password) == ("ivan", SECRET)
    assert SECRET not in repr(settings) + repr(proxy)
    file.write_text("")
    assert Settings.of({"HTTPS_PROXY_FILE": str(file)}).network.proxy_for("https://h") is None
    with pytest.raises(NetworkSettingError, match=r"^HTTPS_PROXY_FILE can't be read \(No such file"):
        Settings.of({"HTTPS_PROXY_FILE": str(tmp_path / "none")})


def test_a_proxy_without_a_scheme_speaks_http() -> None:
    assert parse_proxy("HTTP_PROXY", "proxy.corp:3128").url == "http://proxy.corp:3128"
    assert parse_proxy("HTTP_PROXY", "HTTPS://[::1]").url == "https://[::1]:443"
