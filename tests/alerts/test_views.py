"""Every page against every role: seen, 404 (another's thing), 403 (not a page for the role)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from alerts import papers
from alerts.models import Notice
from payroll import ingest
from payroll.gateway import keys
from payroll.models import ComplaintFile, Sheet, Terminal
from projects import tokens
from tests import society, ui_city
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db

AUTHORITIES = {"inspector", "regulator", "government"}
OF_A = AUTHORITIES | {"general_a", "sub_a", "owner_a"}
OUTSIDERS = {"inspector_b", "regulator_b", "general_b", "sub_b", "owner_b"}
EVERYBODY = OF_A | OUTSIDERS
OWNERS = {"owner_a", "owner_b"}
INSPECTORS = {"inspector", "inspector_b"}
GENERALS = {"general_a", "general_b"}
EMPLOYERS = GENERALS | {"sub_a", "sub_b"}
SUBS = {"sub_a", "sub_b"}
COMPANIES = EMPLOYERS | OWNERS
PUBLIC = {"confirm", "gateway"}  # for a worker who holds the link, a program that signs
PUBLIC |= {"complain", "complain-sites", "complain-lookup"}  # for any worker
APART = {"calendar", "calendar-enter"}  # for members and staff: tests of the calendar
OFFICES = AUTHORITIES | {"inspector_b", "regulator_b"}
LISTS = (EVERYBODY, EVERYBODY)

# name -> (roles that the page is for, those of them that see site A's thing)
PAGES: dict[str, tuple[set[str], set[str]]] = {
    "desk": LISTS,
    "desk-export": LISTS,
    "projects": LISTS,
    "notices": LISTS,
    "warning": (EVERYBODY, OF_A),
    "project": (EVERYBODY, OF_A),
    "cycle": (EVERYBODY, OF_A),
    "notice": (EVERYBODY, OF_A),
    "notice-file": (EVERYBODY, OF_A),
    "notice-verify": (EVERYBODY, OF_A),
    "notice-new": (INSPECTORS, {"inspector"}),
    "warning-dismiss": (INSPECTORS, {"inspector"}),
    "warning-restore": (INSPECTORS, {"inspector"}),
    "warning-answer": (COMPANIES, {"general_a", "sub_a", "owner_a"}),
    "answers": LISTS,
    "answer-withdraw": (COMPANIES, {"sub_a"}),
    "answer-decide": (INSPECTORS, {"inspector"}),
    "answer-file": (EVERYBODY, AUTHORITIES | {"sub_a"}),
    "cases": (OFFICES, OFFICES),
    "cases-export": (OFFICES, OFFICES),
    "case-new": (INSPECTORS, {"inspector"}),
    "case": (OFFICES, AUTHORITIES),
    "case-act": (INSPECTORS | {"regulator", "regulator_b"}, {"inspector"}),
    "oversight": (OFFICES, OFFICES),
    "rules": LISTS,
    "rule": LISTS,
    "parameter-set": (INSPECTORS, INSPECTORS),
    "parameter-withdraw": (INSPECTORS, {"inspector"}),
    "forecasts": (EVERYBODY - SUBS, EVERYBODY - SUBS),
    "forecast-export": (EVERYBODY - SUBS, EVERYBODY - SUBS),
    "forecast": (EVERYBODY - SUBS, OF_A - SUBS),
    "forecast-accuracy": (INSPECTORS, INSPECTORS),
    "forecast-measure": (INSPECTORS, INSPECTORS),
    "backtests": (INSPECTORS, INSPECTORS),
    "backtest-ask": (INSPECTORS, INSPECTORS),
    "backtest": (INSPECTORS, {"inspector"}),
    "backtest-progress": (INSPECTORS, {"inspector"}),
    "backtest-export": (INSPECTORS, {"inspector"}),
    "tokens": LISTS,
    "token-revoke": (EVERYBODY, {"general_a"}),
    "worker-number": (INSPECTORS, {"inspector"}),
    "feeds": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "feed-send": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "feed-health": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "feed": (EVERYBODY - OWNERS, AUTHORITIES | {"sub_a"}),
    "feed-progress": (EVERYBODY - OWNERS, AUTHORITIES | {"sub_a"}),
    "feed-marked": (EVERYBODY - OWNERS, {"inspector", "sub_a"}),
    "feed-original": (EVERYBODY - OWNERS, {"inspector", "sub_a"}),
    "feed-employers": (EMPLOYERS, EMPLOYERS),
    "feed-columns": (EMPLOYERS, {"sub_a"}),
    "sheets": (EMPLOYERS, EMPLOYERS),
    "sheet-entry": (EMPLOYERS, EMPLOYERS),
    "sheet": (EVERYBODY, OF_A),
    "sheet-links": (EMPLOYERS, {"general_a", "sub_a"}),
    "sheet-review": (GENERALS, {"general_a"}),
    "sheet-payments": (GENERALS, {"general_a"}),
    "feed-template": (EMPLOYERS, {"general_a", "sub_a"}),
    "feed-terminals": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "terminal-new": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "terminal": (EVERYBODY - OWNERS, AUTHORITIES | {"general_a", "sub_a"}),
    "terminal-map": (EVERYBODY - OWNERS, AUTHORITIES | {"general_a", "sub_a"}),
    "minimum-wages": LISTS,
    "minimum-wages-export": LISTS,
    "minimum-wage-set": (INSPECTORS, INSPECTORS),
    "ledger": LISTS,
    "ledger-export": LISTS,
    "ledger-find": LISTS,
    "ledger-differences": (OFFICES, OFFICES),
    "ledger-worker": (INSPECTORS, {"inspector"}),
    "companies": LISTS,
    "companies-export": (OFFICES, OFFICES),
    "company": (EVERYBODY, AUTHORITIES | {"sub_a"}),
    "company-inspect": (INSPECTORS, {"inspector"}),
    "feed-senders": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "complaints": (OFFICES | GENERALS | OWNERS, OFFICES | GENERALS | OWNERS),
    "complaint": (OFFICES | GENERALS | OWNERS, AUTHORITIES | {"general_a", "owner_a"}),
    "complaint-export": (OFFICES, OFFICES),
    "complaint-new": (INSPECTORS, INSPECTORS),
    "complaint-person": (INSPECTORS, {"inspector"}),
    "complaint-act": (OFFICES, AUTHORITIES),
    "complaint-file": (OFFICES, AUTHORITIES),
    "complaint-poster": (OFFICES | GENERALS, AUTHORITIES | {"general_a"}),
    "gateway-connect": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "gateway-try": (EVERYBODY - OWNERS, EVERYBODY - OWNERS),
    "gateway-keys": (OFFICES, OFFICES),
    "gateway-rotate": (OFFICES, AUTHORITIES),
    "gateway-revoke": (OFFICES, AUTHORITIES),
    "conflicts": LISTS,
    "project-sources": (EVERYBODY, OF_A),
    "conflict-decide": (OFFICES - {"government"}, {"inspector", "regulator"}),
    "decision-undo": (OFFICES - {"government"}, {"inspector", "regulator"}),
}
# They see that the feed came, but its bytes hold whole numbers.
WITHHELD = (
    {key: {"regulator", "government"} for key in ("feed-marked", "feed-original", "answer-file")}
    | {
        # They see the complaint; inspectors decide, and whom it was passed on to.
        key: {"regulator", "government"}
        for key in ("complaint-act", "complaint-file")
    }
    | {"case-act": {"regulator"}}
)  # another authority has the case
POSTS = {
    "minimum-wage-set",
    "ledger-find",
    "company-inspect",
    "case-act",
    "forecast-measure",
    "backtest-ask",
    "parameter-set",
    "parameter-withdraw",
    "warning-answer",
    "answer-withdraw",
    "answer-decide",
    "complaint-act",
    "warning-dismiss",
    "warning-restore",
    "notice-verify",
    "feed-send",
    "sheet-review",
    "sheet-payments",
    "terminal-new",
    "terminal-map",
    "token-revoke",
    "gateway-try",
    "gateway-rotate",
    "gateway-revoke",
    "conflict-decide",
    "decision-undo",
}


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    return ui_city.city()


def ask(client: Client, name: str, city: ui_city.City, site: ui_city.Site) -> Any:
    """The request for site's thing under this URL name."""
    project, query = site.project, {}
    kwargs: dict[str, Any] = {}
    if name.startswith("warning"):
        kwargs = {"pk": site.warning.pk}
    elif name in ("conflict-decide", "decision-undo"):
        kwargs = {"pk": ui_city.conflict(city, site, decided=name == "decision-undo").pk}
    elif name in ("company", "company-inspect"):
        kwargs = {"code": site.sub.code}
    elif name == "ledger-worker":
        kwargs = {"pk": site.people[0].worker_id}
    elif name in ("project", "project-sources", "forecast"):
        kwargs = {"code": project.code}
    elif name in ("backtest", "backtest-progress", "backtest-export"):
        kwargs = {"pk": ui_city.trial(site).pk}
    elif name == "cycle":
        kwargs = {"project": project.code, "company": site.sub.code, "month": "2026-03"}
    elif name in ("notice", "notice-file", "notice-verify"):
        kwargs = {"pk": ui_city.notice(city, site, Notice.objects.count() + 1).pk}
    elif name in ("case", "case-act"):
        kwargs = {"pk": ui_city.case(city, site).pk}
        kwargs |= {"act": "note"} if name == "case-act" else {}
    elif name in ("notice-new", "case-new"):
        query = {"warning": site.warning.pk}
    elif name == "worker-number":
        kwargs = {"pk": site.people[0].pk}
    elif (name.startswith("sheet-") and name != "sheet-entry") or name == "sheet":
        kwargs = {"pk": Sheet.objects.get(project=project).pk}
    elif name == "feed-columns":
        own = ui_city.sent(
            city.users["sub_a"], "工人,证件,应得,实得\n张三,1,2,2\n".encode(), project
        )
        kwargs = {"pk": ingest.process(own).pk}
    elif name in ("feed", "feed-progress", "feed-marked", "feed-original"):
        kwargs = {"pk": ui_city.sent(city.users["sub_a"], b"nothing", project).pk}
    elif name in ("terminal", "terminal-map"):
        clock, _ = Terminal.objects.get_or_create(serial="A1", project=project, company=site.sub)
        kwargs = {"pk": clock.pk}
    elif name in ("gateway-rotate", "gateway-revoke"):
        kwargs = {"pk": keys.issue_key(city.users["inspector"], "x", site.sub, [project])[0].pk}
    elif name in ("rule", "parameter-set", "backtest-ask"):
        kwargs = {"code": "E1"}
    elif name == "parameter-withdraw":
        kwargs = {"pk": ui_city.value_to_come(site).pk}
    elif name.startswith("answer-"):
        made = ui_city.answered(city, site)
        kwargs = {"pk": made.files.get().pk if name == "answer-file" else made.pk}
    elif name.startswith("complaint-") or name == "complaint":
        kwargs = _complaint(name, site)
    elif name == "token-revoke":
        kwargs = {"pk": tokens.issue(city.users["general_a"], "x", may_write=True, days=1)[0].pk}
    elif name == "feed-template":
        query = {"project": project.code, "employer": site.sub.code, "month": "2026-03"}
    url = reverse(name, kwargs=kwargs)
    return client.post(url) if name in POSTS else client.get(url, query)


