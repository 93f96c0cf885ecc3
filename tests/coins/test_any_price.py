"""What is served and shown of a coin has the digits that numpy finds, at 0.0000000000042 as at 420,000,000."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.api.world import Client, World, to_ms
from tests.cli.conftest import Call
from tests.coins.conftest import SINCE
from tests.coins.markets import BITCOIN, COINS, Coin, Rescaled, Sessions
from volatility.frames import load_sessions

WINDOWS = (5, 7, 14, 30)
METRICS = ("volatility", "range")
STATISTICS = ("mean", "median", "p10", "p25", "p75", "p90")
PATHS = ("statistics", "sessions", "today", "cone", "odds", "straddle", "volatility", "seasonality")


def same(actual: Any, expected: Any, size: float = 0.0) -> None:
    """To twelve digits, but for the rounding of doubles of the prices' size."""
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-15 * size)


def params(coin: Coin, path: str) -> dict[str, str]:
    """What is asked of a coin: amounts in proportion to its price."""
    asked = {"symbol": coin.symbol}
    if path == "odds":
        asked |= {"volatility": f"{100 * 10.0**coin.power!r}", "range_pct": "2.5"}
    if path == "straddle":
        asked["premium"] = f"{60 * 10.0**coin.power!r}"
    return asked


@pytest.fixture
def answers(client: Client, coin: Coin) -> dict[str, Any]:
    return {path: client.get(f"/{path}", params=params(coin, path)).json() for path in PATHS}


@pytest.fixture
def sessions(markets: dict[str, Rescaled], coin: Coin) -> Sessions:
    return markets[coin.symbol].candles(to_ms(f"{SINCE}T08:00:00+00:00")).sessions()


def test_prices_vol_range_and_statistics_are_numpys(answers: dict[str, Any], sessions: Sessions) -> None:
    shown = answers["statistics"]["sessions"]
    assert len(shown) == 30
    closed = len(sessions.days) - 1
    for back, session in enumerate(shown, start=1):
        at = closed - back
        for name in ("open", "high", "low", "close"):
            assert session[name] == getattr(sessions, name)[at]
        for metric in METRICS:
            value = getattr(sessions, metric)[at]
            same(session[metric], value, sessions.high[at])
            same(session[f"{metric}_pct"], value / sessions.open[at] * 100, 100)
            for length in WINDOWS:
                found = session["statistics"][metric][str(length)]
                expected = sessions.window(metric, at + 1, length)
                same([found[name] for name in STATISTICS], [expected[name] for name in STATISTICS])
                expected = sessions.window_pct(metric, at + 1, length)
                same([found[f"{name}_pct"] for name in STATISTICS], [expected[name] for name in STATISTICS], 100)


def test_today_and_its_windows_are_numpys(answers: dict[str, Any], sessions: Sessions) -> None:
    today, closed = answers["today"], len(sessions.days) - 1
    assert today["price"] == sessions.close[-1]
    ticks = {metric: np.round(getattr(sessions, metric) / sessions.high.min(), 12) for metric in METRICS}
    for metric in METRICS:
        same(today[metric], getattr(sessions, metric)[-1], sessions.high[-1])
        for length in WINDOWS:
            found, expected = today["closed_statistics"][metric][str(length)], sessions.window(metric, closed, length)
            same([found[name] for name in STATISTICS], [expected[name] for name in STATISTICS])
            expected = sessions.window_pct(metric, closed, length)
            same([found[f"{name}_pct"] for name in STATISTICS], [expected[name] for name in STATISTICS], 100)
            rank = np.mean(ticks[metric][closed - length : closed] <= ticks[metric][-1])
            assert today["percentile_rank"][metric][str(length)] == rank


