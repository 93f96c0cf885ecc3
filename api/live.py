"""The running session as all endpoints see it, and what is computed once for it, shared by any number of requests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from anyio import to_thread

from api.cache import SharedAnswers
from volatility.domain.series import Series
from volatility.queries.running_session import RunningSession
from volatility.queries.session_model import Basis, History, SessionModel, basis_of, load_history, session_model
from volatility.storage.database import Database

B = TypeVar("B")
_SYMBOLS_KEPT: Final = 16  # histories and models in memory: some 30 MB each on nine years
_ANSWERS_KEPT: Final = 256  # rendered answers about one state of the running session


@dataclass
class Now(Generic[B]):
    """The running session at one moment, and the answers that were rendered about it."""

    running: RunningSession
    kept: dict[tuple[Any, ...], B] = field(default_factory=dict)
    rendering: SharedAnswers[tuple[Any, ...], B] = field(default_factory=lambda: SharedAnswers(0.0))

    async def answer(self, key: tuple[Any, ...], compute: Callable[[], B]) -> B:
        """An answer about this moment, computed in a thread, once."""
        known = self.kept.get(key)
        if known is None:
            known = await self.rendering.get(key, lambda: to_thread.run_sync(compute))
            if len(self.kept) < _ANSWERS_KEPT:
                self.kept[key] = known
        return known


class Models:
    """Histories and models of the running session, each built once however many ask for it at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._histories: OrderedDict[str, History] = OrderedDict()
        self._models: OrderedDict[str, SessionModel] = OrderedDict()
        self._loading: SharedAnswers[tuple[str, int], History] = SharedAnswers(0.0)
        self._building: SharedAnswers[tuple[Basis, bool], SessionModel] = SharedAnswers(0.0)

    async def history(self, series: Series, revision: int) -> History:
        """The closed sessions, of this revision or a newer one."""
        known = self._histories.get(series.symbol)
        if known is None or known.revision != revision:
            key = (series.symbol, revision)
            known = await self._loading.get(key, lambda: to_thread.run_sync(load_history, self._database, series))
            _keep(self._histories, series.symbol, known)
        return known

    async def model(self, running: RunningSession, *, fitted: bool) -> SessionModel:
        """History before a running session; with ``fitted`` the odds' model is ready too."""
        history = await self.history(running.series, running.revision)
        basis, symbol = basis_of(history, running), running.series.symbol
        known = self._models.get(symbol)
        if known is None or known.basis != basis or (fitted and not known.ready):
            kept = known if known is not None and known.basis == basis else None

            def build() -> SessionModel:
                model = kept or session_model(basis)
                if fitted:
                    model.fit()
                return model

            known = await self._building.get((basis, fitted), lambda: to_thread.run_sync(build))
            _keep(self._models, symbol, known)
        return known


K = TypeVar("K")
V = TypeVar("V")


def _keep(kept: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep the newest few."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _SYMBOLS_KEPT:
        kept.popitem(last=False)
