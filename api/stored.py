"""Answers from what is stored, kept until it changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from anyio import to_thread

from api.bodies import Body
from api.questions import Question
from api.shared import Kept, Shared, in_thread
from volatility.domain.series import Series
from volatility.storage.database import Database
from volatility.storage.migrate import check

D = TypeVar("D")
T = TypeVar("T")


class Stored:
    """The database, read once its schema was found to be one that this program knows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_checked = False

    def checked(self) -> Database:
        """The database.

        Raises:
            StorageError: where its schema is another one, or it can't be read.
        """
        if not self._is_checked:
            check(self._database)
            self._is_checked = True
        return self._database

    def reading(self, read: Callable[[Database, Series], T]) -> Callable[[Series], Awaitable[T]]:
        """What is read of a series, in a thread."""
        return in_thread(lambda series: read(self.checked(), series))


@dataclass(frozen=True)
class Revised:
    """A series as one revision of its data has it."""

    series: Series
    revision: Hashable


@dataclass(frozen=True)
class Asked(Generic[D]):
    """A question about one revision of the data: the key of its answer."""

    question: Question[D]
    revision: Hashable


class StoredAnswers(Generic[D]):
    """Answers to questions about data of one kind, kept until their revision changes and while there is room.

    Args:
        revisions: the number of each series' data now.
        data: reads the data of a revision, or of a newer one.
        room: where rendered answers are kept.
    """

    def __init__(
        self,
        revisions: Shared[Series, Any],
        data: Callable[[Revised], Awaitable[D]],
        room: MutableMapping[Any, Body],
    ) -> None:
        self._revisions, self._data = revisions, data
        self._bodies = Kept[Asked[D], Body](self._rendered, room)

    async def answer(self, question: Question[D]) -> Body:
        """The answer, rendered."""
        return await self._bodies.get(Asked(question, await self._revisions.get(question.series)))

    async def _rendered(self, asked: Asked[D]) -> Body:
        data = await self._data(Revised(asked.question.series, asked.revision))
        return await to_thread.run_sync(asked.question.answer, data)
