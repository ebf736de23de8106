"""A company answers a warning: who may, what is kept, what becomes of it, who reads it."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts import answers, engine
from alerts.models import Answer, Warning, WarningEvent
from projects.models import Member
from tests import ui_city
from wagewatch.models import AuditEntry

pytestmark = pytest.mark.django_db
DISPUTE = {"kind": "dispute", "text": "工资已于4月15日从专用账户发放。"}


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def signed_in(city: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(city.users[who])
    return client


def member(city: ui_city.City, who: str) -> Member:
    return Member.objects.get(user=city.users[who])


def decision(made: Answer, **fields: str) -> dict[str, str]:
    return {f"answer-{made.pk}-{name}": value for name, value in fields.items()}


def test_a_dispute_with_a_paper_is_kept_read_and_upheld(city: ui_city.City, tmp_path: Any) -> None:
    warning = city.a.warning
    page = reverse("warning", args=[warning.pk])
    paper = SimpleUploadedFile("回单.pdf", b"%PDF-1.7 receipt")
    sub = signed_in(city, "sub_a")
    sent = sub.post(reverse("warning-answer", args=[warning.pk]), DISPUTE | {"papers": paper})
    assert sent.status_code == 302
    made = Answer.objects.get()
    assert (made.company, made.standing, made.on) == (city.a.sub, "waiting", ui_city.AS_OF)
    kept = made.files.get()
    assert b"receipt" not in (tmp_path / kept.file).read_bytes()
    inspector = signed_in(city, "inspector")
    link = reverse("answer-file", args=[kept.pk])
    assert link in inspector.get(page).content.decode()
    assert b"".join(inspector.get(link).streaming_content) == b"%PDF-1.7 receipt"
    assert AuditEntry.objects.filter(act="answer-file").count() == 1

    decide = reverse("answer-decide", args=[made.pk])
    inspector.post(decide, decision(made, decision="uphold", until="2026-05-20"))  # no reasons
    made.refresh_from_db()
    assert made.waits
    fields = {"decision": "uphold", "remark": "回单属实,待银行数据", "until": "2026-05-20"}
    inspector.post(decide, decision(made, **fields))
    made.refresh_from_db()
    warning.refresh_from_db()
    assert (made.standing, made.decided_by) == ("upheld", city.users["inspector"])
    assert (warning.status, warning.dismissed_until) == ("dismissed", dt.date(2026, 5, 20))
    acts = warning.events.order_by("pk").values_list("act", flat=True)
    assert list(acts)[-3:] == ["disputed", "upheld", "dismissed"]
    shown = sub.get(page).content.decode()
    assert "回单属实,待银行数据" in shown and "inspector" not in shown
    engine.evaluate(dt.date(2026, 5, 21))  # the bank data never came
    warning.refresh_from_db()
    assert warning.status == "open"


def test_the_history_tells_a_company_who_acted(city: ui_city.City) -> None:
    """Its own dispute is not the authority's act; what the authority did is, without a name."""
    made = answers.answer(city.a.warning, member(city, "sub_a"), "dispute", "已支付。")
    sub, page = signed_in(city, "sub_a"), reverse("warning", args=[city.a.warning.pk])

    def history() -> str:
        whole = sub.get(page, headers={"accept-language": "en"}).content.decode()
        return whole[whole.index('class="history"') :].split("</ol>")[0]

    assert "Disputed by the company" in history() and "the authority" not in history()
    decide = decision(made, decision="refuse", remark="账户流水无此笔。")
    signed_in(city, "inspector").post(reverse("answer-decide", args=[made.pk]), decide)
    assert history().count("the authority") == 1 and "inspector" not in history()


def test_a_refused_dispute_leaves_the_warning(city: ui_city.City) -> None:
    made = ui_city.answered(city, city.a)
    url = reverse("answer-decide", args=[made.pk])
    fields = decision(made, decision="refuse", remark="回单收款人不是本项目工人")
    signed_in(city, "inspector").post(url, fields)
    made.refresh_from_db()
    assert (made.standing, city.a.warning.status) == ("refused", "open")
    again = answers.answer(city.a.warning, member(city, "sub_a"), "dispute", "另附名册")
    assert again.waits  # the company may answer again, with something new


def test_an_explanation_is_noted_and_names_its_day(city: ui_city.City) -> None:
    url = reverse("warning-answer", args=[city.a.warning.pk])
    fields = {"kind": "explanation", "text": "甲方拨款延误", "promised_on": "2026-05-08"}
    general = signed_in(city, "general_a")
    assert general.post(url, fields | {"promised_on": "2026-04-29"}).status_code == 400
    general.post(url, fields)
    made = Answer.objects.get()
    assert made.promised_on == dt.date(2026, 5, 8) and made.company == city.a.general
    signed_in(city, "inspector").post(
        reverse("answer-decide", args=[made.pk]), decision(made, decision="note")
    )
    made.refresh_from_db()
    assert made.standing == "noted"


