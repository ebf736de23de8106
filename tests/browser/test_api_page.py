"""The page to read and try the REST interface: with a token, and without the internet."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect

from projects import tokens
from projects.models import Company, Member
from tests.browser.conftest import DESK
from tests.browser.test_pay_sheets import load, office
from tests.payroll.files import PROJECT, SUB

__all__ = ["load", "office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_page_answers_and_asks_nobody_else(
    transactional_db: None, live_server: Any, office: Any, chromium: Browser
) -> None:
    user = User.objects.create_user("sub")
    Member.objects.create(user=user, role="sub", company=Company.objects.get(code=SUB))
    _token, text = tokens.issue(user, "program", may_write=False, days=30)
    context = chromium.new_context(viewport=DESK, base_url=live_server.url)
    page = context.new_page()
    asked: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto("/api/")
    page.click("button.authorize")
    page.fill(".auth-container input", text)
    page.click(".auth-container button.authorize")
    page.click(".auth-container button.btn-done")
    one = page.locator("#operations-v1-v1_projects_list, [id$=projects_list]").first
    one.locator("button").first.click()
    one.locator("button.try-out__btn").click()
    one.locator("button.execute").click()
    answer = one.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer).to_contain_text(PROJECT)
    context.close()
    assert not broken
    away = [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))]
    assert asked and not away
