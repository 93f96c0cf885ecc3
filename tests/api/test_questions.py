"""A question is the key of its answer: whatever may be asked changes it, and no answer stands for another's."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from api import questions
from api.app import create_app
from api.bodies import Body
from api.questions import Question, TableQuestion
from api.running import RunningAnswers
from api.stored import StoredAnswers
from tests.api.conftest import NOW, MakeWorld
from tests.api.world import World
from volatility.settings import Settings

# Of each parameter two values that differ; the first of None is left out.
VALUES: Final[Mapping[str, tuple[str | None, str]]] = {
    "symbol": (None, "ETHUSDT"),
    "format": ("json", "csv"),
    "days": ("3", "4"),
    "from": (None, "2019-01-05"),
    "to": (None, "2019-02-05"),
    "since": (None, "2019-01-05"),
    "table": ("odds", "bands"),
    "lookback": ("40", "50"),
    "volatility": (None, "10"),
    "volatility_pct": (None, "0.5"),
    "range": (None, "20"),
    "range_pct": (None, "0.7"),
    "price": (None, "3900"),
    "premium": ("10", "11"),
    "strike": (None, "3700"),
    "metric": ("volatility", "range"),
    "window": ("30", "7"),
    "column": (None, "date"),
}
# Other questions with the same answer: as JSON all tables come, and nothing was forecast in the world that is asked.
ALIKE: Final = {("/scorecard", "table"), ("/forecast", "days")}


def parameters() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The paths of the API that take parameters, and their names."""
    app = create_app(Settings.of({"DATABASE_URL": "sqlite:///none.sqlite3"}))
    for path, operations in app.openapi()["paths"].items():
        names = tuple(one["name"] for one in operations["get"].get("parameters", ()))
        if names:
            yield path, names


ROUTES: Final = dict(parameters())
CASES: Final = [(path, name) for path, names in ROUTES.items() for name in names]
KINDS: Final = [
    kind
    for _, kind in inspect.getmembers(questions, inspect.isclass)
    if issubclass(kind, Question) and not inspect.isabstract(kind)
]


def query(path: str, **changed: str | None) -> str:
    """A path with the first value of each of its parameters but those that are changed."""
    given = {name: VALUES[name][0] for name in ROUTES[path]} | changed
    return f"{path}?" + "&".join(f"{name}={value}" for name, value in given.items() if value is not None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question[Any]]:
    """The questions that the routes ask, which get an empty answer."""
    heard: list[Question[Any]] = []

    async def answer(_: object, question: Question[Any]) -> Body:
        heard.append(question)
        return Body.of(b"{}", "application/json")

    for kind in (StoredAnswers, RunningAnswers):
        monkeypatch.setattr(kind, "answer", answer)
    return heard


@pytest.fixture
def two_symbols(make_world: MakeWorld) -> World:
    """Settings of two symbols; nobody reads what is stored."""
    return make_world(now=NOW, SYMBOLS="BTCUSDT,ETHUSDT")


def test_every_parameter_of_every_endpoint_changes_the_question(two_symbols: World, asked: list[Question[Any]]) -> None:
    with two_symbols.client() as client:
        for path, name in CASES:
            for value in VALUES[name]:
                assert client.get(query(path, **{name: value})).status_code == 200, (path, name, value)
            one, other = asked[-2:]
            assert type(one) is type(other)
            assert one != other, f"{path}: {name} makes no other question"


def test_the_same_parameters_are_the_same_question(two_symbols: World, asked: list[Question[Any]]) -> None:
    with two_symbols.client() as client:
        for path in ROUTES:
            for _ in range(2):
                assert client.get(query(path)).status_code == 200
            one, other = asked[-2:]
            assert (one, hash(one)) == (other, hash(other))
    assert {type(question) for question in asked} == set(KINDS), "a question that no endpoint asks"


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_a_question_holds_is_compared_and_can_not_be_changed(kind: Any) -> None:
    fields = dataclasses.fields(kind)
    assert all(field.compare and field.hash is not False for field in fields)
    assert set(inspect.signature(kind).parameters) == {field.name for field in fields}
    for method in ("__eq__", "__hash__"):
        assert method in vars(kind), f"its own fields count for {method}"
    question = kind(*(None for _ in fields))
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.series = None


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_made_of_the_data_and_the_question_alone(kind: type[Question[Any]]) -> None:
    for method in (kind.report, kind.answer):
        assert list(inspect.signature(method).parameters) == ["self", "data"]
        assert method.__closure__ is None
    if issubclass(kind, TableQuestion):
        assert {"series", "as_format"} <= {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize("path", ROUTES)
def test_no_answer_stands_for_that_to_another_question(long_world: World, path: str) -> None:
    """One process is asked everything, in turns and twice; another is asked each question anew."""
    names = [name for name in ROUTES[path] if name != "symbol"]
    paths = [query(path), *(query(path, **{name: VALUES[name][1]}) for name in names)]
    with long_world.client() as kept:
        first = [kept.get(one).content for one in paths]
        again = [kept.get(one).content for one in reversed(paths)][::-1]
    assert first == again
    for one, content in zip(paths, first, strict=True):
        assert anew(long_world, one) == content, one
    seen = [first[0], *(content for name, content in zip(names, first[1:], strict=True) if (path, name) not in ALIKE)]
    assert len(set(seen)) == len(seen)


def anew(world: World, path: str) -> bytes:
    """The answer of a process that nobody has asked anything."""
    with world.client() as client:
        answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.content
