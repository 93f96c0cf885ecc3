"""The tree of expected failures."""

from __future__ import annotations

import inspect

import pytest

from volatility.domain import errors
from volatility.domain.errors import (
    DataIncomplete,
    Error,
    ExchangeBanned,
    ExchangeError,
    ExchangeRefused,
    SettingError,
    StorageError,
)

TREE = {
    "SettingError": Error,
    "ExchangeError": Error,
    "ExchangeUnreachable": ExchangeError,
    "ExchangeBlocked": ExchangeError,
    "ExchangeBanned": ExchangeError,
    "ExchangeRefused": ExchangeError,
    "OtherMarket": ExchangeError,
    "BadPage": ExchangeError,
    "NetworkSettingError": SettingError,  # and an ExchangeError, see below
    "DataIncomplete": Error,
    "OtherDefinition": DataIncomplete,
    "StorageError": Error,
    "DatabaseAway": StorageError,
    "SchemaMismatch": StorageError,
}


def test_the_tree_is_the_one_that_the_module_draws() -> None:
    classes = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if name != "Error"}
    assert classes.pop("Stopped").__base__ is Exception  # somebody's wish, and no error
    assert {name: kind.__base__ for name, kind in classes.items()} == TREE
    drawn = [line.split("── ")[1].split()[0] for line in (errors.__doc__ or "").splitlines() if "── " in line]
    assert sorted(drawn) == sorted(TREE)


@pytest.mark.parametrize("name", sorted(TREE))
def test_a_wrong_call_ends_with_2_and_every_other_failure_with_1(name: str) -> None:
    assert getattr(errors, name).exit_code == (2 if "SettingError" in name else 1)


def test_a_wrong_setting_of_the_network_is_a_failure_that_whoever_can_do_without_the_exchange_passes_over() -> None:
    assert issubclass(errors.NetworkSettingError, ExchangeError)


def test_a_setting_error_says_name_rule_and_value() -> None:
    error = SettingError("API_PORT", "must be a whole number from 0 to 65535", "abc")
    assert str(error) == "API_PORT must be a whole number from 0 to 65535, got 'abc'"
    assert (error.name, error.rule, error.value) == ("API_PORT", "must be a whole number from 0 to 65535", "abc")


def test_a_setting_error_without_a_value_shows_none() -> None:
    assert str(SettingError("DB_USER", "must be set where DB_HOST is")) == "DB_USER must be set where DB_HOST is"
    assert str(SettingError("SYMBOLS", "must name at least one", "")) == "SYMBOLS must name at least one, got ''"


def test_errors_of_the_exchange_carry_what_programs_need() -> None:
    assert ExchangeBanned("banned", 1_700_000_000_000).until_ms == 1_700_000_000_000
    assert ExchangeRefused("no such symbol", -1121).code == -1121
    assert ExchangeRefused("something else").code is None
