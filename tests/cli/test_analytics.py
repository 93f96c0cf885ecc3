"""Cone, odds, straddle, volatility and seasonality: JSON and CSV as the API answers, tables with the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from exchange_simulator import Clock, GeneratedMarket, SimulatedExchange
from exchange_simulator.presets import unavailable
from tests.cli.conftest import Call
from tests.cli.support import COMMAND, KLINES, get, serving
from tests.cli.test_views import in_a_terminal
from tests.support.canned import nobody_listens

NOW = "2018-08-20T13:37:41Z"  # 367 sessions are closed
VIEWS = {
    "cone": ("--lookback", "200"),
    "odds": ("--volatility", "150", "--volatility", "300", "--range-pct", "5", "--price", "6600"),
    "straddle": ("--premium", "120", "--strike", "4000", "--lookback", "60"),
    "volatility": (),
    "seasonality": ("--lookback", "300"),
}


@pytest.fixture
def exchange(markets: list[GeneratedMarket]) -> SimulatedExchange:
    """Its clock stands still at NOW."""
    return SimulatedExchange(markets, clock=Clock(NOW, frozen=True))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the filled database is kept for the tests after the first."""
    return tmp_path_factory.mktemp("kept") / "btc_volatility.sqlite3"


@pytest.fixture
def filled(call: Call, exchange: SimulatedExchange, kept: Path, tmp_path: Path) -> Call:
    """Commands over a database with all closed candles; the exchange says only what time it is.

    So every answer ends with the last stored candle, however long the test takes.
    """
    file = tmp_path / "data" / kept.name
    if not kept.exists():
        call("backfill").done()
        call("aggregate").done()
        shutil.copy(file, kept)
    file.parent.mkdir(exist_ok=True)
    shutil.copy(kept, file)
    exchange.order(unavailable(path=KLINES))
    return call


def params(flags: tuple[str, ...]) -> dict[str, list[str]]:
    """A call's flags as the API takes them."""
    found: dict[str, list[str]] = {}
    for name, value in zip(flags[::2], flags[1::2], strict=True):
        found.setdefault(name.removeprefix("--").replace("-", "_"), []).append(value)
    return found


def test_every_view_as_json_and_csv_is_what_the_api_answers(
    filled: Call, settings: dict[str, str], tmp_path: Path
) -> None:
    patient = settings | {"TODAY_CACHE_SECONDS": "60"}  # one look at the exchange for all answers
    with serving([*COMMAND, "serve", "--port", "0"], patient, tmp_path) as (_, url):
        for view, flags in VIEWS.items():
            answer = get(f"{url}/{view}", **params(flags))
            assert answer.status_code == 200
            assert json.loads(filled(view, "--json", *flags).stdout) == answer.json(), view
            flat = get(f"{url}/{view}", format="csv", **params(flags)).text.replace("\r", "")
            assert filled(view, "--csv", *flags).stdout == flat, view
            assert len(flat.splitlines()) > 10


def test_the_cones_table_holds_every_hour_and_today(filled: Call) -> None:
    report = json.loads(filled("cone", "--json").stdout)
    text = filled("cone").stdout
    assert text.startswith("SIMULATED BTCUSDT session of 2018-08-20, 5.0 of 24 h, price ")
    rank = report["percentile_by_elapsed"]
    assert f"Vol {rank['volatility']:.0%}, Range {rank['range']:.0%} of {rank['n']} past sessions" in text
    for hour in report["hours"]:
        for measure in ("volatility_pct", "range_pct"):
            cells = [f"{value:.2f}" for value in hour[measure].values()]
            today = [f"{hour['today'][measure]:.2f}"] if hour["today"] else []
            assert re.search(
                rf"^ *{hour['elapsed']} +{' +'.join([str(hour['n']), *cells, *today])} *$", text, re.MULTILINE
            )


