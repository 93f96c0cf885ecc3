"""A real SOCKS server: it leads to the exchange, wants a login, refuses, or is down."""

from __future__ import annotations

from exchange_simulator import RunningServer
from tests.exchange.conftest import FAR, SECRET, Ask, said
from tests.support.canned import nobody_listens
from tests.support.network import SocksProxy, listening
from tests.support.simulated_exchange import NOW_MS


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
