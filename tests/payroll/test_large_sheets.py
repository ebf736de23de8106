"""Large workbooks are read row by row: the same cells and the same traps as those read whole."""

import datetime as dt
import html
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from payroll import feeds
from payroll.checks.issues import Unreadable
from payroll.feeds import xlsx_archive, xlsx_table
from payroll.feeds.xlsx_stream import StreamedSheet
from tests.payroll.conftest import codes
from tests.payroll.files import sheet_row
from tests.payroll.test_sheet_reading import (  # noqa: F401 (each again, read row by row)
    test_a_wrong_total_of_the_second_table_is_told_with_its_row,
    test_headings_repeated_on_each_page_go_on_with_the_same_table,
    test_merged_headings_of_two_rows,
    test_several_months_below_each_other_in_one_sheet,
    test_the_rows_below_merged_headings_keep_their_numbers_and_total,
)
from tests.payroll.test_traps import (  # noqa: F401 (each again, read row by row)
    test_a_formula_without_a_value,
    test_a_number_cell_that_excel_rounded,
    test_a_zip_bomb_and_a_lying_archive,
    test_block_title_and_total,
    test_date_cells_and_serials_of_both_calendars,
    test_hidden_rows_and_other_sheets_are_hints,
    workbook,
)

FORMATS = ["General", "0.00", "yyyy-mm-dd", "yyyy年m月d日", "h:mm", "[h]:mm", "mmm-yy", "@"]
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8),
    st.sampled_from(["_x000D_", "a\nb", " a ", "=1+1", "#N/A"]),
    st.integers(0, 10**17),
    st.floats(0, 90_000, allow_nan=False).map(lambda number: round(number, 4)),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)),
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


@pytest.fixture(autouse=True)
def always_streamed(monkeypatch: Any) -> None:
    monkeypatch.setattr(xlsx_archive, "MOST_IN_MEMORY", 0)


def sheets(data: bytes) -> list[Any]:
    return list(feeds.Source(io.BytesIO(data), "a.xlsx").tables)


def whole(data: bytes) -> list[Any]:
    source = feeds.Source(io.BytesIO(data), "a.xlsx")
    return xlsx_table._whole(source, xlsx_archive.contents(xlsx_archive.opened(source)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(CELLS, st.sampled_from(FORMATS)), max_size=6), max_size=8),
    st.integers(1, 5),
    st.integers(1, 5),
    st.booleans(),
)
def test_the_same_cells_as_calamine(rows: Any, top: int, left: int, mac: bool) -> None:
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.active
    for row, cells in enumerate(rows, start=top):
        for column, (value, form) in enumerate(cells, start=left):
            cell = sheet.cell(row, column)
            cell.value = value
            if not isinstance(value, dt.date) and not (isinstance(value, int) and value > 10**6):
                cell.number_format = form
    output = io.BytesIO()
    book.save(output)
    (ours,), (theirs,) = sheets(output.getvalue()), whole(output.getvalue())
    assert isinstance(ours.sheet, StreamedSheet)
    assert not isinstance(theirs.sheet, StreamedSheet)
    assert ours.texts(100) == theirs.texts(100)
    assert ours.left == theirs.left or theirs.texts(100) is None


def parts(data: bytes, **changes: Any) -> bytes:
    """The archive with some parts changed by a function of their text."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            change = changes.get(name.rpartition("/")[2].partition(".")[0], lambda text: text)
            new.writestr(name, change(old.read(name).decode()))
    return output.getvalue()


def test_shared_texts_with_runs_and_reading_aids(city: Any) -> None:
    """As Excel writes them; openpyxl writes most texts into the cells."""
    rows = [sheet_row(1), sheet_row(2)]
    texts: list[str] = []

    def shared(found: re.Match[str]) -> str:
        texts.append(html.unescape(found[2]))
        return f'<c{found[1]} t="s"><v>{len(texts) - 1}</v></c>'

    def linked(xml: str) -> str:
        link = f'<Relationship Type="{LINK}" Target="sharedStrings.xml" Id="rId9"/></Relationships>'
        return xml.replace("</Relationships>", link)

    def sheet1(xml: str) -> str:
        cell = r'<c([^>]*) t="inlineStr"[^>]*><is><t[^>]*>([^<]*)</t></is></c>'
        return re.sub(cell, shared, xml)

    data = parts(workbook(rows), sheet1=sheet1, workbook=linked)
    assert texts
    items = "".join(
        f"<si><r><t>{text[:1]}</t></r><r><t>{text[1:]}</t></r><rPh><t>x</t></rPh></si>"
        for text in texts
    )
    output = io.BytesIO(data)
    with zipfile.ZipFile(output, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{items}</sst>')
    data = output.getvalue()
    assert sheets(data)[0].texts(10) == whole(data)[0].texts(10)
    assert city(data, dt.date(2026, 4, 9), "a.xlsx").accepted == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: xml.replace('r="2"', 'r="9999999"', 1),
        lambda xml: xml.replace('<row r="3"', '<row r="1"', 1),
        lambda xml: xml.replace('r="A2"', 'r="AAAA2"', 1),
        lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml,
    ],
)
def test_damage_is_told(spoil: Any) -> None:
    data = parts(workbook([sheet_row(1), sheet_row(2)]), sheet1=spoil)
    with pytest.raises(Unreadable) as refused:
        for table in sheets(data):
            table.texts(10)
    assert refused.value.issue.code == "file-truncated"


def test_memory_does_not_grow_with_the_rows() -> None:
    """What is held at once is one row: a sheet of many is never wholly in memory."""
    import tracemalloc

    def peak(count: int) -> int:
        data = workbook([sheet_row(n % 10) for n in range(count)])
        (table,) = sheets(data)
        tracemalloc.start()
        rows = sum(1 for _ in table._rows())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rows == count + 1
        return most

    peak(10)
    assert peak(4000) < 1.5 * peak(400) + 100_000


def test_a_duration_beyond_all_bounds(city: Any, monkeypatch: Any) -> None:
    def change(sheet: Any) -> None:
        sheet["A2"] = 10**9
        sheet["A2"].number_format = "[h]:mm"

    data = workbook([sheet_row(1)], change)
    assert codes(city(data, dt.date(2026, 4, 9), "a.xlsx"))
    monkeypatch.setattr(xlsx_archive, "MOST_IN_MEMORY", 1 << 20)
    assert codes(city(data, dt.date(2026, 4, 10), "b.xlsx")) == ["file-truncated"]


def test_the_reader_chooses_by_size(monkeypatch: Any) -> None:
    data = workbook([sheet_row(1)])
    monkeypatch.setattr(xlsx_archive, "MOST_IN_MEMORY", 1 << 20)
    (table,) = sheets(data)
    assert not isinstance(table.sheet, StreamedSheet)