def test_history_by_columns_and_its_distribution_are_numpys(client: Client, coin: Coin, sessions: Sessions) -> None:
    closed = len(sessions.days) - 1
    for metric in METRICS:
        asked = {"symbol": coin.symbol, "metric": metric}
        columns = client.get("/history", params=asked).json()["columns"]
        for name in ("open", "high", "low", "close"):
            assert columns[name] == getattr(sessions, name)[:closed].tolist()
        percent = (getattr(sessions, metric) / sessions.open * 100)[:closed]
        same(columns[f"{metric}_pct"], percent, 100)
        newest = sessions.window_pct(metric, closed, 30)
        same([columns[f"{name}_pct"][-1] for name in STATISTICS], [newest[name] for name in STATISTICS], 100)
        found = client.get("/distribution", params=asked | {"lookback": "200"}).json()
        last = np.round(percent[-200:], 9)  # a move of few ticks may be just an edge
        counts, _ = np.histogram(last, [*found["edges"], np.inf])  # its last bin holds both ends, and none is infinite
        assert [*found["counts"], found["beyond"]] == counts.tolist()
        same(list(found["quantiles_pct"].values()), np.percentile(percent[-200:], [10, 25, 50, 75, 90]), 100)


def test_the_seasons_the_cone_and_the_estimators_are_numpys(answers: dict[str, Any], sessions: Sessions) -> None:
    closed = len(sessions.days) - 1
    for metric in METRICS:
        percent = (getattr(sessions, metric) / sessions.open * 100)[:closed]
        last = answers["cone"]["hours"][-1][f"{metric}_pct"]
        same(list(last.values()), np.percentile(percent, [10, 25, 50, 75, 90]), 100)
        monday = percent[(sessions.days[:closed] + 3) % 7 == 0]
        same(answers["seasonality"]["weekdays"][0][f"{metric}_pct"]["mean"], monday.mean(), 100)
    logs = np.log(sessions.high / sessions.low)[closed - 30 : closed]
    parkinson = 100 * math.sqrt(365 * np.mean(logs**2) / (4 * math.log(2)))
    same(answers["volatility"]["estimators"]["parkinson"]["windows"]["30"]["value"], parkinson)


def test_the_straddle_wins_where_the_move_exceeds_the_premium(answers: dict[str, Any], sessions: Sessions) -> None:
    """A coin of few ticks often moves by just the premium: that is no win, whatever the rounding of doubles."""
    straddle, closed = answers["straddle"], len(sessions.days) - 1
    premium = straddle["premium"] / sessions.open[-1] * 100
    profits = (sessions.volatility / sessions.open * 100 - premium)[:closed]
    (record,) = (record for record in straddle["records"] if record["lookback"] == 90)
    same(record["win_rate"], np.mean(profits[-90:] > 1e-9))
    same(record["mean_profit_pct"], profits[-90:].mean(), 100)
    same(record["mean_profit"], profits[-90:].mean() * sessions.open[-1] / 100, sessions.open[-1])
    same(record["worst_profit"], profits[-90:].min() * sessions.open[-1] / 100, sessions.open[-1])


def test_odds_of_more_than_the_range_so_far_leave_out_that_it_stays(client: Client, coin: Coin) -> None:
    today = client.get("/today", params={"symbol": coin.symbol}).json()
    asked = {"symbol": coin.symbol, "range": f"{today['range']!r}"}
    odds = client.get("/odds", params=asked).json()
    smallest = odds["distribution"]["range"]["quantiles"]["p5"]
    around = [f"{today['range'] * (1 + part)!r}" for part in (1e-7, -1e-7)]
    more, less = client.get("/odds", params=asked | {"range": around}).json()["odds"]["range"]
    assert odds["odds"]["range"][0]["probability"] == more["probability"] <= less["probability"] == 1
    assert odds["no_growth"] == pytest.approx(1 - more["probability"], abs=1e-12)
    assert smallest >= today["range"]
    if smallest == today["range"]:
        assert more["probability"] < 0.96


def test_the_frame_of_a_notebook_holds_numpys_numbers(
    world: World, coin: Coin, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.names.items():
        monkeypatch.setenv(name, value)
    frame = load_sessions(coin.symbol)
    closed = len(sessions.days) - 1
    assert len(frame) == closed
    same(frame["volatility"], sessions.volatility[:closed], sessions.high.max())
    medians = [np.median(sessions.range[end - 14 : end]) for end in range(14, closed + 1)]
    same(frame["range_median_14"][13:], medians)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "today"])
