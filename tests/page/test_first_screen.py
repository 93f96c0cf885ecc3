"""The first screen: its numbers are the API's, its words are the verdicts', and all of it is seen at once."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.page import rules
from tests.page.conftest import MakeService, MakeStage
from tests.page.stage import DESKTOP, PHONE, Service
from volatility.presentation.fields import Language
from volatility.presentation.words import WORDS
from volatility.presentation.words.message import placeholders, said

PREMIUM = 500
ALL = (
    "[...document.querySelectorAll(':is(header, .lead, .figures) data')]"
    ".map((d) => [d.dataset.field, d.getAttribute('value'), d.textContent])"
)
# The h1, both figures, both ranks, both intervals, the fair value and the badge.
FIRST = (
    "h1",
    "#moved [data-field='live.volatility']",
    "#moved [data-field='live.range']",
    "#lot [data-field$='elapsed.volatility']",
    "#lot [data-field$='elapsed.range']",
    "#likely [data-cell=volatility] .second",
    "#likely [data-cell=range] .second",
    "#likely [data-cell=range] .interval .end",
    "#worth [data-field$='value.fair']",
    "#badges .badge",
)


def answers(service: Service) -> dict[str, Any]:
    names = ("quality", "scorecard")
    asked = {name: service.get(name) for name in names}
    return asked | {"live": service.get(f"live?lookback=365&premium={PREMIUM}")}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_number_is_the_apis_and_is_written_by_the_rules(
    make_stage: MakeStage, service: Service, language: Language
) -> None:
    stage = make_stage()
    stage.open(f"?language={language}&premium={PREMIUM}")
    stage.shown()
    known = answers(service)
    shown, ranges = stage.page.evaluate(ALL), known["live"]["odds"]["distribution"]["range"]["quantiles"]
    assert {field for field, _, _ in shown} >= {
        "live.volatility", "live.range", "live.volatility_pct", "live.range_pct", "live.price", "live.open",
        "live.today.percentile_by_elapsed.volatility", "live.today.percentile_by_elapsed.range",
        "live.odds.distribution.volatility.quantiles.p25", "live.odds.distribution.range.quantiles.p90",
        "live.straddle.value.fair", "live.straddle.value.expected_profit", "live.straddle.value.probability",
        "live.straddle.premium", "live.candles", "quality.symbols.0.gap_hours",
    }  # fmt: skip
    for field, raw, text in shown:
        value = rules.at(known, field)
        if field in rules.TIMES:
            assert raw == value
        else:
            assert float(raw) == value, field
            alone = field.endswith("range.quantiles.p75") and ranges["p25"] <= known["live"]["range"]  # of two ends
            written = rules.dollars(value, language) if alone else rules.written(field, value, language)
            assert text == written, field


def test_the_coverage_is_of_the_80_percent_band_of_vol_at_the_hour_below_now(
    make_stage: MakeStage, service: Service
) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    field = stage.page.locator("#trust [data-field^=scorecard]").get_attribute("data-field")
    row = rules.at(answers(service), str(field).rpartition(".")[0])
    assert (row["metric"], row["nominal"], row["elapsed_hours"]) == ("volatility", 0.8, 12)  # 12 h 20 min have passed


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_first_screen_holds_the_answers(make_stage: MakeStage, size: tuple[int, int], language: Language) -> None:
    stage = make_stage(size=size)
    stage.open(f"?language={language}")
    stage.shown()
    bottom = stage.page.locator("nav").bounding_box()["y"] if size == PHONE else size[1]  # type: ignore[index]
    for selector in FIRST:
        box = stage.page.locator(selector).first.bounding_box()
        assert box, selector
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= size[0], selector
        assert box["y"] + box["height"] <= bottom, selector


# A little below and at each border: which of the five verdicts.
VERDICTS = (
    (0.0, 1), (0.0999, 1), (0.1, 2), (0.2999, 2), (0.3, 3), (0.5, 3), (0.7, 3), (0.7001, 4), (0.9, 4), (0.9001, 5),
    (1.0, 5),
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_verdict_changes_at_its_border(make_stage: MakeStage, language: Language) -> None:
    stage, fed = make_stage(), [0.0]
    stage.change("live", lambda live: live["today"]["percentile_by_elapsed"].update(volatility=fed[0], range=0.5))
    for share, verdict in VERDICTS:
        fed[0] = share
        stage.open(f"?language={language}")
        stage.shown()
        both, x = verdict == 3, rules.of100(share, language)
        word = WORDS[f"v{verdict}"].in_language(language)
        of_both = WORDS[f"v{verdict}.both"].in_language(language)
        values = {
            "t": "23:20",
            "x": x,
            "y": "50",
            "a": of_both if both else word,
            "b": WORDS["v3"].in_language(language),
        }
        assert stage.text("h1") == said(WORDS["h1.both" if both else "h1"].in_language(language), language, values)
        assert re.split(r"\s+", stage.text("#lot [data-cell=volatility] .second"))[0] == x
        assert stage.text("#lot [data-cell=volatility] .verdict") == word


def test_the_strips_zones_lie_between_the_borders_and_its_mark_at_the_rank(
    make_stage: MakeStage, service: Service
) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    cell = "#lot [data-cell=volatility] "
    zones = stage.page.evaluate(f"[...document.querySelectorAll('{cell}[data-zone]')].map((z) => z.dataset.zone)")
    assert zones == ["0-10", "10-30", "30-70", "70-90", "90-100"]
    strip = stage.page.locator(f"{cell}svg.strip").bounding_box()
    mark = stage.page.locator(f"{cell}[data-mark]").bounding_box()
    assert strip
    assert mark
    share = service.get("live?lookback=365")["today"]["percentile_by_elapsed"]["volatility"]
    assert mark["x"] + mark["width"] / 2 == pytest.approx(strip["x"] + share * strip["width"], abs=0.6)


def test_both_bars_lie_on_one_scale(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    live = service.get("live?lookback=365")
    widths, spans = [], []
    for metric in ("volatility", "range"):
        quantiles = live["odds"]["distribution"][metric]["quantiles"]
        box = stage.page.locator(f"#likely [data-cell={metric}] .s-f1").bounding_box()
        assert box
        widths.append(box["width"])
        spans.append(quantiles["p90"] - quantiles["p10"])
    assert widths[0] / widths[1] == pytest.approx(spans[0] / spans[1], rel=0.05)


# How many of a hundred endings leave Range as it is, how many ends of its bands that moves; what its forecast says then
# in the figures, at the bar, and how the title ends.
FLOORS: dict[Language, tuple[tuple[float, int, str, str, str], ...]] = {
    "en": (
        (0.05, 0, "$1,200–1,400", "1,100", "95 of 100 endings, in 50 of 100 to 4.20–4.40%"),
        (0.12, 1, "$1,200–1,400", "90% up to", "88 of 100 endings, in 50 of 100 to 4.20–4.40%"),
        (0.3, 2, "up to $1,400 in 75%", "90% up to", "70 of 100 endings, in 75 of 100 it ends at most at 4.40%"),
        (0.8, 3, "grows no more in 80%", "90% up to", "20 of 100 endings"),
    ),
    "ru": (
        (0.05, 0, "1 200–1 400 $", "1 100", "95 исходах из 100, в 50 из 100 — до 4,20–4,40 %"),
        (0.12, 1, "1 200–1 400 $", "90 % до", "88 исходах из 100, в 50 из 100 — до 4,20–4,40 %"),
        (0.3, 2, "до 1 400 $ в 75 %", "90 % до", "70 исходах из 100, в 75 из 100 закончит не выше 4,40 %"),
        (0.8, 3, "не вырастет в 80 %", "90 % до", "20 исходах из 100"),
    ),
}  # fmt: skip


TITLES: dict[Language, str] = {"en": "Range grows further in", "ru": "Range вырастет в"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_band_that_begins_at_todays_range_does_not_claim_less_than_it_holds(
    make_stage: MakeStage, language: Language
) -> None:
    stage, fed = make_stage(), [(0.0, 0)]

    def at_the_floor(live: dict[str, Any]) -> None:
        none, ends = fed[0]
        live |= {"range": 1000.0, "range_pct": 4.0}
        live["odds"]["no_growth"] = none
        known = live["odds"]["distribution"]["range"]
        for place, (name, amount) in enumerate({"p10": 1100, "p25": 1200, "p75": 1400, "p90": 1500}.items()):
            floor = place < ends
            known["quantiles"][name] = 1000.0 if floor else float(amount)
            known["quantiles_pct"][name] = 4.0 if floor else 3 + amount / 1000
        known["quantiles"]["p50"] = 1000.0 if ends == 3 else 1300.0

    stage.change("live", at_the_floor)
    for none, ends, half, low, title in FLOORS[language]:
        fed[0] = none, ends
        stage.open(f"?language={language}")
        stage.shown()
        stage.page.wait_for_selector("#cone-range h2 data")
        plain = [
            stage.text(place).replace("\N{NO-BREAK SPACE}", " ")
            for place in ("#likely [data-cell=range] .second", "#likely [data-cell=range] .end.low", "#cone-range h2")
        ]
        assert plain[:2] == [half, low], none
        assert plain[2] == f"{TITLES[language]} {title}", none


def test_strike_and_premium_lead_to_where_they_are_typed(make_stage: MakeStage) -> None:
    stage = make_stage()
    stage.open(f"?premium={PREMIUM}")
    stage.shown()
    for name, field in (("Strike", "straddle-strike"), ("Premium", "straddle-premium")):
        stage.page.locator("#worth").get_by_role("link", name=name).click()
        stage.until(f"document.activeElement.id === '{field}'")


def test_a_first_visit_begins_with_the_fair_value_as_premium(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    fair = service.get("live?lookback=365")["straddle"]["value"]["fair"]
    stage.page.wait_for_selector("#worth [data-field='live.straddle.premium']")
    shown = stage.page.locator("#worth [data-field='live.straddle.premium']").get_attribute("value")
    assert float(str(shown)) == round(fair / 10) * 10
    assert f"premium={shown}" in stage.page.url


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_moves_once_it_is_painted(make_stage: MakeStage, language: Language) -> None:
    for size in (DESKTOP, (1280, 800), (1024, 768), (768, 1024), PHONE, (320, 700)):
        stage = make_stage(size=size)
        stage.page.add_init_script(
            "window.shifts = []; new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map("
            "(e) => [e.value, e.sources.map((s) => s.node?.outerHTML ?? '')])))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        stage.open(f"?language={language}")
        stage.shown()
        stage.settle()
        stage.page.wait_for_timeout(300)
        assert stage.page.evaluate("window.shifts") == [], size


# Widths, zones, clocks


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440])
def test_nothing_has_to_be_scrolled_sideways(make_stage: MakeStage, width: int) -> None:
    def dear(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k.endswith("_pct") or "percentile" in k else dear(v) for k, v in value.items()}
        return value * 100 if isinstance(value, float) and value > 1 else value

    def fed(live: dict[str, Any]) -> None:
        for name in ("open", "high", "low", "close", "price", "volatility", "range"):
            live[name] *= 100  # prices of seven digits
        live["odds"]["distribution"] = dear(live["odds"]["distribution"])
        live["straddle"] = dear(live["straddle"])
        live["today"]["percentile_by_elapsed"] |= {"volatility": 0.05, "range": 0.95}  # the longest words

    stage = make_stage(size=(width, 900))
    stage.change("live", fed)
    stage.open("?language=ru")
    stage.shown()
    assert stage.page.evaluate("document.documentElement.scrollWidth") == width
    outside = stage.page.evaluate(
        "[...document.querySelectorAll('main *, header *')].filter((e) => e.getClientRects().length"
        f" && !e.closest('.unseen') && e.getBoundingClientRect().right > {width} + 0.5).map((e) => e.outerHTML)"
    )
    assert outside == []


@pytest.mark.parametrize(
    ("zone", "now", "close", "bounds"),
    [
        ("session", "23:20", "11:00", "30 Dec 11:00 – 31 Dec 11:00 MSK"),
        ("utc", "20:20", "08:00", "30 Dec 08:00 – 31 Dec 08:00 UTC"),
        ("local", "21:20", "09:00", "30 Dec 09:00 – 31 Dec 09:00 GMT+1"),  # the browser is in Berlin
    ],
)
def test_the_zone_moves_times_and_not_sessions(
    make_stage: MakeStage, zone: str, now: str, close: str, bounds: str
) -> None:
    stage = make_stage()
    stage.open()
    stage.shown()
    ticks = stage.page.locator("#ticks").get_attribute("aria-label")
    stage.page.locator(f"#settings input[value={zone}]").check(force=True)
    stage.until(f"document.querySelector('#session').innerText.includes('{bounds}')")
    assert stage.text("h1").startswith(f"For {now}, ")
    assert stage.text("#likely-title") == f"What is likely by {close}?"
    assert stage.page.locator("#ticks").get_attribute("aria-label") == ticks == "12 of 24 hours have passed"
    stage.page.reload()
    stage.shown()
    assert stage.text("h1").startswith(f"For {now}, ")


@pytest.mark.parametrize(
    ("now", "hours"), [("2023-03-25T20:20:00+00:00", 23), ("2023-10-28T20:20:00+00:00", 25)], ids=["23", "25"]
)
def test_a_session_has_as_many_ticks_as_hours(
    make_service: MakeService, make_stage: MakeStage, now: str, hours: int
) -> None:
    names = {"SESSION_TIMEZONE": "Europe/Berlin", "SESSION_START": "09:00", "HISTORY_START": "2023-02-01"}
    service = make_service(now=now, **names)
    service.world.run_jobs()
    stage = make_stage(service)
    stage.open()
    stage.page.wait_for_selector("#ticks svg")
    assert stage.page.locator("#ticks svg").count() == hours
    # Too little history for odds: it is said once, in their place.
    assert "No odds" in stage.text("#likely")


def test_the_language_is_the_documents_and_the_titles(make_stage: MakeStage, service: Service) -> None:
    stage = make_stage()
    stage.open("?language=ru")
    stage.shown()
    live = service.get("live?lookback=365")
    rank = rules.of100(live["today"]["percentile_by_elapsed"]["volatility"], "ru")
    pct = rules.percent(live["volatility_pct"], 2, "ru")
    assert stage.page.evaluate("document.documentElement.lang") == "ru"
    assert stage.page.title() == f"◆ {pct} · {rank} из 100 · BTC Volatility"
    known = r"BTC|Volatility|BTCUSDT|Vol|Range|UTC|API|Binance|EN|RU|p10|p90|CSV|v\d\S*"
    left = re.sub(rf"\b(?:{known})(?!\w)", "", stage.page.inner_text("body"))
    assert re.findall("[A-Za-z]{2,}", left) == []
    stage.page.locator("#settings input[value=en]").check(force=True)
    stage.until("document.documentElement.lang === 'en'")
    assert re.findall("[А-Яа-яё]+", stage.page.inner_text("body")) == []
    assert "of 100" in stage.page.title()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_forms_sentences_as_the_catalogue_does(make_stage: MakeStage, language: Language) -> None:
    """Two routes of one message format: the page's in JavaScript, the terminal's in Python."""
    stage = make_stage()
    stage.open()
    stage.shown()
    named = {key: sorted(placeholders(text.in_language(language))) for key, text in WORDS.items()}
    cases = [(key, dict.fromkeys(names, count)) for key, names in named.items() for count in (0, 1, 2, 5, 11, 21, 101)]
    formed = stage.page.evaluate(
        """async ([cases, language]) => {
          const main = document.querySelector("script[type=module]").src;
          const { loadWords } = await import(new URL("words.js", main));
          const words = await loadWords(language);
          return cases.map(([key, values]) => words.say(key, values));
        }""",
        [cases, language],
    )
    assert formed == [said(WORDS[key].in_language(language), language, values) for key, values in cases]
