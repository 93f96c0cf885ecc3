"""A block of thirty days: determined by its number and seed, on the cent, and joined to the one before."""

from __future__ import annotations

import numpy as np
import pytest

from exchange_simulator.walk import BLOCK_HOURS, Block, State, activity, first_state, walk


@pytest.fixture(scope="module")
def block() -> Block:
    return walk(7, "BTCUSDT", 0, first_state("BTCUSDT"))


def test_the_first_price_is_the_symbols_own() -> None:
    assert first_state("BTCUSDT").last_price == 4261.48
    assert first_state("NEWUSDT").last_price == 100.0
    assert np.exp(first_state("ETHUSDT").log_price) == pytest.approx(301.13)


def test_the_same_seed_symbol_and_number_give_the_same_block_and_others_another(block: Block) -> None:
    start = first_state("BTCUSDT")
    np.testing.assert_array_equal(walk(7, "BTCUSDT", 0, start).path, block.path)
    for other in (walk(8, "BTCUSDT", 0, start), walk(7, "ETHUSDT", 0, start), walk(7, "BTCUSDT", 1, start)):
        assert not np.array_equal(other.path, block.path)


def test_prices_are_positive_and_on_the_cent(block: Block) -> None:
    assert block.path.shape == (BLOCK_HOURS, 61)
    assert block.path.min() > 0
    np.testing.assert_array_equal(block.path, np.round(block.path, 2))


def test_an_hour_begins_within_a_cent_of_the_last_price_also_across_blocks(block: Block) -> None:
    steps = block.path[1:, 0] - block.path[:-1, -1]
    assert np.abs(steps).max() <= 0.01 + 1e-9
    assert len(np.unique(np.round(steps, 2))) == 3  # below, the same and above
    following = walk(7, "BTCUSDT", 1, block.end)
    assert abs(following.path[0, 0] - block.path[-1, -1]) <= 0.01 + 1e-9
    assert block.end.last_price == block.path[-1, -1]
    assert np.exp(block.end.log_price) == pytest.approx(block.end.last_price, abs=0.006)


def test_what_was_traded_is_possible(block: Block) -> None:
    low, high = block.path.min(axis=1), block.path.max(axis=1)
    assert ((low <= block.average) & (block.average <= high)).all()
    assert (block.volume > 0).all()
    assert (block.trades >= 1).all()
    share = block.taker_volume / block.volume
    assert 0.29 < share.min() < share.max() < 0.71


def test_minutes_that_move_the_price_hold_more_of_the_trades() -> None:
    """Of a path that rises by 3, 0 and 0: weights of 3 + 1, 0 + 1 and 0 + 1, and a cent's worth each."""
    shares = activity(np.array([10.0, 13.0, 13.0, 13.0]))
    np.testing.assert_allclose(shares, np.array([4.01, 1.01, 1.01]) / 6.03)
    assert activity(np.full(61, 5.0)).tolist() == [pytest.approx(1 / 60)] * 60


def test_a_price_far_from_its_trend_is_pulled_back() -> None:
    """The same random numbers from ten times the price: the drift alone differs, by 8 percent of the way back."""
    start = first_state("BTCUSDT")
    high = State(start.log_price + np.log(10), start.slow, start.fast, start.last_price * 10)
    gained = [walk(7, "BTCUSDT", 0, one).end.log_price - one.log_price for one in (start, high)]
    assert gained[1] - gained[0] == pytest.approx(-0.08 * np.log(10), abs=1e-9)