def test_csv_holds_what_json_does_without_exponents(client: Client, coin: Coin, path: str) -> None:
    asked = params(coin, path)
    text = client.get(f"/{path}", params=asked | {"format": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    held = {repr(number) for number in numbers(client.get(f"/{path}", params=asked).json())}
    for row in rows:
        assert row["symbol"] == coin.symbol
        for name, cell in row.items():
            if re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell, re.IGNORECASE):
                assert "e" not in cell, (name, cell)
                assert repr(float(cell)) in held or repr(int(float(cell))) in held, (name, cell)


def numbers(value: Any) -> Iterator[float]:
    """All numbers of a report, and those among its names: windows and horizons."""
    if isinstance(value, dict):
        yield from (int(name) for name in value if name.isdigit())
        yield from (number for part in value.values() for number in numbers(part))
    elif isinstance(value, list):
        yield from (number for part in value for number in numbers(part))
    elif isinstance(value, int | float):
        yield value


@pytest.mark.parametrize("path", PATHS)
def test_every_view_shows_what_the_api_answers(client: Client, call: Call, coin: Coin, path: str) -> None:
    asked = params(coin, path)
    options = [text for name, value in asked.items() for text in (f"--{name.replace('_', '-')}", value)]
    answer = client.get(f"/{path}", params=asked).json()
    shown = json.loads(call(path, *options, "--json").done().stdout)
    assert _still(shown) == _still(answer)
    if path != "today":
        rows = client.get(f"/{path}", params=asked | {"format": "csv"}).text.splitlines()
        assert len(call(path, *options, "--csv").done().stdout.splitlines()) == len(rows)
    table = call(path, *options).done().stdout
    assert coin.symbol in table
    assert not re.search(r"\de[-+]?\d", table)
    assert not re.search(r"(?<![\d.,])-?0\.0+(?![\d.])(?! ?%)", table.replace(" 0.00 ", " "))


def _still(answer: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on how long the question took."""
    return {name: value for name, value in answer.items() if name not in {"as_of", "elapsed_hours"}}


def test_a_table_of_a_cheap_coin_shows_four_digits_of_every_amount(call: Call, client: Client, coin: Coin) -> None:
    report = client.get("/statistics", params={"symbol": coin.symbol, "days": "3"}).json()
    table = call("statistics", "--symbol", coin.symbol, "--days", "3").done().stdout
    cells = [float(cell.replace(",", "")) for cell in re.findall(r"(?<=\s)[0-9,.]+(?=\s)", table)]
    newest = report["sessions"][0]
    names = ("mean", "median", "p10", "p90")  # the others give way where numbers are too wide for the terminal
    wanted = [newest["close"], *(newest["statistics"][metric]["30"][name] for metric in METRICS for name in names)]
    for value in wanted:
        assert min(abs(cell / value - 1) for cell in cells) < 5e-4, value


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coin", [coin for coin in COINS if coin.exact], ids=lambda coin: coin.symbol)
def test_prices_ten_times_as_high_give_amounts_ten_times_as_high_and_the_same_shares(
    client: Client, coin: Coin, path: str
) -> None:
    mine = client.get(f"/{path}", params=params(coin, path)).json()
    bitcoins = client.get(f"/{path}", params=params(BITCOIN, path)).json()
    compared = 0
    for at, one, other in pairs(mine, bitcoins):
        scale = 10.0**coin.power if is_amount(at, path) else 1.0
        assert one == pytest.approx(other * scale, rel=1e-9, abs=1e-11 * scale), at
        compared += 1
    assert compared > 30


def pairs(one: Any, other: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float, float]]:
    """The doubles of two reports of one form, by their place."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            # Minutes inside a given hour are drawn to the decimals of its own prices.
            if name not in {"symbol", "as_of", "path"}:
                yield from pairs(one[name], other[name], (*at, name))
    elif isinstance(one, list):
        assert len(one) == len(other)
        for place, part in enumerate(one):
            yield from pairs(part, other[place], (*at, str(place)))
    elif isinstance(one, float):
        yield at, one, other
    else:
        assert one == other, at


def is_amount(at: tuple[str, ...], path: str) -> bool:
    """Whether a number is in quote currency."""
    if any("pct" in name or name.startswith(("percentile", "win_rate")) for name in at):
        return False
    if path in {"volatility", "seasonality"}:
        return False
    shares = {"volume", "elapsed", "elapsed_hours", "probability", "nominal", "effective", "no_growth"}
    shares |= {"implied_volatility", "fair_volatility"}
    return not shares & set(at)
