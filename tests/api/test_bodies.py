"""Answers as bytes: compact JSON, CSV as RFC 4180 has it, and an ETag that is another one for any other byte."""

from __future__ import annotations

import csv
import io
import json

import pytest

from api.bodies import Body, csv_body, json_body
from volatility.presentation.fields import Field, Group, Kind, Text
from volatility.presentation.flat import Row, Table

NAME = Field("symbol", Kind.TEXT, "whose", "чей")
LOW, LATE = Field("low", Kind.NUMBER, "low", "низ"), Field("late", Kind.FLAG, "late", "поздно")
ROW = Group("Row", Text("a row", "строка"), (LOW, LATE))
TABLE = Table((NAME,), (), ROW, (), lambda report: [Row((), row) for row in report["rows"]])


def test_json_is_compact_and_keeps_order_and_digits() -> None:
    body = json_body({"b": [1.5, 0.1 + 0.2, None], "a": {"x": True, "y": "Ж"}})
    assert body.content == b'{"b":[1.5,0.30000000000000004,null],"a":{"x":true,"y":"\\u0416"}}'
    assert body.media_type == "application/json"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_word_for_is_never_sent(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_body({"a": number})


def test_csv_is_a_header_and_rows_that_end_as_the_standard_says() -> None:
    report = {"symbol": 'a "b", c', "rows": [{"low": 5e-08, "late": True}, {"low": None, "late": False}]}
    body = csv_body(report, TABLE)
    assert body.media_type == "text/csv; charset=utf-8"
    assert body.content == (
        b'symbol,low,late\r\n"a ""b"", c",0.00000005,true\r\n"a ""b"", c",,false\r\n'
    )  # no exponent, which not every reader takes
    read = list(csv.reader(io.StringIO(body.content.decode(), newline="")))
    assert read[1] == ['a "b", c', "0.00000005", "true"]


def test_without_rows_the_header_stands_alone() -> None:
    assert csv_body({"symbol": "B", "rows": []}, TABLE).content == b"symbol,low,late\r\n"


def test_the_etag_names_the_bytes_and_nothing_else() -> None:
    one = json_body({"a": 1})
    assert one == json_body({"a": 1})
    assert Body.of(one.content, "text/plain").etag == one.etag
    tags = {json_body({"a": number}).etag for number in range(1000)}
    assert len(tags) == 1000
    assert all(tag[0] == tag[-1] == '"' and len(json.loads(tag)) == 24 for tag in tags)
