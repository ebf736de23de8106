"""The demo city behind a live server, and a headless Chromium in front of it."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from alerts.simulation import demo
from alerts.simulation.plants import PLANTS

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
DESK, PHONE = {"width": 1366, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    # Playwright's loop runs in this thread, which Django takes for asynchronous code: it must be
    # allowed, and gets a connection of its own that knows nothing of what migrations loaded.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    loaded = connection._test_serialized_contents  # type: ignore[attr-defined]
    with sync_playwright() as playwright:
        connection._test_serialized_contents = loaded  # type: ignore[attr-defined]
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def city(transactional_db: None, live_server: Any, settings: Any, tmp_path: Path) -> str:
    """The demo, with two sites for each kind of violation. Gives the server's address."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    sites = 3 * len(PLANTS) + 1
    call_command("demo", projects=sites, workers=10 * sites, months=3, stdout=io.StringIO())
    return str(live_server.url)


@pytest.fixture
def sign_in(chromium: Browser, city: str, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own, signed in through the form; broken scripts fail the test."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def signed_in(name: str, size: Any = None) -> Page:
        context = chromium.new_context(
            viewport=size or DESK, locale="zh-CN", accept_downloads=True, base_url=city
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto("/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", demo.password(tmp_path))
        page.click("button:has-text('登录')")
        page.wait_for_url("**/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert not broken
