"""A learnt history, made once."""

from __future__ import annotations

import pytest

from tests.analytics.histories import gappy_history
from tests.analytics.learnt import SESSIONS, Learnt


@pytest.fixture(scope="session")
def learnt() -> Learnt:
    """A history of 420 sessions with gaps."""
    return Learnt(gappy_history(SESSIONS))