def _complaint(name: str, site: ui_city.Site) -> dict[str, Any]:
    """A complaint about the site that its companies were told of, with one paper."""
    if name in ("complaint-export", "complaint-new"):
        return {}
    if name == "complaint-poster":
        return {"code": site.project.code}
    made = society.complaint(
        site.project, "2026-04-30", shared_on=ui_city.AS_OF, shared_text="请核实"
    )
    if name == "complaint-file":
        paper = SimpleUploadedFile("欠条.jpg", b"made up")
        kept = papers.keep(paper, "complaints")._asdict()
        return {"pk": ComplaintFile.objects.create(complaint=made, **kept).pk}
    return {"pk": made.pk} | ({"act": "accept"} if name == "complaint-act" else {})


def test_the_table_names_every_page() -> None:
    apart = ("admin/", "accounts/", "i18n/", "api/")
    names = {
        pattern.name
        for group in get_resolver().url_patterns
        if str(group.pattern) not in apart
        for pattern in group.url_patterns
        if isinstance(pattern, URLPattern)
    }
    assert names == set(PAGES) | PUBLIC | APART


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_against_every_role(name: str, city: ui_city.City) -> None:
    roles, seeing = PAGES[name]
    wrong = {}
    for who in sorted(EVERYBODY):
        client = Client()
        client.force_login(city.users[who])
        got = ask(client, name, city, city.a).status_code
        # A template for another's project names nothing: the form refuses and leads back.
        missing = 302 if name == "feed-template" else 404
        done = {"warning-dismiss": {400}, "warning-restore": {302}, "feed-send": {302}}
        done |= {"case-act": {400}}
        done |= {"forecast-measure": {302}, "backtest-ask": {400}}
        done |= {"parameter-set": {400}, "parameter-withdraw": {302}}
        done |= {"warning-answer": {400}, "answer-withdraw": {302}, "answer-decide": {302}}
        done |= {"sheet-review": {302}, "sheet-payments": {302}}
        done |= {"complaint-act": {302}, "gateway-try": {400}, "gateway-revoke": {302}}
        done |= {"terminal-new": {422}, "terminal-map": {302}, "token-revoke": {302}}
        done |= {"minimum-wage-set": {400}, "ledger-find": {302}, "companies": {200, 302}}
        done |= {"company-inspect": {302}}
        done |= {"conflict-decide": {302}, "decision-undo": {302}}
        expected = done.get(name, {200}) if who in seeing else {missing}
        if who not in roles or who in WITHHELD.get(name, ()):
            expected = {403}
        if got not in expected:
            wrong[who] = (got, expected)
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_nobody_and_strangers(name: str, city: ui_city.City, client: Client) -> None:
    answer = ask(client, name, city, city.a)
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    client.force_login(city.users["nobody"])
    assert ask(client, name, city, city.a).status_code == 403


