"""The results as one Markdown table, in English and in Russian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from benchmarks.results import Cost, Endpoint, Job, Result, Spread

Language = Literal["en", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru")


class Text(NamedTuple):
    """The same in both languages."""

    en: str
    ru: str

    def of(self, language: Language) -> str:
        """In one of them."""
        return self.en if language == "en" else self.ru


JOBS: Final[Mapping[str, Text]] = {
    "backfill": Text("Full backfill, {count} candles", "Полная загрузка, {count} свечей"),
    "aggregation": Text("Aggregation from scratch, {count} sessions", "Агрегация с нуля, {count} сессий"),
    "one_session": Text("Aggregation, one new session", "Агрегация, одна новая сессия"),
    "rebuild": Text("`--rebuild` that changes nothing", "`--rebuild`, который ничего не меняет"),
    "forecasts": Text(
        "Forecasts and scores of all history, {count} forecasts", "Прогнозы и оценки за всю историю: {count}"
    ),
    "one_forecast": Text("Forecast and scores of one new session", "Прогноз и оценки одной новой сессии"),
    "nothing_new": Text("Hourly run, nothing to do", "Ежечасный запуск, нет новых данных"),
    "one_candle": Text("Hourly run, one new candle", "Ежечасный запуск, одна новая свеча"),
}
_HEADER: Final = (
    Text("Measured", "Что измерено"),
    Text("Database", "База данных"),
    Text("Median (lowest–highest)", "Медиана (мин.–макс.)"),
    Text("Processor", "Процессор"),
    Text("Peak memory", "Пик памяти"),
    Text("Beside the bare one", "Рядом с голым вариантом"),
)
_ENDPOINT: Final = Text("`{path}`, clients: {clients}", "`{path}`, клиентов: {clients}")
_DURATION: Final = Text("{median} s ({lowest}–{highest})", "{median} с ({lowest}–{highest})")
_SECONDS: Final = Text("{} s", "{} с")
_MEMORY: Final = Text("{} MB", "{} МБ")
_RATE: Final = Text("{median}/s ({lowest}–{highest}), p99 {p99} ms", "{median}/с ({lowest}–{highest}), p99 {p99} мс")
_BARE_JOB: Final = Text(
    "processor {processor} ×, memory {memory} × of {seconds} s, {mb} MB",
    "процессор {processor} ×, память {memory} × от {seconds} с, {mb} МБ",
)
_BARE_ENDPOINT: Final = Text("{share} of {rate}/s, p99 {p99} ms", "{share} от {rate}/с, p99 {p99} мс")
_MACHINE: Final = Text(
    "{date}; {processor}, {cores} cores, {memory_gb} GB; {system}, Python {python}, {databases}. "
    "{candles} from the simulated exchange with {latency} ms latency on the same machine.",
    "{date}; {processor}, ядер: {cores}, {memory_gb} ГБ; {system}, Python {python}, {databases}. "
    "{candles} с имитации биржи с задержкой {latency} мс на той же машине.",
)
_REAL: Final = Text("Real candles", "Настоящие свечи")
_GENERATED: Final = Text("Generated candles (no real ones were at hand)", "Сгенерированные свечи (настоящих не было)")
_NOTES: Final = Text(
    "Each job is a fresh process (runs: {repeat}); processor and memory are medians. The bare process imports "
    "SQLAlchemy, PyMySQL and requests, connects and makes one request. API: one uvicorn worker, {seconds} s of load "
    "from one process on the same machine; the bare endpoint is FastAPI that returns the same bytes. `make bench` "
    "measures all of it again.",
    "Каждое задание — новый процесс (запусков: {repeat}); процессор и память — медианы. Голый процесс импортирует "
    "SQLAlchemy, PyMySQL и requests, подключается и делает один запрос. API: один процесс uvicorn, {seconds} с "
    "нагрузки из одного процесса на той же машине; голая точка — FastAPI, отдающий те же байты. "
    "`make bench` измеряет всё заново.",
)


def markdown(run: Mapping[str, Any], results: Sequence[Result], language: Language) -> str:
    """Where and when, the table, and what its words mean.

    Args:
        run: date, machine, candles, latency_ms, repeat and seconds of the run.
        results: the rows.
        language: of headings, words and numbers.
    """
    machine = run["machine"]
    where = _MACHINE.of(language).format(
        **(machine | {"databases": ", ".join(machine["databases"])}),
        date=run["date"][:10],
        candles=(_GENERATED if run["candles"] == "generated" else _REAL).of(language),
        latency=run["latency_ms"],
    )
    header = [heading.of(language) for heading in _HEADER]
    rows = [header, ["---", "---", *["---:"] * 3, "---"], *(_row(result, language) for result in results)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    notes = _NOTES.of(language).format(repeat=run["repeat"], seconds=run["seconds"])
    return f"{where}\n\n{table}\n\n{notes}"


def _row(result: Result, language: Language) -> list[str]:
    return _job_row(result, language) if isinstance(result, Job) else _endpoint_row(result, language)


def _job_row(job: Job, language: Language) -> list[str]:
    processor, peak = job.spread(_processor).median, job.spread(_peak).median
    return [
        JOBS[job.name].of(language).format(count=_number(job.count, 0, language)),
        job.database,
        _DURATION.of(language).format(**_numbers(job.spread(_seconds), 2, language)),
        _SECONDS.of(language).format(_number(processor, 2, language)),
        _MEMORY.of(language).format(_number(peak, 0, language)),
        _beside(job, processor, peak, language) if job.bare else "",
    ]


def _beside(job: Job, processor: float, peak: float, language: Language) -> str:
    bare_processor, bare_peak = job.bare_spread(_processor).median, job.bare_spread(_peak).median
    return _BARE_JOB.of(language).format(
        processor=_number(processor / bare_processor, 2, language),
        memory=_number(peak / bare_peak, 2, language),
        seconds=_number(bare_processor, 2, language),
        mb=_number(bare_peak, 0, language),
    )


def _endpoint_row(endpoint: Endpoint, language: Language) -> list[str]:
    rate = Spread.of(endpoint.load.requests_per_second)
    bare = Spread.of(endpoint.bare.requests_per_second)
    return [
        _ENDPOINT.of(language).format(path=endpoint.path, clients=endpoint.clients),
        endpoint.database,
        _RATE.of(language).format(**_numbers(rate, 0, language), p99=_number(endpoint.load.p99_ms, 1, language)),
        "",
        "",
        _BARE_ENDPOINT.of(language).format(
            share=_number(endpoint.share, 2, language),
            rate=_number(bare.median, 0, language),
            p99=_number(endpoint.bare.p99_ms, 1, language),
        ),
    ]


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _processor(cost: Cost) -> float:
    return cost.processor_seconds


def _peak(cost: Cost) -> float:
    return cost.peak_mb


def _numbers(spread: Spread, digits: int, language: Language) -> dict[str, str]:
    return {name: _number(value, digits, language) for name, value in spread._asdict().items()}


def _number(value: float, digits: int, language: Language) -> str:
    """1,234.5 in English, 1 234,5 (with a space that does not break) in Russian."""
    text = f"{value:,.{digits}f}"
    return text if language == "en" else text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})