def test_the_odds_table_holds_odds_quantiles_and_intervals(filled: Call) -> None:
    report = json.loads(filled("odds", "--json", *VIEWS["odds"]).stdout)
    text = filled("odds", *VIEWS["odds"]).stdout
    first, second = report["odds"]["volatility"]
    assert f"Vol above 150.00 ({first['threshold_pct']:.2f} %): {first['probability']:.1%}" in text
    assert f"Vol above 300.00 ({second['threshold_pct']:.2f} %): {second['probability']:.1%}" in text
    (ranged,) = report["odds"]["range"]
    assert f"Range above {ranged['threshold']:,.2f} (5.00 %): {ranged['probability']:.1%}" in text
    (price,) = report["final_price"]["odds"]
    assert f"ends above 6,600.00: {price['above']:.1%}; touched until then: {price['touch']:.1%}" in text
    assert f"Range grows no more: {report['no_growth']:.1%}" in text
    vol, range_ = report["distribution"]["volatility"], report["distribution"]["range"]
    for name, value in vol["quantiles"].items():
        numbers = (value, vol["quantiles_pct"][name], range_["quantiles"][name], range_["quantiles_pct"][name])
        assert re.search(rf"^ *{name} +{' +'.join(f'{number:,.2f}' for number in numbers)} *$", text, re.MULTILINE)
    for title, known in (("Vol", vol), ("Range", range_)):
        for found in known["intervals"]:
            assert re.search(
                rf"{title} {found['nominal']:.0%} .* {found['high']:,.2f} .* {found['probability']:.1%}", text
            )


def test_the_straddles_tables_hold_its_record_and_every_definition(filled: Call) -> None:
    report = json.loads(filled("straddle", "--json", *VIEWS["straddle"]).stdout)
    text = filled("straddle", *VIEWS["straddle"]).stdout
    records = [*report["records"], *report["by_weekday"]["weekdays"]]
    for record in records:
        name = record.get("weekday") or ("all" if record["lookback"] is None else f"last {record['lookback']}")
        (line,) = re.findall(rf"^ *{name} +{record['n']} .*$", text, re.MULTILINE)
        assert f" {record['win_rate']:.0%} " in line
        assert f"{record['mean_profit']:,.2f}" in line
        assert f"{record['worst_profit']:,.2f}" in line
    value = report["value"]

    def between(name: str) -> str:
        return f"(95 %: {value[name]['low']:,.2f} to {value[name]['high']:,.2f})"

    beside = f"fair value now {value['fair']:,.2f} {between('fair_interval')}; {value['past_n']} past sessions paid "
    beside += f"{value['past_payoff']:,.2f} {between('past_payoff_interval')}"
    assert beside in text.splitlines()[3].strip()  # on one line
    assert f"chance of one {value['probability']:.1%}" in text
    one_line = " ".join(text.split())
    yearly = f"volatility {value['fair_volatility']:.2f} % a year" if value["fair_volatility"] else "; call"
    assert f"{value['fair_pct']:.2f} % of the open" in one_line
    assert yearly in one_line
    assert f"call {value['call']:,.2f} and put {value['put']:.3g}" in one_line  # far below the strike
    assert f"({report['premium_pct']:.2f} %" in one_line
    for name, meaning in report["definitions"].items():
        assert f"{name}: {meaning}" in one_line


def test_without_a_premium_the_straddle_has_a_value_and_no_record(filled: Call) -> None:
    report = json.loads(filled("straddle", "--json").stdout)
    text = filled("straddle").stdout
    assert (report["premium"], report["records"]) == (None, [])
    assert f"struck at {report['strike']:,.2f}" in text
    assert f"fair value now {report['value']['fair']:,.2f}" in text
    assert "premium " not in text.split("reference:")[0]
    assert "expected profit" not in text.split("reference:")[0]
    assert "bought at the open" not in text
    assert len(filled("straddle", "--csv").stdout.splitlines()) == 1


