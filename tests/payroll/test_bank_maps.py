"""Column maps: a bank's own headings, dates, amounts and directions, without code."""

import datetime as dt
import io
import logging

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll import column_maps, feeds
from payroll.checks.issues import Issues, Unreadable
from payroll.models import BankEntry, ColumnMap
from tests.payroll.conftest import codes
from tests.payroll.files import (
    ACCOUNT,
    OWNER_NAME,
    bank_row,
    card,
    credit_code,
    csv_bytes,
    name,
    sheet_row,
)
from wagewatch.models import AuditEntry

DAY = dt.date(2026, 4, 20)
COMMON = {
    "accountNo": "本户账号", "bookedAt": "记账日", "reference": "核心流水", "purpose": "摘要信息",
    "counterpartyName": "对手名称", "counterpartyAccount": "对手账号",
}  # fmt: skip


def saved(headings, options=None, **fields):
    made = ColumnMap(
        name=fields.pop("name", "甬商银行"), kind="bank", headings=COMMON | headings,
        options=options or {}, **fields,
    )  # fmt: skip
    assert column_maps.problems(made.kind, made.headings, made.options) == []
    return column_maps.save_map(made, user=None)


def row(reference, n=None, **cells):
    return {
        "本户账号": ACCOUNT, "记账日": "2026-04-15", "核心流水": reference, "摘要信息": "工资",
        "对手名称": OWNER_NAME if n is None else name(n),
        "对手账号": "330900900000000088" if n is None else card(n),
    } | cells  # fmt: skip


def found():
    return {
        e.reference: (e.kind, e.is_credit, str(e.amount), str(e.booked_on))
        for e in BankEntry.objects.filter(is_return=False)
    }


def test_without_a_map_the_headings_are_missing(city):
    feed = city([row("R1", 1, 金额=1)], DAY, kind="bank")
    assert codes(feed) == ["heading-missing"]


def test_words_for_the_direction_and_other_dates(city):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    saved(
        {"amount": "交易额", "direction": "收付", "status": "结果", "returnReason": "失败原因"},
        {
            "date_format": "%d/%m/%Y", "debit_words": ["往账"], "credit_words": ["来账"],
            "booked_words": ["OK"], "returned_words": ["失败退回"],
        },
    )  # fmt: skip
    rows = [
        row("R1", None, 交易额="900,000.50", 收付="来账", 记账日="14/04/2026", 结果="OK"),
        row("R2", 1, 交易额="￥6,000.00", 收付="往账", 记账日="15/04/2026", 结果="ok"),
        row("R3", 2, 交易额="6000", 收付="往账", 记账日="15/04/2026", 结果="失败退回"),
    ]
    rows = [one | {"失败原因": "户名不符" if one["核心流水"] == "R3" else ""} for one in rows]
    feed = city(csv_bytes(rows, "gb18030"), DAY)
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "bank", 3), codes(feed)
    assert found() == {
        "R1": ("owner", True, "900000.50", "2026-04-14"),
        "R2": ("wage", False, "6000.00", "2026-04-15"),
        "R3": ("wage", False, "6000.00", "2026-04-15"),
    }
    back = BankEntry.objects.get(is_return=True)
    assert (back.reference, back.is_credit, back.return_reason) == ("R3", True, "户名不符")


def test_a_debit_and_a_credit_column(city):
    saved({"debit": "支出金额", "credit": "收入金额"}, {"sign": "columns"})
    rows = [
        row("R1", None, 支出金额="0.00", 收入金额="1,234.00"),
        row("R2", 1, 支出金额="6000", 收入金额=""),
        row("R3", 1, 支出金额="-6000", 收入金额=""),
    ]
    feed = city(rows, DAY)
    assert feed.status == "accepted", codes(feed)
    assert [(k, v[1], v[2]) for k, v in sorted(found().items())] == [
        ("R1", True, "1234.00"), ("R2", False, "6000.00"), ("R3", True, "6000.00"),
    ]  # fmt: skip
    feed = city([row("R4", 1, 支出金额="5", 收入金额="6")], DAY)
    assert codes(feed) == ["amount-both-sides"]
    feed = city([row("R5", 1, 支出金额="", 收入金额="")], DAY)
    issue = feed.issues.get()
    assert (issue.code, issue.column, issue.row) == ("missing", "支出金额/收入金额", 2)


@pytest.mark.parametrize(("negative", "credit"), [("debit", False), ("credit", True)])
def test_a_signed_amount_with_decimal_commas(city, negative, credit):
    options = {"sign": "signed", "decimal": ",", "negative": negative}
    saved({"amount": "发生"}, options)
    feed = city(csv_bytes([row("R1", 1, 发生="-1.234.567,89")], delimiter=";"), DAY)
    assert feed.status == "accepted", codes(feed)
    assert found()["R1"][1:3] == (credit, "1234567.89")


def test_the_account_above_the_table_and_a_total_row_below(city):
    saved({"amount": "发生", "direction": "收付"})
    text = (
        f"甬商银行交易明细\n本户账号：{ACCOUNT}\n记账日,核心流水,收付,发生,对手名称,对手账号\n"
        f"20260415,R1,借,\"6,000.00\",{name(1)},{card(1)}\n合计,,,\"6,000.00\",,\n"
    )  # fmt: skip
    feed = city(text.encode("gb18030"), DAY)
    assert feed.status == "accepted", codes(feed)
    assert found()["R1"][1:] == (False, "6000.00", "2026-04-15")


