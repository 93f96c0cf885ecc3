"""The way to the exchange: real proxies, a real SOCKS server and real certificates, right and wrong."""

from __future__ import annotations

import gzip
import itertools
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from exchange_simulator import RunningServer
from tests.support.canned import answer, canned, nobody_listens
from tests.support.network import (
    Authority,
    Handler,
    HttpProxy,
    Listener,
    SocksProxy,
    before,
    dripping,
    listening,
    new_authority,
)
from tests.support.simulated_exchange import NOW_MS
from volatility.domain.errors import ExchangeUnreachable, NetworkSettingError
from volatility.domain.hours import Span
from volatility.domain.retry import ONCE, RetryPolicy
from volatility.exchange.binance import BinanceClient
from volatility.exchange.network import Network, parse_proxy
from volatility.settings import Settings

Ask = Callable[..., int]
SECRET = "Geheim2024"
FAR = "http://exchange.corp"  # no such name: only a proxy leads there


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Asks a URL for the time, by settings of the network."""
    made: list[BinanceClient] = []

    def asking(url: str, retry: RetryPolicy = ONCE, **settings: str) -> int:
        made.append(BinanceClient([url], retry, network=Network.of(settings), timeouts=(2.0, 2.0, 4.0)))
        return made[-1].now_ms()

    yield asking
    for client in made:
        client.close()


def said(ask: Ask, url: str, **settings: Any) -> str:
    """What is said where nothing answers."""
    with pytest.raises(ExchangeUnreachable) as caught:
        ask(url, **settings)
    text = str(caught.value)
    assert "\n" not in text
    assert SECRET not in text
    assert "ivan" not in text
    return text


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def tls(authority: Authority, server: RunningServer) -> Iterator[Listener]:
    """The exchange behind TLS, by the company's CA."""
    with listening(before(server.port), authority.serving("right", "IP:127.0.0.1,DNS:exchange.corp")) as front:
        yield front


# Proxies


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


def test_a_socks_proxy_leads_to_the_exchange_and_resolves_its_name(ask: Ask, server: RunningServer) -> None:
    socks = SocksProxy(login=f"ivan:{SECRET}")
    with listening(socks) as at:
        url = f"socks5h://ivan:{SECRET}@127.0.0.1:{at.port}"
        assert ask(f"{FAR}:{server.port}", ALL_PROXY=url) == NOW_MS
        assert socks.asked == ["exchange.corp"]
        text = said(ask, FAR, ALL_PROXY=f"socks5h://127.0.0.1:{at.port}")
        assert "it wants a login, or refuses the one that it got" in text
    with listening(SocksProxy(refusal=4)) as at:
        text = said(ask, FAR, ALL_PROXY=f"socks5h://127.0.0.1:{at.port}")
        assert f"the proxy 127.0.0.1:{at.port} of ALL_PROXY: it can't reach the exchange" in text
    text = said(ask, FAR, ALL_PROXY=f"socks5h://{nobody_listens()[7:]}")
    assert "of ALL_PROXY: connection refused" in text


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


# Certificates


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


# Credentials


@pytest.mark.parametrize("entry", ["default", "machine 127.0.0.1"])
def test_nobodys_netrc_is_sent_to_the_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    (tmp_path / ".netrc").write_text(f"{entry} login corp.user password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    heads: list[bytes] = []
    body = b'{"serverTime": %d}' % NOW_MS

    def handle(connection: Any) -> None:
        while head := connection.recv(65536):
            heads.append(head)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    with listening(handle) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 2.0, 4.0))
        for _ in range(2):
            with pytest.raises(Exception, match="where a list"):
                client.first_candle_ms("BTCUSDT")
        client.close()
    assert len(heads) == 2
    assert at.accepted == 1
    for head in heads:
        assert b"authorization" not in head.lower()
        assert b"cookie" not in head.lower()


# An end to every answer


@pytest.mark.parametrize(
    "first",
    [
        (),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",),
    ],
    ids=["status line", "headers", "body", "chunks"],
)
def test_a_drip_ends_with_the_time_for_a_whole_answer_and_its_connection_too(first: tuple[bytes, ...]) -> None:
    with listening(dripping(*first)) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 5.0, 0.8))
        began = time.monotonic()
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        assert time.monotonic() - began < 20
        client.close()
        deadline = time.monotonic() + 3
        while at.open and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not at.open, "the connection of a question that nobody waits for stays open"


@pytest.mark.parametrize("through", ["https proxy's tunnel", "tls"])
def test_a_drip_of_a_proxy_or_within_tls_ends_too(authority: Authority, through: str) -> None:
    headers = dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: ")
    context = authority.serving("drip", "IP:127.0.0.1") if through == "tls" else None
    with listening(headers, context) as at:
        settings = {"REQUESTS_CA_BUNDLE": str(authority.bundle)}
        if through != "tls":
            settings["HTTPS_PROXY"] = f"http://127.0.0.1:{at.port}"
        url = f"https://127.0.0.1:{at.port if through == 'tls' else 9}"
        client = BinanceClient([url], ONCE, timeouts=(2.0, 5.0, 0.8), network=Network.of(settings))
        began = time.monotonic()
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        assert time.monotonic() - began < 20
        client.close()


def test_an_endless_row_of_interim_answers_ends_too() -> None:
    with listening(dripping(byte=b"HTTP/1.1 100 Continue\r\n\r\n" * 50, pause=0.01)) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(2.0, 5.0, 0.8))
        with pytest.raises(ExchangeUnreachable, match=r"no whole answer within 0\.8 s"):
            client.now_ms()
        client.close()


def endless(piece: bytes, pieces: int | None = None) -> Handler:
    """A body in chunks, sent as fast as it is taken, until nobody takes it any more."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%b\r\n" % (len(piece), piece)

    def handle(connection: Any) -> None:
        connection.recv(65536)
        connection.sendall(head)
        with suppress(OSError):
            for _ in itertools.count() if pieces is None else range(pieces):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")

    return handle


@pytest.mark.parametrize(
    "handler", [endless(b" " * 65536), endless(b"[1502942400000]," * 4096, 3200)], ids=["without end", "200 MB of JSON"]
)
def test_of_a_body_without_end_no_more_is_kept_than_the_largest_answer_has(handler: Handler) -> None:
    with listening(handler) as at:
        client = BinanceClient([f"http://127.0.0.1:{at.port}"], ONCE, timeouts=(5.0, 20.0, 60.0))
        tracemalloc.start()
        with pytest.raises(ExchangeUnreachable, match="an answer of more than 2 MiB"):
            client.candles("BTCUSDT", Span(NOW_MS - 3_600_000, NOW_MS))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        client.close()
    assert peak < 8 * 2**20


def test_an_answer_that_is_too_large_packed_or_not_is_not_taken(ask: Ask) -> None:
    bomb = gzip.compress(b"[" + b" " * 2**26)
    for body, headers in ((b" " * (2**21 + 1), ()), (bomb, ("Content-Encoding: gzip",))):
        with canned(answer(body, *headers)) as server:
            assert "an answer of more than 2 MiB" in said(ask, server.url, retry=RetryPolicy(60))
            assert len(server.heard) == 1
    with canned(answer(b"x", "Content-Encoding: br")) as server:
        assert "packed in a way nobody asked for" in said(ask, server.url)
    with canned(answer(gzip.compress(b"{}")[:-9], "Content-Encoding: gzip")) as server:
        assert "answer cut off" in said(ask, server.url)
