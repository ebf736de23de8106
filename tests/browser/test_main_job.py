"""The main job in a real browser, on the demo city: what an inspector and a contractor do."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from alerts.models import Notice, Warning
from payroll.models import Sheet
from payroll.template import HEADING_ROW
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SignIn = Callable[..., Page]


def no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def test_the_main_job(sign_in: SignIn, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Both on one city: to load it takes longest."""
    with subtests.test("an inspector issues a notice"):
        an_inspector_issues_a_notice(sign_in)
    with subtests.test("a contractor sends the missing sheet"):
        a_contractor_sends_the_missing_sheet(sign_in, tmp_path)


def an_inspector_issues_a_notice(sign_in: SignIn) -> None:
    page = sign_in("inspector")
    missed = Warning.objects.open().filter(rule="E1", folded_under=None, data_missing=False)
    warning = missed.select_related("project", "company").order_by("-amount")[0]
    others = Warning.objects.open().filter(folded_under=None).exclude(project=warning.project)

    page.fill("#id_q", warning.project.name)
    expect(page).to_have_url(re.compile(r"[?&]q="))
    expect(page.locator("#results")).to_contain_text(warning.project.name)
    for other in others.select_related("project"):
        expect(page.locator("#results table")).not_to_contain_text(other.project.name)
    page.reload()  # the filter is in the address
    expect(page.locator("#id_q")).to_have_value(warning.project.name)

    page.click(f"#results a.title[href$='/{warning.pk}/']")
    expect(page.locator("h1")).to_contain_text("整期工资未发")
    expect(page.locator("table.sum")).to_contain_text(f"{warning.amount:,.2f}")
    no_sideways_scroll(page)

    page.click("a:has-text('限期改正')")
    page.click("form[action$='/new/'] button.btn-primary")
    expect(page.locator("h1")).to_contain_text("限期改正指令书")
    notice = Notice.objects.get(warnings=warning)
    expect(page.locator(".under").first).to_contain_text(notice.document_number)

    answers: list[Any] = []
    page.context.on("response", lambda answer: answers.append(answer))
    with page.expect_popup() as opened:
        page.click("#open-pdf")
    opened.value.wait_for_load_state()
    shown = [a for a in answers if a.url.endswith(f"/notices/{notice.pk}/file/")]
    assert shown and shown[0].status == 200
    answer = page.request.get(page.locator("#open-pdf").get_attribute("href") or "")
    assert answer.headers["content-type"] == "application/pdf"
    pdf = answer.body()
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")
    assert warning.company.name in text
    assert f"{warning.amount:,.2f}" in text or f"{warning.amount:.2f}" in text

    page.click("form[action$='/verify/'] button")
    expect(page.locator("#verified .alert-success")).to_be_visible()


def a_contractor_sends_the_missing_sheet(sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("contractor", PHONE)
    warning = Warning.objects.open().get(rule="D1")
    page.click(f"#results a.title[href$='/{warning.pk}/']")
    no_sideways_scroll(page)
    page.click("aside a:has-text('报送工资表')")
    with page.expect_download() as taken:
        page.click("button:has-text('下载模板')")
    template = tmp_path / "template.xlsx"
    taken.value.save_as(template)

    fill(template, tmp_path / "bad.xlsx", spoil=True)
    page.set_input_files("#files", tmp_path / "bad.xlsx")
    sent = page.locator(".sent-one", has_text="bad.xlsx")
    expect(sent).to_contain_text("未入库")
    sent.locator("a").click()
    report = page.locator("section", has=page.locator("#issues"))
    expect(report.locator("tbody tr")).to_have_count(2)
    expect(report).to_contain_text(str(HEADING_ROW + 1))
    expect(report).to_contain_text("5899.00")  # what would be right
    no_sideways_scroll(page)
    with page.expect_download() as back:
        page.click("a[href$='/marked/']")
    back.value.save_as(tmp_path / "marked.xlsx")
    marked = load_workbook(tmp_path / "marked.xlsx").worksheets[0]
    assert marked.cell(HEADING_ROW + 1, 10).fill.fill_type == "solid"
    assert marked.cell(HEADING_ROW + 1, 10).comment
    due = {"project": warning.project, "employer": warning.company, "month": warning.month}
    assert not Sheet.objects.filter(**due).exists()

    fill(template, tmp_path / "good.xlsx")
    page.goto("/feeds/")
    page.set_input_files("#files", tmp_path / "good.xlsx")
    expect(page.locator(".sent-one", has_text="good.xlsx")).to_contain_text("已入库 ")
    warning.refresh_from_db()
    assert warning.status == "cleared"
    page.goto(f"/warnings/{warning.pk}/")
    expect(page.locator(".alert-success")).to_be_visible()
    assert Sheet.objects.get(**due).version == 1
    many_files(page, tmp_path)


def many_files(page: Page, folder: Path) -> None:
    """Each file has a row of its own; one that did not get through can be sent again."""
    page.goto("/feeds/")
    (folder / "notes.txt").write_text("no feed at all\n")
    page.route("**/feeds/send/", lambda route: route.abort(), times=1)
    page.set_input_files(
        "#files", [folder / "bad.xlsx", folder / "good.xlsx", folder / "notes.txt"]
    )
    cut = page.locator(".sent-one", has=page.locator("[data-again]:visible"))
    expect(cut).to_contain_text("未能发送")
    expect(page.locator(".sent-one")).to_have_count(3)
    cut.locator("[data-again]").click()
    expect(page.locator(".sent-one", has_text="bad.xlsx")).to_contain_text("已退回 ")
    expect(page.locator(".sent-one", has_text="good.xlsx")).to_contain_text("重复 ")
    expect(page.locator(".sent-one", has_text="notes.txt")).to_contain_text("已退回 ")
    no_sideways_scroll(page)


def fill(template: Path, to: Path, spoil: bool = False) -> None:
    """Days and sums for every worker of the template; spoilt, two cells of the first are wrong."""
    book = load_workbook(template)
    sheet = book.worksheets[0]
    row = HEADING_ROW + 1
    while sheet.cell(row, 5).value:
        for column, value in ((6, 20), (8, 6000), (9, 101), (10, 5899)):
            sheet.cell(row, column, value)
        row += 1
    total = next(r for r in range(row, sheet.max_row + 1) if sheet.cell(r, 1).value == "合计")
    people = row - HEADING_ROW - 1
    for column, value in ((8, 6000), (9, 101), (10, 5899)):
        sheet.cell(total, column, value * people)  # what Excel would have computed
    if spoil:
        sheet.cell(HEADING_ROW + 1, 10, 5900)
        sheet.cell(HEADING_ROW + 1, 6, 45)
        sheet.cell(total, 10, 5899 * people + 1)
    book.save(to)