def test_what_a_cell_has_wrong_is_said_in_the_banks_own_words(city):
    saved({"amount": "交易额", "direction": "收付"}, {"date_format": "%d/%m/%Y"})
    feed = city([row("R1", 1, 交易额="六千", 收付="不明", 记账日="2026年")], DAY)
    said = {(i.code, i.column, i.row) for i in feed.issues.filter(severity="error")}
    assert said == {
        ("amount-text", "交易额", 2), ("choice", "收付", 2), ("date-format", "记账日", 2),
    }  # fmt: skip


def test_standard_headings_come_first_and_inactive_maps_never(city):
    saved({"amount": "金额", "direction": "借贷标志"}, name="别家")
    assert city([bank_row("A1", 1)], DAY).status == "accepted"
    ColumnMap.objects.update(active=False)
    feed = city([row("R1", 1, 金额="1", 借贷标志="D")], DAY, kind="bank")
    assert codes(feed) == ["heading-missing"]


def test_of_several_maps_the_one_that_fits_best(city):
    saved({"amount": "发生", "direction": "收付"}, {"debit_words": ["错"]}, name="甲")
    saved(
        {"amount": "发生", "direction": "收付", "status": "结果"},
        {"debit_words": ["付款"], "booked_words": ["完成"]},
        name="乙",
    )
    feed = city([row("R1", 1, 发生="1", 收付="付款", 结果="完成")], DAY)
    assert feed.status == "accepted", codes(feed)


def test_a_companys_map_is_not_anothers(city):
    from projects.models import Company

    mine = Company.objects.create(code=credit_code(88), name="示例建筑有限公司")
    saved({"amount": "发生", "direction": "收付"}, company=mine)
    rows = [row("R1", 1, 发生="1", 收付="借")]
    assert city(rows, DAY, kind="bank").status == "rejected"
    assert city(rows, DAY, kind="bank", company=mine).status == "accepted"


@pytest.mark.parametrize(
    ("headings", "options", "said"),
    [
        ({"amount": "a"}, {}, "direction"),
        ({"amount": "a", "direction": "b"}, {"sign": "columns"}, "debit"),
        ({"amount": "a", "direction": "b", "odd": "c"}, {}, "odd"),
        ({"amount": "a"}, {"sign": "guess"}, "sign"),
        ({"amount": "a"}, {"sign": "signed", "decimal": "'"}, "decimal"),
        ({"amount": "a", "direction": "b"}, {"debit_words": "D"}, "debit_words"),
    ],
)
def test_what_a_map_lacks(headings, options, said):
    assert said in "".join(column_maps.problems("bank", COMMON | headings, options))


@pytest.mark.parametrize("headings", [{}, {"amount": ""}, {"amount": [3]}, [], {"amount": []}])
def test_headings_are_texts(db, headings):
    with pytest.raises(ValidationError):
        column_maps.save_map(ColumnMap(name="x", kind="payroll", headings=headings), user=None)


def test_an_administrator_adds_one_in_the_browser(city, client):
    user = get_user_model().objects.create_superuser("root", password="long enough 9")
    client.force_login(user)
    page = client.get(reverse("admin:payroll_columnmap_add"))
    assert page.status_code == 200 and "核心流水" not in page.content.decode()
    data = {
        "name": "甬商银行", "kind": "bank", "bank_code": "102", "active": "on",
        "columns": "\n".join(f"{k} = {v}" for k, v in (COMMON | {"amount": "发生"}).items()),
        "sign": "signed", "negative": "debit", "decimal": ".", "date_format": "%Y%m%d",
        "debit_words": "", "credit_words": "", "booked_words": "成功 完成", "returned_words": "",
    }  # fmt: skip
    wrong = client.post(reverse("admin:payroll_columnmap_add"), data | {"sign": "direction"})
    assert wrong.status_code == 200 and not ColumnMap.objects.exists()
    assert client.post(reverse("admin:payroll_columnmap_add"), data).status_code == 302
    made = ColumnMap.objects.get()
    assert made.headings == {k: [v] for k, v in (COMMON | {"amount": "发生"}).items()}
    assert made.options["booked_words"] == ["成功", "完成"]
    assert AuditEntry.objects.filter(act="save_column_map", user=user).count() == 1
    feed = city([row("R1", 1, 发生="-6000", 记账日="20260415")], DAY)
    assert feed.status == "accepted", codes(feed)
    change = reverse("admin:payroll_columnmap_change", args=[made.pk])
    assert "核心流水" in client.get(change).content.decode()
    gone = client.post(reverse("admin:payroll_columnmap_delete", args=[made.pk]), {"post": "yes"})
    assert gone.status_code == 302 and not ColumnMap.objects.exists()
    assert AuditEntry.objects.filter(act="delete_column_map").count() == 1


MAP = ColumnMap(
    kind="bank", headings=COMMON | {"debit": "支出", "credit": "收入"},
    options={"sign": "columns", "date_format": "%d.%m.%y", "decimal": ","},
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), min_size=8, max_size=8), max_size=5))
def test_any_cells_are_read_or_refused(cells):
    heading = ",".join([*COMMON.values(), "支出", "收入"])
    text = "\n".join([heading, *(",".join(line) for line in cells)])
    logging.disable(logging.CRITICAL)
    source = feeds.Source(io.BytesIO(text.encode("utf-8", "replace")), "x.csv")
    source.maps = [MAP]
    try:
        reader = feeds.detect(source)
        for chunk in reader.read(source, Issues()):
            assert set(chunk.frame["direction"]) <= {"D", "C"}
    except Unreadable:
        pass
    finally:
        logging.disable(logging.NOTSET)
