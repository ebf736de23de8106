"""A company answers a warning; an inspector notes, upholds or refuses; the list of answers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import answers, standing
from alerts.answers import NotPossible
from alerts.forms import AnswerForm, DecisionForm
from alerts.models import Answer, AnswerFile, Warning
from alerts.views import downloads
from projects.access import COMPANIES, Role, members_only
from wagewatch import audit
from wagewatch.paging import paged


def _answer(request: HttpRequest, pk: int) -> Answer:
    rows = Answer.objects.visible_to(request.member)  # type: ignore[attr-defined]
    return get_object_or_404(rows.select_related("warning", "company"), pk=pk)


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Answers, those that wait first; `standing=all` shows what was decided too."""
    rows = Answer.objects.visible_to(request.member)  # type: ignore[attr-defined]
    rows = rows.select_related("warning__project", "company").defer("warning__evidence")
    asked = request.GET.get("standing", Answer.Standing.WAITING)
    if asked in Answer.Standing.values:
        rows = rows.filter(standing=asked)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(company__name__icontains=words) | rows.filter(
            warning__project__name__icontains=words
        )
    context = {
        "page": paged(rows, ("-pk",), request.GET),
        "standing": asked,
        "standings": Answer.Standing.choices,
    }
    return render(request, "alerts/answers.html", context)


@members_only(*COMPANIES)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _answer(request, pk)
    try:
        answers.withdraw(found, request.user)
    except NotPossible:
        messages.error(request, _("It has been decided meanwhile."))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("warning", pk=found.warning_id)


@members_only(Role.INSPECTOR)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    found = _answer(request, pk)
    form = DecisionForm(request.POST, answer=found, today=standing.judged_on())
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("warning", pk=found.warning_id)
    try:
        answers.decide(
            found,
            request.user,
            form.cleaned_data["decision"],
            form.cleaned_data["remark"],
            until=form.cleaned_data["until"],
            on=standing.judged_on(),
        )
    except NotPossible:
        messages.error(request, _("The answer has been withdrawn or decided meanwhile."))
    else:
        messages.success(request, _("Decided; the company sees it."))
    return redirect("warning", pk=found.warning_id)


@members_only()
@require_GET
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """A paper of an answer, as it came: for the company that sent it and for inspectors."""
    found = get_object_or_404(AnswerFile.objects.select_related("answer"), pk=pk)
    _answer(request, found.answer_id)
    member = request.member  # type: ignore[attr-defined]
    if not member.is_company and member.role != Role.INSPECTOR:
        raise PermissionDenied
    audit.record(request.user, "answer-file", found)
    return downloads.paper(found)


def panel(request: HttpRequest, warning: Warning, form: AnswerForm | None) -> dict[str, Any]:
    """What the page of a warning shows of its answers."""
    member = request.member  # type: ignore[attr-defined]
    today = standing.judged_on()
    rows = list(
        Answer.objects.visible_to(member)
        .filter(warning=warning)
        .select_related("company", "decided_by")
        .prefetch_related("files")
    )
    decides = member.role == Role.INSPECTOR
    return {
        "answers": [
            (one, DecisionForm(answer=one, today=today) if decides and one.waits else None)
            for one in rows
        ],
        "answer_form": (form or AnswerForm(today=today))
        if answers.may_answer(warning, member)
        else None,
    }
