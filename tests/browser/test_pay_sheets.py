"""A pay sheet from the first figure to the bank's payment list, on a phone and on a desk."""

import csv
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from lxml import etree
from playwright.sync_api import Browser, Download, Page, expect

from payroll.models import Confirmation, Review, Sheet
from payroll.payment_list import NAMESPACE
from projects.models import Company, Member
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_main_job import no_sideways_scroll
from tests.payroll.conftest import city as office
from tests.payroll.conftest import load
from tests.payroll.files import GENERAL, SUB, card, name, person
from tests.payroll.test_review import refused_by_the_schema
from wagewatch.months import Month

__all__ = ["load", "office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
NS = f"{{{NAMESPACE}}}"
Opened = Callable[..., Page]
NUMBERS = {name(n): person(n) for n in range(10)}


@pytest.fixture
def opened(
    transactional_db: None, live_server: Any, office: Any, chromium: Browser
) -> Iterator[Opened]:
    """A page in a browser of its own, signed in as a role of the company, or as nobody."""
    contexts, broken = [], []
    for role, code in (("sub", SUB), ("general", GENERAL)):
        user = User.objects.create_user(role)
        Member.objects.create(user=user, role=role, company=Company.objects.get(code=code))

    def page_of(role: str, size: Any) -> Page:
        context = chromium.new_context(
            viewport=size, locale="zh-CN", base_url=live_server.url, accept_downloads=True
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        if role:
            client = Client()
            client.force_login(User.objects.get(username=role))
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert not broken


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_sheet_from_entry_to_payment(opened: Opened, size: Any, tmp_path: Path) -> None:
    last = Month.of(timezone.localdate()) - 1
    sub = opened("sub", size)
    entered(sub, last - 1)
    copied(sub, last)
    confirmed(sub, opened("", PHONE))
    general = opened("general", size)
    returned(general, sub)
    paid(general, tmp_path)


def gross(page: Page) -> Any:
    return page.locator("input[name^=gross-]")


def choose(page: Page, month: Month) -> None:
    page.goto("/feeds/")
    page.click("nav.stages a:has-text('在线填报')")
    page.fill("input[name=month]", str(month))
    page.click("button:has-text('显示工人')")
    expect(gross(page)).to_have_count(10)
    no_sideways_scroll(page)


def entered(page: Page, month: Month) -> None:
    """A first sheet by hand: what is wrong is told at its cell, and nothing typed is lost."""
    choose(page, month)
    for n in range(10):
        page.locator("input[name^=days-]").nth(n).fill("22")
        gross(page).nth(n).fill(str(6000 + n))
    page.locator("input[name^=deductions-]").nth(0).fill("100.50")
    expect(page.locator("[data-net]").nth(0)).to_have_text("5899.50")
    expect(page.locator("[data-total]")).to_have_text("59944.50")
    gross(page).nth(1).fill("六千")
    page.locator("input[name^=days-]").nth(2).fill("45")
    page.click("button:has-text('保存并报送')")
    expect(page.locator(".alert-error")).to_contain_text("未保存任何数据")
    expect(page.locator("tr[data-row] .errorlist")).to_have_count(2)
    wrong = page.locator("[aria-invalid=true]")
    expect(wrong).to_have_count(2)
    assert [one.input_value() for one in wrong.all()] == ["六千", "45"]
    no_sideways_scroll(page)
    assert not Sheet.objects.exists()
    wrong.nth(0).fill("6001")
    wrong.nth(1).fill("21")
    page.click("button:has-text('保存并报送')")
    expect(page.locator(".alert-success")).to_contain_text("已入库 10 行")
    no_sideways_scroll(page)
    sheet = Sheet.objects.get()
    assert (sheet.month, sheet.people, sheet.net) == (month, 10, Decimal("59944.50"))


def copied(page: Page, month: Month) -> None:
    """The next month stands there as the last one; one sum is changed."""
    choose(page, month)
    assert [one.input_value() for one in gross(page).all()] == [f"{6000 + n}.00" for n in range(10)]
    gross(page).nth(9).fill("7000")
    page.click("button:has-text('保存并报送')")
    page.locator("a:has-text('本人确认与审核')").click()
    expect(page.locator("h1")).to_contain_text(str(month))
    no_sideways_scroll(page)
    page.click("a:has-text('工人确认链接')")
    expect(page.locator("svg.qr")).to_have_count(10)
    no_sideways_scroll(page)


def confirmed(sub: Page, phone: Page) -> None:
    """Two workers open their links: one confirms, one objects."""
    links = [link.get_attribute("href") for link in sub.locator("a[href*='/c/']").all()]
    who = sub.locator("table.list .title").all_inner_texts()
    for n, (worker, link) in enumerate(zip(who[:2], links[:2], strict=True)):
        phone.goto(link)
        expect(phone.locator("body")).not_to_contain_text(worker)
        phone.fill("#last_four", "0000")
        phone.click("button:has-text('继续')")
        expect(phone.locator(".alert-error")).to_be_visible()
        phone.fill("#last_four", NUMBERS[worker][-4:].lower())
        phone.click("button:has-text('继续')")
        expect(phone.locator("h1")).to_have_text(worker)
        expect(phone.locator(".confirm-sum")).to_have_text("5,899.50" if n == 0 else "6,001.00")
        no_sideways_scroll(phone)
        if n == 0:
            phone.click("button[value=confirmed]")
        else:
            phone.click("summary")
            phone.fill("#text", "少算两天")
            phone.click("button[value=disputed]")
        expect(phone.locator(".alert-success")).to_be_visible()
        phone.goto(link)
        expect(phone.locator("#last_four")).to_have_count(0)
    found = Confirmation.objects.order_by("pk").values_list("verdict", "text")
    assert [verdict for verdict, _ in found] == ["confirmed", "disputed"]
    assert found[1][1] == "少算两天"


def returned(general: Page, sub: Page) -> None:
    """Returned with remarks, corrected on line; the new version is approved."""
    general.goto("/sheets/")
    rows = general.locator("table.list tbody tr")
    expect(rows).to_have_count(2)
    no_sideways_scroll(general)
    rows.nth(0).locator("a").first.click()
    expect(general.locator("body")).to_contain_text("少算两天")
    general.click("button[value=return]")
    expect(general.locator(".alert-error")).to_be_visible()
    general.fill("#remarks", "钱安一的天数请核对")
    general.click("button[value=return]")
    expect(general.locator(".alert-success")).to_be_visible()
    no_sideways_scroll(general)

    sub.goto("/sheets/?standing=returned")
    expect(sub.locator("table.list")).to_contain_text("钱安一的天数请核对")
    sub.locator("table.list tbody a").first.click()
    expect(sub.locator("button[value=approve]")).to_have_count(0)
    sub.click("a:has-text('在线更正')")
    expect(gross(sub).nth(9)).to_have_value("7000.00")
    gross(sub).nth(1).fill("6500")
    sub.click("button:has-text('保存并报送')")
    expect(sub.locator(".alert-success")).to_contain_text("已入库 10 行")

    general.goto("/sheets/")
    rows.nth(0).locator("a").first.click()
    expect(general.locator(".under").first).to_contain_text("v2")
    general.click("button[value=approve]")
    expect(general.locator("#pay")).to_be_visible()
    no_sideways_scroll(general)
    assert Review.objects.get(sheet__version=2).status == Review.Status.APPROVED


def paid(page: Page, folder: Path) -> None:
    """Both lists name ten payments of the approved version, and each download is recorded."""

    def taken(form: str) -> bytes:
        with page.expect_download() as waited:
            page.click(f"button[name=form][value={form}]")
        got: Download = waited.value
        got.save_as(folder / form)
        return (folder / form).read_bytes()

    xml = taken("xml")
    assert refused_by_the_schema(xml) == ""
    root = etree.fromstring(xml)
    amounts = [Decimal(one.text) for one in root.iter(f"{NS}InstdAmt")]
    total = Decimal("5899.50") + 6500 + sum(6000 + n for n in range(2, 9)) + 7000
    assert (len(amounts), sum(amounts)) == (10, total)
    head = root.find(f".//{NS}GrpHdr")
    assert (head.findtext(f"{NS}NbOfTxs"), head.findtext(f"{NS}CtrlSum")) == ("10", f"{total}")
    page.reload()
    rows = list(csv.reader(io.StringIO(taken("csv").decode("utf-8-sig"))))
    assert {(row[1], row[2]) for row in rows[1:]} == {(name(n), card(n)) for n in range(10)}
    assert [Decimal(row[4]) for row in rows[1:]] == amounts
    page.reload()
    expect(page.locator("#pay").locator("xpath=ancestor::section").locator("li")).to_have_count(2)
    no_sideways_scroll(page)