@pytest.mark.parametrize("name", ["desk", "projects", "notices", "feeds"])
def test_lists_show_own_rows_alone(name: str, city: ui_city.City) -> None:
    for number, place in enumerate((city.a, city.b), start=1):
        ui_city.notice(city, place, number)
        letter = "ab"[number - 1]
        ui_city.sent(city.users[f"sub_{letter}"], b"x", place.project, name=f"{place.sub.name}.csv")
    marks = {"a": city.a.sub.name, "b": city.b.sub.name}
    if name == "projects":
        marks = {"a": city.a.project.name, "b": city.b.project.name}
    sees = dict.fromkeys(OF_A, "a") | {
        "inspector": "ab", "inspector_b": "b", "regulator_b": "",
        "general_b": "b", "sub_b": "b", "owner_b": "b",
    }  # fmt: skip
    if name == "feeds":
        marks = {letter: f"{mark}.csv" for letter, mark in marks.items()}
        sees |= {"general_a": "", "general_b": ""}
        sees = {who: seen for who, seen in sees.items() if who not in OWNERS}
    for who, expected in sees.items():
        client = Client()
        client.force_login(city.users[who])
        text = client.get(reverse(name)).content.decode()
        assert "".join(k for k, mark in marks.items() if mark in text) == expected, who