def test_estimators_and_their_cones_are_tables(filled: Call) -> None:
    report = json.loads(filled("volatility", "--json").stdout)
    text = filled("volatility").stdout
    for name, known in report["estimators"].items():
        values = [f"{window['value']:.2f}" for window in known["windows"].values()]
        assert re.search(rf"^ *{name} +{' +'.join(values)} *$", text, re.MULTILINE)
        point = known["cone"]["30"]
        cells = [f"{point[key]:.2f}" for key in ("current", "min", "p25", "median", "p75", "max")]
        assert re.search(rf"^ *30 +{' +'.join(cells)} +{point['percentile']:.0%} +{point['n']} *$", text, re.MULTILINE)


def test_the_week_is_two_tables(filled: Call) -> None:
    report = json.loads(filled("seasonality", "--json").stdout)
    text = filled("seasonality").stdout
    for day in report["weekdays"]:
        (line,) = re.findall(rf"^ *{day['weekday']} +{day['n']} .*$", text, re.MULTILINE)
        for measure in ("volatility_pct", "range_pct"):
            assert f" {day[measure]['mean']:.2f} " in line
            ends = day[measure]["mean_interval"]
            assert f"{ends['low']:.2f} to {ends['high']:.2f}" in line
    for hour in (0, 23):
        cells = [f"{day['hours'][hour]['median_range_pct']:.2f}" for day in report["weekdays"]]
        assert re.search(rf"^ *{hour} +{' +'.join(cells)} *$", text, re.MULTILINE)


def test_stored_candles_are_called_stale(filled: Call) -> None:
    for view in ("cone", "odds", "straddle"):
        outcome = filled(view, *VIEWS[view])
        assert outcome.code == 0
        assert "  as of 2018-08-20T16:00:00+03:00, from the database (STALE: the exchange can't" in outcome.stdout
        row = next(csv.DictReader(io.StringIO(filled(view, "--csv", *VIEWS[view]).stdout)))
        assert (row["stale"], row["simulated"]) == ("true", "true")


def test_what_is_missing_is_said_in_words(filled: Call) -> None:
    """By the machine's clock today's session has no candle yet."""
    away = {"BINANCE_URLS": nobody_listens()}
    assert "no distribution: the running session has no candle yet" in filled("odds", **away).stdout
    assert "no fair value: the running session has no candle yet" in filled("straddle", "--premium", "9", **away).stdout
    assert filled("cone", **away).code == 0


@pytest.mark.parametrize("view", VIEWS)
def test_a_terminal_shows_every_cell_whole(
    filled: Call,  # noqa: ARG001 - for the database
    settings: dict[str, str],
    tmp_path: Path,
    view: str,
) -> None:
    text = in_a_terminal([view, *VIEWS[view]], settings | {"LOG_LEVEL": "ERROR"}, tmp_path, 80)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert "SIMULATED" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("odds", "--volatility", "x"), "--volatility: must be a number from 0 to 1e+12, got 'x'"),
        (("odds", "--range", "nan"), "--range: must be a number from 0 to 1e+12, got 'nan'"),
        (("odds", "--range-pct", "-1"), "--range-pct: must be a number from 0 to 1e+06, got '-1'"),
        (("odds", "--price", "0"), "--price: must be a number from 0 (not 0 itself) to 1e+12, got '0'"),
        (("straddle", "--premium", "0"), "--premium: must be a number from 0 (not 0 itself) to 1e+12, got '0'"),
        (("cone", "--lookback", "3651"), "--lookback: must be a whole number from 1 to 3650, got '3651'"),
        (("seasonality", "--lookback", "0"), "--lookback: must be a whole number from 1 to 3650, got '0'"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(call: Call, arguments: tuple[str, ...], words: str) -> None:
    assert words in call(*arguments).failed(2)


@pytest.mark.parametrize("view", VIEWS)
def test_without_a_database_it_fails_in_one_line(call: Call, view: str) -> None:
    assert call(view, *VIEWS[view]).failed(1)