def test_one_of_a_kind_waits_at_a_time_and_can_be_withdrawn(city: ui_city.City) -> None:
    sub = signed_in(city, "sub_a")
    url = reverse("warning-answer", args=[city.a.warning.pk])
    sub.post(url, DISPUTE)
    sub.post(url, DISPUTE | {"text": "再次"})
    made = Answer.objects.get()
    sub.post(reverse("answer-withdraw", args=[made.pk]))
    made.refresh_from_db()
    assert made.standing == "withdrawn"
    inspector = signed_in(city, "inspector")
    fields = decision(made, decision="uphold", remark="x", until="2026-05-20")
    inspector.post(reverse("answer-decide", args=[made.pk]), fields)
    made.refresh_from_db()
    assert made.standing == "withdrawn" and city.a.warning.status == "open"
    sub.post(url, DISPUTE)
    assert Answer.objects.waiting().count() == 1


def test_who_speaks_for_the_warning(city: ui_city.City) -> None:
    """E1 names the employer, the general contractor and the owner; nobody of site B."""
    for who, may in (
        ("sub_a", 1),
        ("general_a", 1),
        ("owner_a", 1),
        ("sub_b", 0),
        ("inspector", 0),
    ):
        assert answers.may_answer(city.a.warning, member(city, who)) is bool(may), who
    Warning.objects.filter(pk=city.a.warning.pk).update(status="cleared")
    assert not answers.may_answer(city.a.warning, member(city, "sub_a"))


def test_a_company_reads_its_own_answers_alone(city: ui_city.City) -> None:
    ui_city.answered(city, city.a)
    page, listed = reverse("warning", args=[city.a.warning.pk]), reverse("answers")
    reads = {"sub_a", "inspector", "government"}
    for who in ("general_a", "owner_a", "sub_b", "inspector_b", *reads):
        client, sees = signed_in(city, who), who in reads
        assert ("已于发薪日支付" in client.get(listed).content.decode()) is sees, who
        if who not in ("sub_b", "inspector_b"):
            assert ("已于发薪日支付" in client.get(page).content.decode()) is sees, who


@pytest.mark.parametrize("change", [{"text": " "}, {"kind": "other"}])
def test_an_answer_needs_words_and_a_kind(city: ui_city.City, change: dict[str, str]) -> None:
    url = reverse("warning-answer", args=[city.a.warning.pk])
    answer = signed_in(city, "sub_a").post(url, DISPUTE | change)
    assert answer.status_code == 400 and answer.context["answer_form"].errors
    assert not Answer.objects.exists()


def test_too_many_and_too_large_papers(city: ui_city.City, monkeypatch: Any) -> None:
    url = reverse("warning-answer", args=[city.a.warning.pk])
    papers = [SimpleUploadedFile(f"{n}.pdf", b"x" * 10) for n in range(6)]
    sub = signed_in(city, "sub_a")
    assert sub.post(url, DISPUTE | {"papers": papers}).status_code == 400
    monkeypatch.setattr("alerts.forms.LARGEST_PAPER", 9)
    large = SimpleUploadedFile("a.pdf", b"x" * 10)
    assert sub.post(url, DISPUTE | {"papers": [large]}).status_code == 400
    assert not Answer.objects.exists()


def test_an_answered_warning_is_not_unmade_by_judging_an_earlier_day(city: ui_city.City) -> None:
    made = ui_city.answered(city, city.a)
    engine.evaluate(dt.date(2026, 3, 31))
    assert Warning.objects.get(pk=made.warning_id).status == "cleared"
    engine.evaluate(ui_city.AS_OF)
    assert Warning.objects.get(pk=made.warning_id).status == "open"
    assert WarningEvent.objects.filter(warning=made.warning_id, act="disputed").count() == 1


def test_queries_of_the_list_do_not_grow(
    city: ui_city.City, django_assert_num_queries: Any
) -> None:
    inspector = signed_in(city, "inspector")
    ui_city.answered(city, city.a)
    with CaptureQueriesContext(connection) as one:
        inspector.get(reverse("answers"))
    for place in (city.a, city.b):
        ui_city.answered(city, place)
        ui_city.answered(city, place, "explanation")
    with django_assert_num_queries(len(one)):
        inspector.get(reverse("answers"))
