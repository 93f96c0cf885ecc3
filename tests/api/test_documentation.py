"""The OpenAPI document describes what is answered; `/docs` shows it with nothing from another host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from api.examples import EXAMPLES, REAL
from api.models import MODELS
from tests.api.schema import Mismatch, resolve, validate
from tests.api.world import ROOT, Client, World
from tests.examples import identity
from tests.presentation.checks import strangers
from volatility.presentation.catalogue import ANSWERS
from volatility.presentation.tables import TABLES, sessions_table

ANALYTICS = ("/cone", "/odds", "/straddle", "/volatility", "/seasonality", "/distribution")
PATHS = (
    "/statistics",
    "/today",
    "/sessions",
    "/live",
    "/history",
    *ANALYTICS,
    "/forecast",
    "/scorecard",
    "/symbols",
    "/quality",
    "/healthz",
    "/readyz",
    "/metrics",
)
ASKED = (
    "/statistics",
    "/statistics?days=94",
    "/statistics?days=3650",
    "/today",
    "/sessions",
    "/sessions?to=2000-01-01",
    "/live",
    "/live?premium=100&volatility=100&range_pct=3&price=3800",
    "/history",
    "/history?metric=range&window=5",
    "/cone",
    "/odds?range=3000",
    "/odds?range=3000&range=2000&price=3800",
    "/straddle",
    "/straddle?premium=100",
    "/volatility",
    "/seasonality",
    "/distribution",
    "/distribution?metric=range&lookback=1",
    "/forecast",
    "/scorecard",
    "/scorecard?since=2019-01-01",
    "/symbols",
    "/quality",
    "/healthz",
    "/readyz",
)


@pytest.fixture(scope="module")
def document(asked: Client) -> dict[str, Any]:
    openapi: dict[str, Any] = asked.get("/openapi.json").json()
    return openapi


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a document."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def content(document: dict[str, Any], path: str, status: int) -> dict[str, Any]:
    responses = document["paths"][urlsplit(path).path]["get"]["responses"]
    described: dict[str, Any] = responses[str(status)]["content"]
    return described


@pytest.mark.parametrize("path", ASKED)
def test_every_answer_is_what_its_model_and_its_schema_say(asked: Client, document: dict[str, Any], path: str) -> None:
    answer = asked.get(path)
    assert answer.headers["content-type"] == "application/json"
    MODELS[urlsplit(path).path].model_validate_json(answer.content, strict=True)
    validate(answer.json(), content(document, path, 200)["application/json"]["schema"], document)
    assert list(strangers(ANSWERS[urlsplit(path).path], answer.json())) == []


@pytest.mark.parametrize(
    "path",
    [
        "/sessions?",
        "/history?",
        *(f"{path}?" for path in ANALYTICS if path != "/straddle"),
        "/straddle?premium=100&",
        "/forecast?",
    ],
)
def test_csv_has_the_columns_of_the_catalogue(asked: Client, path: str) -> None:
    name = urlsplit(path).path.removeprefix("/")
    header = asked.get(f"{path}format=csv").text.splitlines()[0].split(",")
    assert tuple(header) == (sessions_table(()) if name == "sessions" else TABLES[name]).columns


@pytest.mark.real_data
@pytest.mark.parametrize(
    "path",
    [
        "/statistics?days=3650",
        "/sessions",
        "/history",
        "/distribution?lookback=3650",
        "/today",
        "/cone",
        "/odds?range=3000",
        "/straddle?premium=100",
        "/volatility",
        "/seasonality",
        "/symbols",
        "/quality",
        "/readyz",
    ],
)
def test_every_answer_on_real_data_is_what_its_model_says(real_world: World, path: str) -> None:
    with real_world.client() as client:
        answer = client.get(path)
    MODELS[urlsplit(path).path].model_validate_json(answer.content, strict=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/statistics?days=0", 422), ("/statistics?symbol=NO", 404), ("/today?symbol=NO", 404), ("/sessions?to=x", 422)],
)
def test_every_problem_is_what_the_document_says(
    asked: Client, document: dict[str, Any], path: str, status: int
) -> None:
    answer = asked.get(path)
    assert answer.status_code == status
    described = content(document, path, status)
    assert list(described) == [answer.headers["content-type"]] == ["application/problem+json"]
    validate(answer.json(), described["application/problem+json"]["schema"], document)


def test_the_validator_finds_what_is_wrong(asked: Client, document: dict[str, Any]) -> None:
    schema = content(document, "/statistics", 200)["application/json"]["schema"]
    for path, value in (("n", -1), ("mean", "1"), ("median", True), ("extra", 1)):
        report = asked.get("/statistics?days=1").json()
        report["sessions"][0]["statistics"]["range"]["5"][path] = value
        with pytest.raises(Mismatch):
            validate(report, schema, document)


def test_the_document_is_openapi_of_this_service(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "BTC Volatility"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", document["info"]["version"])
    assert set(document["paths"]) == set(PATHS)
    for path, methods in document["paths"].items():
        assert list(methods) == ["get"], path
        assert methods["get"]["summary"]
        assert methods["get"]["description"]
        assert "200" in methods["get"]["responses"]
        for response in methods["get"]["responses"].values():
            assert response["description"]
    operations = [methods["get"]["operationId"] for methods in document["paths"].values()]
    assert operations == [path.strip("/") for path in document["paths"]]  # which make good names of methods
    described = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert {tag for methods in document["paths"].values() for tag in methods["get"]["tags"]} == set(described)
    assert all(sentence.endswith(".") for sentence in described.values())


@pytest.mark.parametrize("page", ["api.md", "api.ru.md"])
def test_the_page_of_the_api_names_every_endpoint(document: dict[str, Any], page: str) -> None:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert [path for path in document["paths"] if not re.search(rf"[` ]{path}[`?]", text)] == []


def test_every_reference_resolves_and_every_schema_is_used(document: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    for reference in references:
        assert isinstance(resolve(document, reference), dict)
    used = {reference.rsplit("/", 1)[1] for reference in references}
    assert used == set(document["components"]["schemas"])
    assert "Problem" in used
    assert "HTTPValidationError" not in used


def test_every_field_of_an_answer_is_described(document: dict[str, Any]) -> None:
    undescribed = {
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema["properties"].items()
        if not described.get("description") and "$ref" not in str(described)
    }
    plain = {"symbol", "status", "version", "type", "title", "detail", "parameter", "rule", "value"}
    assert {name for name in undescribed if name.split(".")[1] not in plain} == set()


def test_parameters_are_documented_with_their_rules(document: dict[str, Any]) -> None:
    parameters = {p["name"]: p for p in document["paths"]["/statistics"]["get"]["parameters"]}
    assert list(parameters) == ["days", "symbol", "format"]
    assert parameters["days"]["schema"] | {"title": "", "description": ""} == {
        "type": "integer", "minimum": 1, "maximum": 3650, "default": 30, "title": "", "description": "",
    }  # fmt: skip
    assert parameters["format"]["schema"]["enum"] == ["json", "csv"]
    assert [p["name"] for p in document["paths"]["/sessions"]["get"]["parameters"]] == [
        "from",
        "to",
        "symbol",
        "format",
    ]
    for methods in document["paths"].values():
        for parameter in methods["get"].get("parameters", ()):
            assert parameter["required"] is False
            assert parameter["description"]


def test_what_can_be_csv_or_304_says_so(document: dict[str, Any]) -> None:
    for path in ("/statistics", "/sessions", "/history", *ANALYTICS):
        assert set(content(document, path, 200)) == {"application/json", "text/csv"}
        assert "304" in document["paths"][path]["get"]["responses"]
    for path in ("/statistics", "/sessions", "/history", *ANALYTICS, "/today", "/symbols", "/quality", "/readyz"):
        assert list(content(document, path, 503)) == ["application/problem+json"]


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    found = 0
    for node in nodes(document):
        for example in node.get("examples", ()) if isinstance(node.get("examples"), list) else ():
            schema = node.get("schema", node)
            validate(example, {name: rule for name, rule in schema.items() if name != "examples"}, document)
            found += 1
    assert found >= 10


@pytest.mark.parametrize("path", REAL)
def test_examples_are_valid(path: str) -> None:
    """What is shown is the real answer, and where that lacks a field, the example of its entry."""
    MODELS[path].model_validate(EXAMPLES.of(ANSWERS[path]))


@pytest.mark.real_data
def test_examples_are_the_real_answers(real_world: World) -> None:
    with real_world.client() as client:
        assert client.get("/statistics?days=2").json()["sessions"] == REAL["/statistics"]["sessions"]
        assert client.get("/sessions?from=2023-12-29&to=2023-12-30").json()["sessions"] == REAL["/sessions"]["sessions"]
        today = client.get("/today").json()
        symbols = client.get("/symbols").json()["symbols"][0]
    assert today | {"simulated": False} == REAL["/today"]
    assert symbols | {"simulated": False} == REAL["/symbols"]["symbols"][0]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/cone", REAL["/cone"]),
        ("/live?premium=1200&volatility=1500&range=3000", REAL["/live"]),
        ("/odds?volatility=1500&range=3000&price=43000", REAL["/odds"]),
        ("/straddle?premium=1200", REAL["/straddle"]),
        ("/volatility", REAL["/volatility"]),
        ("/seasonality", REAL["/seasonality"]),
        ("/forecast?days=1", REAL["/forecast"]),
        ("/scorecard?since=2021-07-01", REAL["/scorecard"]),
    ],
)
def test_examples_of_analytics_and_forecasts_are_parts_of_the_real_answers(
    real_world: World, path: str, example: dict[str, Any]
) -> None:
    with real_world.client() as client:
        assert_part(example, client.get(path).json() | {"simulated": False})


def assert_part(part: Any, whole: Any, *, rounded: bool = False) -> None:
    """Every field of a part is in the whole, and every item of its lists is one there; numbers to eight digits.

    Or ``rounded`` to as many decimals as the part shows.
    """
    if isinstance(part, dict):
        for name, value in part.items():
            assert_part(value, whole[name], rounded=rounded)
    elif isinstance(part, list) and not any(isinstance(item, dict) for item in part):
        for one, other in zip(part, whole, strict=False):
            assert_part(one, other, rounded=rounded)
        assert len(part) <= len(whole)
    elif isinstance(part, list):
        for item in part:
            assert_part(item, next(other for other in whole if identity(other) == identity(item)), rounded=rounded)
    elif isinstance(part, float) and rounded:
        assert round(whole, len(repr(part).partition(".")[2])) == part
    elif isinstance(part, float):
        assert whole == pytest.approx(part, rel=1e-7)
    else:
        assert part == whole


def test_the_examples_in_the_page_on_analytics_are_parts_of_the_real_ones() -> None:
    page = (ROOT / "docs" / "analytics.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    whole = [
        next(hour for hour in REAL["/cone"]["hours"] if hour["elapsed"] == 12),
        REAL["/odds"],
        next(record for record in REAL["/straddle"]["records"] if record["lookback"] == 365),
        REAL["/volatility"]["estimators"],
        REAL["/seasonality"]["weekdays"][0],
    ]
    assert len(shown) == len(whole)
    for part, real in zip(shown, whole, strict=True):
        assert_part(part, real, rounded=True)


class Page(HTMLParser):
    """What a browser would fetch for a page, and whether it holds inline scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.assets: list[str] = []
        self.inline = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag refers to."""
        for name, value in attrs:
            if name in {"src", "href", "srcset", "data", "action", "poster"} and value:
                self.assets.append(value)
        self.inline += tag == "script" and "src" not in dict(attrs)


def asset_of_docs(client: Client, name: str) -> str:
    (found,) = [asset for asset in Page(client.get("/docs").text).assets if asset.endswith(f"/{name}")]
    return found


def same_host(client: Client, base: str, reference: str) -> str:
    url = urljoin(client.url + base, reference)
    assert urlsplit(url).netloc == urlsplit(client.url).netloc, reference
    return url.removeprefix(client.url)


def test_the_documentation_loads_from_this_host_alone(asked: Client) -> None:
    answer = asked.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    kinds = {}
    for asset in page.assets:
        path = same_host(asked, "/docs", asset)
        fetched = asked.get(path)
        assert fetched.status_code == 200, path
        kinds[path] = (fetched.headers["content-type"].split(";")[0], fetched)
    assert page.inline == 0
    assert sorted(kind for kind, _ in kinds.values()) == ["image/png", "text/css", "text/javascript", "text/javascript"]
    for path, (kind, fetched) in kinds.items():
        if kind == "text/css":
            for reference in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", fetched.text):
                assert reference.startswith("data:") or same_host(asked, path, reference), reference
        assert "sourceMappingURL" not in fetched.text, path


def test_no_script_of_the_documentation_fetches_from_another_host(asked: Client) -> None:
    """URLs that the scripts name are for people to click and names of XML; none is that of a known asset host."""
    own = asked.get("/" + asset_of_docs(asked, "docs.js")).text
    assert "://" not in own
    assert 'url: "openapi.json"' in own
    assert "validatorUrl: null" in own  # else a picture is asked of validator.swagger.io
    bundle = asked.get("/" + asset_of_docs(asked, "swagger-ui-bundle.js")).text
    for host in ("cdn.", "jsdelivr", "unpkg", "cdnjs", "googleapis", "gstatic", "googletagmanager", "fonts."):
        assert not re.search(rf"https?://[\w.-]*{re.escape(host)}", bundle), host
    fetched = re.findall(
        r"(?:fetch|importScripts|import|\.open)\(\s*[\"'](?:GET[\"'],\s*[\"'])?(?:https?:)?//[^\"']+", bundle
    )
    assert fetched == []
    assert not re.search(r"\.src\s*=\s*[\"'](?:https?:)?//", bundle)


def test_the_page_leads_to_the_documentation_and_there_is_no_other(asked: Client) -> None:
    assert "docs" in Page(asked.get("/").text).assets
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert asked.get(path).status_code == 404
