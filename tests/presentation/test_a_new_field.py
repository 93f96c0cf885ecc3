"""A field is added by one entry of the catalogue and the line that computes it: in a copy of the program, here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ENTRY = """\
        Field(
            "lose_rate",
            Kind.NUMBER,
            "share of the sessions that lost",
            "доля проигравших сессий",
            SHARE,
            NOTHING,
            title="losses",
            example=0.75,
        ),
"""
LINE = """\
        "lose_rate": shown(None if record.win_rate is None else 1 - record.win_rate),
"""
# Asks the copy for an answer about ten days without trades, and for all that derives from the catalogue.
ASK = """
import io, json
from datetime import date, timedelta, time
from zoneinfo import ZoneInfo
import numpy as np
from rich.console import Console
import volatility
from api.models import MODELS
from tests.fields import page_part
from volatility.analytics.panel import build_panel
from volatility.cli import views_analytics
from volatility.analytics.recalibration import Recalibration
from volatility.domain.calendar import SessionCalendar
from volatility.domain.hours import HOUR_MS, Span
from volatility.domain.series import Series
from volatility.presentation.tables import TABLES
from volatility.queries.history import History
from volatility.queries.running_session import RunningSession
from volatility.queries.session_model import Basis, SessionModel
from volatility.queries.straddle import Terms, straddle_report

calendar = SessionCalendar(time(11), ZoneInfo("Europe/Moscow"))
series = Series("BTCUSDT", calendar, (5,), 0)
bounds = calendar.between(date(2024, 1, 1), date(2024, 1, 11))
hours = np.arange(bounds[0].open_ms, bounds[-1].open_ms, HOUR_MS)
panel = build_panel(hours, np.full((4, len(hours)), 100.0), [b.open_ms for b in bounds], [b.close_ms for b in bounds])
today = bounds[-1]
running = RunningSession(series, today, None, [], 0, Span(today.open_ms, today.close_ms), [], today.open_ms,
                         "exchange", False, 1, Recalibration())
history = History(series, bounds[0].date, bounds[-2].date, 1, False, panel[:-1])
model = SessionModel(Basis(history, today.date, ()), panel)
report = straddle_report(model, running, Terms(1.0))
table = TABLES["straddle"]
screen = io.StringIO()
views_analytics._show_straddle(Console(file=screen, width=200), report)
print(json.dumps({
    "from": volatility.__file__,
    "answer": report["records"][0],
    "schema": MODELS["/straddle"].model_json_schema()["$defs"]["LookbackRecord"],
    "csv": [dict(zip(table.columns, row)) for row in table.rows(report)][0],
    "screen": screen.getvalue(),
    "pages": [page_part("en"), page_part("ru")],
}))
"""


def insert(file: Path, before: str, text: str) -> None:
    """Put lines before the only one that begins with something."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [place for place, line in enumerate(lines) if line.startswith(before)]
    file.write_text("".join([*lines[:place], text, *lines[place:]]), encoding="utf-8")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the copy shows after its catalogue got an entry and its query a line."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("volatility", "api"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    (copy / "tests").mkdir()
    for name in ("__init__.py", "fields.py"):
        shutil.copy(ROOT / "tests" / name, copy / "tests")
    insert(copy / "volatility/presentation/catalogue/straddle.py", '        Field("best_profit", Kind', ENTRY)
    insert(copy / "volatility/queries/straddle.py", '        "win_rate": ', LINE)
    done = subprocess.run([sys.executable, "-c", ASK], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert Path(found["from"]).is_relative_to(copy)
    return found


def test_it_is_in_the_answer_at_the_place_of_its_entry(shown: dict[str, Any]) -> None:
    names = list(shown["answer"])
    assert shown["answer"]["lose_rate"] == 1.0  # a price that stands still pays nothing
    assert names[names.index("lose_rate") + 1] == "best_profit"


def test_it_is_in_the_schema_with_its_description_unit_and_example(shown: dict[str, Any]) -> None:
    described = shown["schema"]["properties"]["lose_rate"]
    assert described["anyOf"] == [{"type": "number"}, {"type": "null"}]
    assert described["description"] == "share of the sessions that lost, 0 to 1; null where no session went in"
    assert (described["x-unit"], described["examples"]) == ("share", [0.75])
    assert "lose_rate" in shown["schema"]["required"]


def test_it_is_a_column_of_csv(shown: dict[str, Any]) -> None:
    assert shown["csv"]["lose_rate"] == 1.0


def test_it_is_a_column_in_a_terminal(shown: dict[str, Any]) -> None:
    assert "losses" in shown["screen"]
    assert "100%" in shown["screen"]


def test_it_is_in_both_pages_of_the_documentation(shown: dict[str, Any]) -> None:
    english, russian = shown["pages"]
    assert "| `lose_rate` | number or null | share | share of the sessions that lost;" in english
    assert "| `lose_rate` | число или null | доля | доля проигравших сессий;" in russian
    assert "`lose_rate`, `best_profit`" in english
