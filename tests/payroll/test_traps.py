"""Every known trap of a pay sheet file, each with its own generated file and its own message."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from payroll.models import FeedIssue, Sheet, SheetLine
from projects.models import Engagement, Worker
from tests.payroll.conftest import codes
from tests.payroll.files import (
    PROJECT,
    SUB,
    card,
    csv_bytes,
    person,
    resident_id,
    sheet_row,
    worker_row,
)

APRIL = dt.date(2026, 4, 9)
WRONG_CHECK = person(1)[:-1] + ("0" if person(1)[-1] != "0" else "1")
ROUNDED = person(1)[:15] + "000"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"idCardNumber": "3.30902E+17"}, "id-scientific"),
        ({"idCardNumber": ROUNDED}, "id-rounded"),
        ({"idCardNumber": "330902600601001"}, "id-15"),
        ({"idCardNumber": person(1)[:17]}, "id-length"),
        ({"idCardNumber": WRONG_CHECK}, "id-checksum"),
        ({"idCardNumber": "33090219800231001X"}, "id-date"),
        ({"idCardNumber": "33O902198001010011"}, "id-characters"),
        ({"idCardNumber": ""}, "id-missing"),
        ({"idCardNumber": person(99)}, "worker-unknown"),
        ({"idCardType": "会员卡"}, "id-type"),
        ({"workerName": ""}, "missing"),
        ({"workerName": "6222020"}, "name-text"),
        ({"payRollBankCardNumber": "6.22202E+18"}, "card-scientific"),
        (
            {"payRollBankCardNumber": card(1)[:-1] + str((int(card(1)[-1]) + 1) % 10)},
            "card-checksum",
        ),
        ({"payRollBankCardNumber": "6222020200123456000"}, "card-rounded"),
        ({"payRollBankCardNumber": "6222-x"}, "card-characters"),
        ({"totalPayAmount": "-1", "actualAmount": "-1"}, "amount-negative"),
        ({"totalPayAmount": "60000000", "actualAmount": "60000000"}, "amount-absurd"),
        ({"totalPayAmount": "六千"}, "amount-text"),
        ({"totalPayAmount": "6000.005", "actualAmount": "6000.005"}, "amount-decimals"),
        ({"actualAmount": "5900"}, "net-mismatch"),
        ({"actualAmount": ""}, "missing"),
        ({"days": "32"}, "days-absurd"),
        ({"workHours": "800"}, "hours-absurd"),
        ({"payMonth": "3月"}, "month-format"),
        ({"payMonth": "2026-13"}, "month-format"),
        ({"payMonth": "2026-05"}, "month-future"),
        ({"confirmedDate": "05/04/2026"}, "date-format"),
        ({"confirmedDate": "2026-02-30"}, "date-format"),
        ({"confirmedDate": "2026-05-01"}, "date-future"),
        ({"projectCode": "P000"}, "project-unknown"),
        ({"corpCode": SUB[:-1] + "0"}, "corp-code"),
        ({"isBackPay": "是", "backPayMonth": ""}, "back-month"),
        ({"isBackPay": "是", "backPayMonth": "2026-03"}, "back-month-late"),
        ({"isBackPay": "maybe"}, "choice"),
        ({"thirdPayRollCode": "x" * 51}, "text-long"),
    ],
)
def test_one_wrong_cell_is_named(city, changes, code):
    feed = city([sheet_row(0), sheet_row(1, **changes)], APRIL)
    assert feed.status == "rejected"
    assert code in codes(feed), codes(feed)
    issue = feed.issues.filter(code=code).first()
    assert issue.row == 3
    assert issue.column in changes or code.startswith("back-month")
    assert not Sheet.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {
            "idCardNumber": " "
            + person(1).translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
        },
        {"idCardNumber": "'" + person(1)},
        {"totalPayAmount": "￥6,000.00", "actualAmount": "６０００元"},
        {"payMonth": "2026年3月"},
        {"payMonth": "202603"},
        {"payMonth": "2026-03-01"},
        {"confirmedDate": "2026年4月5日"},
        {"confirmedDate": "2026/4/5"},
        {"confirmedDate": "20260405"},
        {"confirmedDate": "2026-04-05 08:30:00"},
        {"totalPayAmount": "6000.0000000001"},
        {"payRollBankCardNumber": f"{card(1)[:4]} {card(1)[4:]}"},
        {"payRollBankCardNumber": ""},
    ],
)
def test_what_is_right_in_another_spelling_is_taken(city, changes):
    feed = city([sheet_row(1, **changes)], APRIL)
    assert feed.status == "accepted", [(i.code, i.value) for i in feed.issues.all()]
    line = SheetLine.objects.get()
    assert (line.net, str(line.worked_month)) == (6000, "2026-03")
    if changes.get("confirmedDate"):
        assert line.confirmed_on == dt.date(2026, 4, 5)


def test_full_width_digits_are_a_hint(city):
    wide = person(1).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert "number-fullwidth" in codes(city([sheet_row(1, idCardNumber=wide)], APRIL), "hint")


def test_lower_case_x_and_districts_younger_than_their_people(city):
    serial = next(n for n in range(100) if resident_id(n, "19700101").endswith("X"))
    number = resident_id(serial, "19700101")  # 330902 was founded in 1987
    city([worker_row(50, idCardNumber=number)])
    feed = city([sheet_row(50, idCardNumber=number.lower())], APRIL)
    assert feed.status == "accepted", codes(feed)


@pytest.mark.parametrize(
    ("kind", "number", "name"),
    [
        ("10", "H12345678", "陈大文"),
        ("12", "01234567", "林志明"),
        ("护照", "E12345678", "Nguyễn Văn An"),
        ("01", resident_id(7), "买买提•阿不都热合曼"),
        ("01", resident_id(8), "𠮷田𣘺"),
    ],
)
def test_other_documents_and_names(city, kind, number, name):
    row = {"idCardType": kind, "idCardNumber": number, "workerName": name}
    assert city([worker_row(60, **row)]).status == "accepted"
    feed = city([sheet_row(60, **row)], APRIL)
    assert feed.status == "accepted", codes(feed)
    assert codes(feed, "hint") == []
    assert Worker.objects.filter(name=name.replace("•", "·")).exists()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(city, encoding, delimiter):
    feed = city(csv_bytes([sheet_row(1), sheet_row(2)], encoding, delimiter), APRIL)
    assert (feed.status, feed.accepted) == ("accepted", 2), codes(feed)
    assert codes(feed, "hint") == []


def test_numbers_never_stand_plain_in_issues(city):
    rows = [sheet_row(1, idCardNumber=WRONG_CHECK, workerName=WRONG_CHECK, teamName=person(2))]
    feed = city(rows, APRIL)
    said = " ".join(f"{i.value} {i.values}" for i in FeedIssue.objects.filter(feed=feed))
    assert WRONG_CHECK not in said and "3309**********" in said


def test_one_person_twice(city):
    feed = city([sheet_row(1), sheet_row(2), sheet_row(1, amount=100)], APRIL)
    assert codes(feed) == ["worker-twice"]
    issue = feed.issues.get()
    assert (issue.row, issue.values["other"]) == (4, 2)


def test_back_pay_beside_the_wage_of_the_month(city):
    back = sheet_row(1, amount=500, isBackPay="是", backPayMonth="2026-02")
    feed = city([sheet_row(1), back], APRIL)
    assert feed.status == "accepted", codes(feed)
    months = {str(line.worked_month) for line in SheetLine.objects.all()}
    assert (months, Sheet.objects.get().people) == ({"2026-02", "2026-03"}, 1)


def test_a_worker_of_another_employer(city):
    from tests.payroll.files import GENERAL

    feed = city([sheet_row(1, corpCode=GENERAL)], APRIL)
    assert codes(feed) == ["worker-elsewhere"]
    Engagement.objects.update(registered=False)
    assert codes(city([sheet_row(2)], APRIL)) == ["worker-elsewhere"]


def test_unknown_headings_are_named_and_missing_ones_too(city):
    feed = city([sheet_row(1) | {"血型": "A", "序号": "1"}], APRIL)
    assert feed.issues.get(code="columns-ignored").values == {"columns": "血型"}
    rows = [{k: v for k, v in sheet_row(2).items() if k != "actualAmount"}]
    feed = city(rows, APRIL, kind="payroll")
    assert (codes(feed), feed.issues.get().values["missing"]) == (["heading-missing"], "实发")
    assert codes(city(b"a,b,c\n1,2,3\n")) == ["kind-unknown"]
    assert codes(city([sheet_row(3)], kind="nonsense")) == ["kind-name"]


def test_errors_are_capped_and_counted(city):
    feed = city([sheet_row(1, actualAmount="x") for _ in range(1200)], APRIL)
    assert (feed.issues.filter(severity="error").count(), feed.issues_total) == (1000, 1200)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"\xef\xbb\xbf\r\n", "file-empty"),
        (b"%PDF-1.7 ...", "file-type"),
        (b"PK\x03\x04 cut off", "file-truncated"),
        (b"a,b\n\x81", "encoding-unknown"),
        ("projectCode,姓名".encode("utf-16")[:-1], "encoding-broken"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file-encrypted",
        ),
    ],
)
def test_files_that_cannot_be_read(city, content, code):
    feed = city(content, APRIL)
    assert (feed.status, codes(feed)) == ("rejected", [code])


def test_a_row_that_breaks_the_table(city):
    data = csv_bytes([sheet_row(1), sheet_row(2)]) + b"a," * 40 + b"\r\n"
    feed = city(data, APRIL)
    assert (codes(feed), feed.issues.get().row) == (["csv-broken"], 4)
    quote = csv_bytes([sheet_row(n % 10) for n in range(60)]) + b'"' + b"x" * 50
    assert codes(city(quote, APRIL)) == ["csv-broken"]


def test_a_lone_carriage_return_in_the_last_row(city):
    data = csv_bytes([sheet_row(1), sheet_row(2)]).rstrip(b"\r\n")
    assert "internal" not in codes(city(data + b"\rx", APRIL))


# workbooks


def workbook(rows, change=None, epoch=None) -> bytes:
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    if change:
        change(sheet)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def column(sheet, name: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == name)


def test_a_number_cell_that_excel_rounded(city):
    def change(sheet):
        sheet[f"{column(sheet, 'idCardNumber')}2"] = int(person(1)[:17] + "0")

    feed = city(workbook([sheet_row(1)], change), APRIL, "a.xlsx")
    assert codes(feed) == ["id-scientific"]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_date_cells_and_serials_of_both_calendars(city, epoch):
    serial = (dt.date(2026, 4, 5) - (dt.date(1904, 1, 1) if epoch else dt.date(1899, 12, 30))).days

    def change(sheet):
        letter = column(sheet, "confirmedDate")
        sheet[f"{letter}2"] = dt.date(2026, 4, 5)
        sheet[f"{letter}3"] = serial

    feed = city(workbook([sheet_row(1), sheet_row(2)], change, epoch), APRIL, "a.xlsx")
    assert feed.status == "accepted", codes(feed)
    days = SheetLine.objects.values_list("confirmed_on", flat=True)
    assert list(days) == [dt.date(2026, 4, 5)] * 2
    hint = feed.issues.get(code="date-serial")
    assert (hint.row, hint.values["date"]) == (3, "2026-04-05")


def test_a_formula_without_a_value(city):
    def change(sheet):
        sheet[f"{column(sheet, 'actualAmount')}3"] = "=1+1"

    feed = city(workbook([sheet_row(1), sheet_row(2)], change), APRIL, "a.xlsx")
    assert codes(feed) == ["formula-no-value"]
    assert feed.issues.get().row == 3


def test_hidden_rows_and_other_sheets_are_hints(city):
    def change(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.parent.create_sheet("说明")["A1"] = "请勿修改"

    feed = city(workbook([sheet_row(1), sheet_row(2)], change), APRIL, "a.xlsx")
    assert (feed.status, feed.accepted) == ("accepted", 2)
    assert sorted(codes(feed, "hint")) == ["rows-hidden", "sheet-ignored"]
    assert feed.issues.get(code="rows-hidden").values["rows"] == "3"


def test_block_title_and_total(city):
    rows = [
        {k: v for k, v in sheet_row(n).items() if k not in ("projectCode", "corpCode")}
        for n in (1, 2)
    ]

    def change(sheet):
        sheet.insert_rows(1, 3)
        sheet["A1"] = "2026年4月农民工工资支付表"
        sheet["A2"] = f"项目编码：{PROJECT}"
        sheet["A3"], sheet["C3"] = "统一社会信用代码", SUB
        sheet["A7"] = "合  计"
        sheet["J7"] = 1
        sheet["A8"] = "制表人：王"

    feed = city(workbook(rows, change), APRIL, "a.xlsx")
    assert codes(feed) == ["month-heading", "month-heading", "total-mismatch"]


def test_a_zip_bomb_and_a_lying_archive(city):
    good = workbook([sheet_row(1)])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in zipfile.ZipFile(io.BytesIO(good)).namelist():
            archive.writestr(name, zipfile.ZipFile(io.BytesIO(good)).read(name))
        archive.writestr("xl/media/zeros.bin", bytes(64 << 20))
    assert codes(city(bomb.getvalue(), APRIL, "a.xlsx")) == ["zip-bomb"]
    assert codes(city(good[: len(good) // 2], APRIL, "b.xlsx")) == ["file-truncated"]
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert codes(city(other.getvalue(), APRIL, "c.docx")) == ["file-type"]