def test_number_is_revealed_with_a_purpose_and_recorded(city: ui_city.City, client: Client) -> None:
    client.force_login(city.users["inspector"])
    engagement = city.a.people[0]
    url = reverse("worker-number", args=[engagement.pk])
    number = engagement.worker.id_number
    assert number not in client.get(url).content.decode()
    assert number not in client.post(url, {"purpose": " "}).content.decode()
    assert not AuditEntry.objects.filter(act="id-revealed").exists()
    assert number in client.post(url, {"purpose": "核对投诉人身份"}).content.decode()
    entry = AuditEntry.objects.get(act="id-revealed")
    assert entry.user == city.users["inspector"] and entry.detail["purpose"] == "核对投诉人身份"
    assert number not in str(entry.detail)


def test_no_page_shows_a_whole_number(city: ui_city.City) -> None:
    for who in OF_A:
        client = Client()
        client.force_login(city.users[who])
        for name in ("desk", "warning", "project", "cycle"):
            text = ask(client, name, city, city.a).content.decode()
            for engagement in city.a.people:
                assert engagement.worker.id_number not in text, (who, name)


def test_account_number_is_masked_for_companies(city: ui_city.City) -> None:
    number = city.a.project.accounts.get().number
    for who, shown in (("inspector", True), ("general_a", False), ("sub_a", False)):
        client = Client()
        client.force_login(city.users[who])
        text = client.get(reverse("project", args=[city.a.project.code])).content.decode()
        assert (number in text) is shown
