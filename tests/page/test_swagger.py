"""Swagger UI in a browser, under its policy of headers."""

from __future__ import annotations

from tests.page.conftest import MakeStage


def test_it_draws_every_endpoint_and_an_opened_one_and_breaks_no_rule(make_stage: MakeStage) -> None:
    """Its own component for Markdown would break the rule of Trusted Types, and its arrows that of images."""
    stage = make_stage(moving=True)  # it waits by the clock, which stands still where pages share it
    stage.expect("Deprecated: escaping deep link")
    stage.page.goto(f"{stage.service.url}/docs#/sessions/statistics")
    stage.page.wait_for_selector(".parameters-col_description select, .parameters-col_description input")
    endpoints = len(stage.service.get("openapi.json")["paths"])
    assert stage.page.locator(".opblock-summary-path").count() == endpoints > 10
    assert stage.page.locator("strong", has_text="Vol").count() > 0
