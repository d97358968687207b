"""events.csv: for a spreadsheet, and harmless in every one (contract G9)."""

import csv
import io
import json

import pytest

from privacy_portal.brands.models import Brand
from regulations.exports.cells import json_cell, text_cell
from regulations.exports.row import COLUMNS
from tests.factories.events import send, track
from tests.factories.exports import access

stored = pytest.mark.django_db(transaction=True)


@stored
def test_each_call_is_a_row(brand: Brand) -> None:
    event_id = track(
        brand, "u1", event="Größe, “38”", timestamp="2024-01-01T00:00:00Z", properties={"a": "x;y\n"}, own=1
    )
    export = access(brand)
    (row,) = export.rows
    assert tuple(row) == COLUMNS
    assert (row["eventId"], row["action"], row["event"]) == (str(event_id), "track", "Größe, “38”")
    assert row["timestamp"] == "2024-01-01T00:00:00Z"
    assert json.loads(row["properties"]) == {"a": "x;y\n"}
    assert json.loads(row["other"]) == {"own": 1}
    assert (row["traits"], row["context"], row["anonymousId"]) == ("", "", "")
    assert export.files["events.csv"].decode().splitlines()[0] == ",".join(f'"{name}"' for name in COLUMNS)


@stored
def test_no_cell_of_a_stored_call_starts_a_formula(brand: Brand) -> None:
    user_id = "=HYPERLINK(1)"
    send(
        brand,
        "track",
        {"userId": user_id, "anonymousId": "@a", "event": "\n +x\x00", "=own": "=1", "context": {"=": 1}},
    )
    export = access(brand, user_id)
    (row,) = export.rows
    assert (row["userId"], row["anonymousId"], row["event"]) == ("'=HYPERLINK(1)", "'@a", "'\n' +x\ufffd")
    assert all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r") for cell in row.values())
    assert b"\x00" not in export.files["events.csv"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\tx", "\rx", " =1", "\n=1", "\n\n  +1", "\u00a0=1", "\u200b=1",
     "\ufeff=1",
     "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\ufe661", "\u22121", "\x01=1", '"=1'],
)  # fmt: skip
def test_what_would_start_a_formula_is_shown_as_text(text: str) -> None:
    assert text_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["", "a=1", "u1", "Ann-Marie", "1+1", "‘quoted’", "a;b", "ann@example.com", "Grün"])
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert text_cell(text) == text


@pytest.mark.parametrize("text", ["a;=1+1", 'a;"=1+1', "a; +1", "a\t@x", "a\n=1", 'a";"=1'])
def test_programs_that_split_at_other_signs_find_no_formula_either(text: str) -> None:
    """In many countries a spreadsheet splits at semicolons, wherever our quotes stand."""
    raw = io.StringIO(newline="")
    csv.writer(raw, quoting=csv.QUOTE_ALL).writerow(["x", text_cell(text)])
    for delimiter in ";\t":
        for piece in raw.getvalue().replace("\n", delimiter).split(delimiter):
            assert piece.strip(' \r"')[:1] not in ("=", "+", "-", "@")


def test_a_json_cell_has_no_semicolon_and_means_the_same() -> None:
    text = '{"a;=1": "x;\\\\;y",\n"n": 1.10}'
    cell = json_cell(text.encode())
    assert not set(cell) & set(";\n\r\t")
    assert json.loads(cell) == json.loads(text)
    assert "1.10" in cell
