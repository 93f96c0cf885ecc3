"""What every answer tells a browser."""

from __future__ import annotations

import pytest
import requests

from api.headers import DOCS_POLICY, PAGE_POLICY
from tests.api.test_documentation import Page
from tests.api.world import Client, World
from volatility.settings import Settings
from volatility.storage.database import Database

# As the design has it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types lit-html"
)
DATA = ("/statistics", "/today", "/openapi.json", "/healthz", "/metrics", "/nothing", "/statistics?days=0", "/docs/")


def guarded(answer: requests.Response, policy: str) -> None:
    guarded_part(answer, policy)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"


def guarded_part(answer: requests.Response, policy: str) -> None:
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_may_load_from_its_own_host_alone_and_runs_no_inline_code(asked: Client) -> None:
    assert PAGE_POLICY == POLICY
    page = asked.get("/")
    guarded(page, POLICY)
    guarded(asked.head("/"), POLICY)
    known = asked.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert known.status_code == 304
    guarded(known, POLICY)  # else the browser would put another policy on the page that it has


def test_the_documentation_has_the_same_policy_but_for_images_in_its_style_sheet(asked: Client) -> None:
    assert DOCS_POLICY.replace(" data:", "") == POLICY
    guarded(asked.get("/docs"), DOCS_POLICY)


@pytest.mark.parametrize("path", DATA)
def test_data_and_errors_may_load_nothing(asked: Client, path: str) -> None:
    guarded(asked.get(path, allow_redirects=False), "default-src 'none'; frame-ancestors 'none'")


def test_files_of_the_page_are_guarded_too_and_say_no_more_than_that(asked: Client) -> None:
    icons = 0
    for asset in Page(asked.get("/").text).assets:
        if asset.startswith("page/"):
            answer = asked.get(f"/{asset}")
            if asset.endswith(".svg"):  # a document where it is opened alone
                icons += 1
                guarded(answer, "default-src 'none'; frame-ancestors 'none'")
            else:
                guarded_part(answer, "default-src 'none'; frame-ancestors 'none'")
                assert not {"referrer-policy", "permissions-policy", "page-version"} & {*map(str.lower, answer.headers)}
                assert sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items()) < 420
    assert icons == 1
    guarded(asked.get("/page/0/js/main.js"), "default-src 'none'; frame-ancestors 'none'")


def test_an_unexpected_error_is_guarded_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr(Database, "read", broken)
    with world.client() as client:
        answer = client.get("/statistics", headers={"Connection": "close"})
    assert answer.status_code == 500
    guarded(answer, "default-src 'none'; frame-ancestors 'none'")


def test_every_answer_names_the_version_of_the_page(asked: Client) -> None:
    version = asked.get("/").headers["page-version"]
    assert f"page/{version}/" in asked.get("/").text
    assert {asked.get(path).headers["page-version"] for path in DATA} == {version}


ELSEWHERE = "https://desk.example:8443"


def test_pages_of_other_origins_may_read_nothing_unless_they_are_named(asked: Client) -> None:
    answer = asked.get("/statistics?days=1", headers={"Origin": ELSEWHERE})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("origins", [f"https://other.example, {ELSEWHERE}", "*"])
def test_pages_of_named_origins_may_read_answers_errors_and_what_tells_when_to_ask_again(
    world: World, origins: str
) -> None:
    world.settings = Settings.of(world.names | {"API_CORS_ORIGINS": origins})
    with world.client() as client:
        for path, status in (("/statistics?days=1", 200), ("/statistics?days=0", 422)):
            answer = client.get(path, headers={"Origin": ELSEWHERE})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == ("*" if origins == "*" else ELSEWHERE)
            assert answer.headers["access-control-expose-headers"] == "ETag, Page-Version, Retry-After"
            guarded(answer, "default-src 'none'; frame-ancestors 'none'")
        asks = {"Origin": ELSEWHERE, "Access-Control-Request-Method": "GET"}
        allowed = requests.options(f"{client.url}/live", headers=asks, timeout=10)
        assert (allowed.status_code, allowed.headers["access-control-allow-methods"]) == (200, "GET, HEAD")
        refused = requests.options(
            f"{client.url}/live", headers=asks | {"Access-Control-Request-Method": "PUT"}, timeout=10
        )
        assert refused.status_code == 400
        stranger = client.get("/statistics?days=1", headers={"Origin": "https://evil.example"})
        assert ("access-control-allow-origin" in stranger.headers) == (origins == "*")
