"""Pay sheets as companies have them: old Excel, several months, cash, and their own headings."""

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client

from payroll import mapping
from payroll.models import ColumnMap, Feed, Sheet, SheetLine
from projects.models import Company, Member
from tests.payroll.conftest import codes
from tests.payroll.files import PROJECT, SUB, card, name, person, sheet_row
from wagewatch.models import AuditEntry

APRIL = dt.date(2026, 4, 9)
XLS = (Path(__file__).parent / "files" / "two_months.xls").read_bytes()


def test_an_old_excel_file_with_two_months(city):
    feed = city(XLS, APRIL, "工资.xls")
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "payroll", 5), codes(feed)
    found = {str(s.month): (s.people, s.net) for s in Sheet.objects.all()}
    assert found == {"2026-03": (3, 17400), "2026-02": (2, 10100)}
    line = SheetLine.objects.get(is_cash=True)
    assert (line.cash_reason, line.card_hash, line.net) == ("本人无银行卡", None, 5500)


def merged_headings() -> openpyxl.Workbook:
    """As companies print them: a merged title, a merged block, and headings of two rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2026年3月农民工工资支付表"])
    block = [f"项目编码：{PROJECT}", f"企业统一社会信用代码：{SUB}", "所属月份：2026-03"]
    sheet.append([block[0], "", "", block[1], "", "", block[2]])
    sheet.append(["序号", "姓名", "身份证号", "工资（元）", "", "", "扣除", "实发", "工资卡号"])
    sheet.append(["", "", "", "基本工资", "加班工资", "应发", "", "", ""])
    for n in range(3):
        sums = [5000, 1000 + n, 6000 + n, 0, 6000 + n]
        sheet.append([str(n + 1), name(n), person(n), *sums, card(n)])
    sheet.append(["合计", "", "", 15000, 3003, 18003, 0, 18003])
    for place in ("A1:I1", "A2:C2", "D2:F2", "G2:I2", "D3:F3"):
        sheet.merge_cells(place)
    for column in "ABCGHI":
        sheet.merge_cells(f"{column}3:{column}4")
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_merged_headings_of_two_rows(city):
    feed = city(saved(merged_headings()), APRIL, "三月.xlsx")
    assert (feed.status, feed.accepted) == ("accepted", 3), codes(feed)
    assert list(SheetLine.objects.order_by("row").values_list("gross", "net")) == [
        (6000 + n, 6000 + n) for n in range(3)
    ]
    assert [issue.values["columns"] for issue in feed.issues.all()] == ["基本工资、加班工资"]


def test_the_rows_below_merged_headings_keep_their_numbers_and_total(city):
    book = merged_headings()
    book.active["F6"], book.active["F8"] = 7000, 18003
    feed = city(saved(book), APRIL, "三月.xlsx")
    found = {(i.code, i.row, i.column) for i in feed.issues.filter(severity="error")}
    assert found == {("net-mismatch", 6, "实发"), ("total-mismatch", 8, "应发")}


def test_a_row_of_words_below_the_headings_is_no_second_heading(city):
    book = merged_headings()
    sheet = book.active
    sheet.unmerge_cells("D3:F3")
    for column in "ABCGHI":
        sheet.unmerge_cells(f"{column}3:{column}4")
    for column, text in enumerate(["序号", "姓名", "身份证号", "甲", "乙", "应发"], start=1):
        sheet.cell(3, column, text)
    for column, text in enumerate(["", "张三", "无", "", "", "无", "", "无"], start=1):
        sheet.cell(4, column, text or None)
    feed = city(saved(book), APRIL, "三月.xlsx")
    assert {i.row for i in feed.issues.filter(severity="error")} == {4}


def test_an_old_excel_file_with_a_password_is_told_so(city):
    """A FILEPASS record after the first BOF is how BIFF8 says that what follows is encrypted."""
    at = XLS.index(b"\x09\x08\x10\x00\x00\x06") + 20
    rest = XLS[at + 58 : at + 116]  # within the 112 bytes of WRITEACCESS
    sealed = XLS[:at] + b"\x2f\x00\x36\x00\x01\x00" + b"\x5a" * 52 + rest + XLS[at + 116 :]
    assert len(sealed) == len(XLS)
    feed = city(sealed, APRIL, "密码.xls")
    assert (feed.status, codes(feed)) == ("rejected", ["file-encrypted"])


def test_cash_needs_a_reason_and_a_card_is_a_hint(city):
    feed = city([sheet_row(0, payChannel="现金", cashReason="")], APRIL)
    assert codes(feed) == ["cash-reason"]
    feed = city([sheet_row(0, payChannel="现金", cashReason="卡丢失")], APRIL)
    assert feed.status == "accepted" and codes(feed, "hint") == ["cash-card"]
    feed = city([sheet_row(1, payChannel="微信")], APRIL)
    assert codes(feed) == ["choice"]


def test_back_pay_and_several_months_in_one_file(city):
    rows = [
        sheet_row(0, "2026-02", 5000),
        sheet_row(0, "2026-03"),
        sheet_row(1, "2026-03", 800, isBackPay="是", backPayMonth="2026-02"),
    ]
    feed = city(rows, APRIL)
    assert feed.status == "accepted", codes(feed)
    assert sorted(str(s.month) for s in Sheet.objects.all()) == ["2026-02", "2026-03"]
    line = SheetLine.objects.get(is_back_pay=True)
    assert (str(line.worked_month), str(line.sheet.month)) == ("2026-02", "2026-03")


def own_layout(title: str = "2026年3月份工资发放表", amount: int = 6000) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([title])
    sheet.append(
        ["序号", "员工", "公民身份号码", "出工天数", "应付工资", "代扣款", "实领", "收款账号"]
    )
    for n in range(3):
        sheet.append([n + 1, name(n), person(n), 22, amount, 100, amount - 100, card(n)])
    sheet.append(["合计", "", "", "", 3 * amount, 300, 3 * (amount - 100)])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


@pytest.fixture
def company(city) -> Client:
    user = User.objects.create_user("sub")
    Member.objects.create(user=user, role="sub", company=Company.objects.get(code=SUB))
    client = Client()
    client.force_login(user)
    return client


def sent(company: Client, content: bytes, filename: str = "工资.xlsx") -> Feed:
    file = io.BytesIO(content)
    file.name = filename
    company.post("/feeds/send/", {"files": [file]})
    return Feed.objects.order_by("-pk").first()


def test_a_layout_of_ones_own_is_assigned_once(company, city):
    feed = sent(company, own_layout())
    assert feed.status == "rejected" and mapping.may_map(feed)
    assert f"/feeds/{feed.pk}/columns/" in company.get(f"/feeds/{feed.pk}/").content.decode()
    guesses = mapping.suggest(feed).guesses
    assert {k: guesses[k] for k in guesses} == {
        "workerName": "员工", "idCardNumber": "公民身份号码", "days": "出工天数",
        "totalPayAmount": "应付工资", "deductions": "代扣款", "actualAmount": "实领",
        "payRollBankCardNumber": "收款账号",
    }  # fmt: skip
    page = company.get(f"/feeds/{feed.pk}/columns/")
    assert page.status_code == 200 and person(0) not in page.content.decode()
    answer = company.post(
        f"/feeds/{feed.pk}/columns/", guesses | {"_project": PROJECT, "_employer": SUB}
    )
    again = Feed.objects.order_by("-pk").first()
    assert answer.url == f"/feeds/{again.pk}/" and again.pk != feed.pk
    assert again.status == "accepted", codes(again)
    assert Sheet.objects.get().net == 3 * 5900
    assert AuditEntry.objects.filter(act="column-map-saved").count() == 1
    following = sent(company, own_layout("2026年4月份工资发放表", 6100))
    assert following.status == "accepted", codes(following)
    assert {str(s.month) for s in Sheet.objects.all()} == {"2026-03", "2026-04"}


def test_a_map_without_a_required_field_is_not_saved(company, city):
    feed = sent(company, own_layout())
    answer = company.post(f"/feeds/{feed.pk}/columns/", {"workerName": "员工"})
    assert answer.status_code == 400 and not ColumnMap.objects.exists()


def test_another_companys_map_is_not_used(company, city):
    headings = {"workerName": "员工", "idCardNumber": "公民身份号码", "totalPayAmount": "应付工资"}
    other = Company.objects.exclude(code=SUB).first()
    ColumnMap.objects.create(
        kind="payroll", name="x", company=other, headings=headings | {"actualAmount": "实领"}
    )
    assert sent(company, own_layout()).status == "rejected"


HEADS = ["序号", "姓名", "身份证号", "出勤天数", "应发", "扣除", "实发", "工资卡号"]


def stacked(*blocks: tuple[str, list[int], int]) -> bytes:
    """Tables below each other, each with its block, a total row and a line for signatures."""
    book = openpyxl.Workbook()
    sheet = book.active
    for month, people, total in blocks:
        if month:
            sheet.append([f"{month[:4]}年{int(month[5:])}月农民工工资支付表"])
            sheet.append(["项目编码", "", PROJECT, "", "统一社会信用代码", "", SUB])
            sheet.append(["所属月份", "", month])
        sheet.append(HEADS)
        for n in people:
            sheet.append([n + 1, name(n), person(n), 22, 6000, 0, 6000, card(n)])
        if total:
            sheet.append(["合计", "", "", "", total, 0, total])
            sheet.append(["制表人：", "", "审核："])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_several_months_below_each_other_in_one_sheet(city):
    data = stacked(("2026-02", [0, 1], 12000), ("2026-03", [0, 1, 2], 18000))
    feed = city(data, APRIL, "两个月.xlsx")
    assert feed.status == "accepted", codes(feed)
    found = {str(s.month): (s.people, s.net) for s in Sheet.objects.all()}
    assert found == {"2026-02": (2, 12000), "2026-03": (3, 18000)}


def test_a_wrong_total_of_the_second_table_is_told_with_its_row(city):
    data = stacked(("2026-02", [0, 1], 12000), ("2026-03", [0, 1, 2], 17000))
    feed = city(data, APRIL, "两个月.xlsx")
    assert set(codes(feed)) == {"total-mismatch"}
    assert {issue.row for issue in feed.issues.filter(severity="error")} == {16}


def test_headings_repeated_on_each_page_go_on_with_the_same_table(city):
    data = stacked(("2026-03", [0, 1], 0), ("", [2, 3], 0), ("", [4], 30000))
    feed = city(data, APRIL, "分页.xlsx")
    assert feed.status == "accepted", codes(feed)
    assert (Sheet.objects.get().people, Sheet.objects.get().net) == (5, 30000)
