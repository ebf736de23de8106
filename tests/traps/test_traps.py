"""Each trap from its file to what its sender sees: report, JSON, page and marked copy."""

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from payroll import ingest
from payroll.checks.messages import MESSAGES
from payroll.marked import LIST, marked_copy
from payroll.models import Feed, FeedIssue, Sheet, SheetLine
from projects.access import Role
from projects.models import Company, Member
from tests.payroll.files import SUB, worker_row
from tests.traps import make
from tests.traps.catalogue import FILES, TRAPS, Trap

APRIL = dt.date(2026, 4, 9)


@pytest.fixture
def sender(city: Any) -> Any:
    """The subcontractor's clerk, and its workers with unusual numbers and names."""
    rows = [worker_row(60, payRollBankCardNumber="", **one) for one in make.REGISTERED]
    assert city(rows).status == "accepted"
    user = get_user_model().objects.create_user("sub")
    company = Company.objects.get(code=SUB)
    Member.objects.create(user=user, role=Role.SUB, company=company)
    return user, company


@pytest.mark.parametrize("trap", TRAPS, ids=str)
def test_trap(trap: Trap, city: Any, sender: Any) -> None:
    user, company = sender
    if trap.name.endswith(".xml"):  # a bank's, sent by the office
        user, company = get_user_model().objects.create_user("inspector"), None
        Member.objects.create(user=user, role=Role.INSPECTOR, region_id="330900")
    content = trap.content
    feed = city(content, APRIL, trap.name, sender=user, company=company)
    said = [(i.severity, i.code, i.row, i.column, i.value) for i in feed.issues.all()]
    assert (feed.status == Feed.Status.ACCEPTED) == trap.taken, said
    assert Sheet.objects.exists() == trap.taken
    assert b"".join(ingest.open_bytes(feed)) == content  # never lost
    if trap.taken:
        assert SheetLine.objects.count() == feed.rows == 2
    if not trap.code:
        assert said == []
        return
    severity = "hint" if trap.taken else "error"
    found = [one for one in said if one[1] == trap.code]
    assert (severity, trap.code, trap.row, trap.column, trap.value) in found, said
    issue = feed.issues.filter(code=trap.code, row=trap.row).first()
    _in_both_languages(trap, feed, user)
    _marked(trap, feed, issue)


def _in_both_languages(trap: Trap, feed: Feed, user: Any) -> None:
    page = Client()
    page.force_login(user)
    for language, words in (("zh-hans", trap.zh), ("en", trap.en)):
        with translation.override(language):
            report = ingest.report(feed)
        issues = report["hints" if trap.taken else "errors"]
        one = next(i for i in issues if i["code"] == trap.code and i["row"] == trap.row)
        assert words in one["message"] and "{" not in one["message"], one
        shown = page.get(f"/feeds/{feed.pk}/", headers={"Accept-Language": language})
        assert words in shown.content.decode(), (language, words)


def _marked(trap: Trap, feed: Feed, issue: FeedIssue) -> None:
    """The sender's own file back: the cell has its colour and the message as a comment."""
    with translation.override("zh-hans"):
        book = openpyxl.load_workbook(io.BytesIO(marked_copy(feed)))
    listed = [[cell.value for cell in row] for row in book[LIST].iter_rows(min_row=2)]
    assert any(trap.zh in row[5] and row[2] == trap.row for row in listed), listed
    if trap.row is None or len(book.sheetnames) == 1:
        return  # nothing of such a file can be shown
    sheet = book[book.sheetnames[0]]
    comments = [cell.comment.text for cell in sheet[trap.row] if cell.comment]
    assert any(trap.zh in text for text in comments), comments
    if trap.column:
        cells = [cell for cell in sheet[trap.row] if cell.comment and trap.zh in cell.comment.text]
        headings = {sheet.cell(n, cell.column).value for cell in cells for n in (1, 2)}
        assert trap.column in headings
        assert {cell.fill.fgColor.rgb for cell in cells} <= {"FFFF9A9A", "FFFFF2A8"}
    assert issue.value == trap.value


def test_every_file_is_a_trap_and_is_made_as_written() -> None:
    """The files in `files/` are those of `make`, and each is in the catalogue."""
    names = {path.name for path in FILES.iterdir()}
    assert names == set(make.files()) == {trap.name for trap in TRAPS if trap.made is None}
    assert {name: (FILES / name).read_bytes() for name in names} == make.files()
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_has_two_languages(code: str) -> None:
    text = MESSAGES[code]
    assert text.zh != text.en and any("\u4e00" <= sign <= "\u9fff" for sign in text.zh)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in text.en)
