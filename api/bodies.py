"""Rendered answers: JSON, or CSV as RFC 4180 has it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from volatility.domain.digits import cell
from volatility.presentation.flat import Table

Format = Literal["json", "csv"]


@dataclass(frozen=True)
class Body:
    """A rendered answer or a file, and the ETag that names it."""

    content: bytes = field(compare=False)  # the ETag is its digest
    media_type: str
    etag: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Self:
        """An answer with its ETag, which is computed once however often it is sent."""
        return cls(content, media_type, f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"')


def json_body(report: Mapping[str, Any]) -> Body:
    """A report as it is."""
    return Body.of(json.dumps(report, separators=(",", ":"), allow_nan=False).encode(), "application/json")


def csv_body(report: Mapping[str, Any], table: Table) -> Body:
    """A report as flat rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([cell(value) for value in row] for row in table.rows(report))
    return Body.of(text.getvalue().encode(), "text/csv; charset=utf-8")
