"""A warning with its evidence, history and law, and what an inspector does with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import acts, answers, law, standing
from alerts.forms import AnswerForm, DismissForm
from alerts.models import Case, Notice, Warning, WarningEvent
from alerts.rules import catalogue
from alerts.rules.base import COMPANY, OVERSIGHT, PAYMENT
from alerts.rules.evidence import ROLES
from alerts.views import answer
from payroll.models import Cycle, Feed
from projects import scope
from projects.access import COMPANIES, Role, members_only
from projects.labels import ROLE


def find(request: HttpRequest, pk: int) -> Warning:
    """The warning, if this member may see it; 404 else."""
    rows = Warning.objects.visible_to(request.member).select_related(  # type: ignore[attr-defined]
        "project__region", "company", "folded_under__project"
    )
    return get_object_or_404(rows, pk=pk)


@members_only()
@require_GET
def warning(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(request, pk))


def page(
    request: HttpRequest,
    warning: Warning,
    form: DismissForm | None = None,
    answer_form: AnswerForm | None = None,
) -> HttpResponse:
    """The warning's page, with the form that was not filled in rightly, if there is one."""
    wrong = form or answer_form
    form = form or DismissForm(today=standing.judged_on())
    member = request.member  # type: ignore[attr-defined]
    rule = catalogue().get(warning.rule)
    evidence = warning.evidence or {}
    visible = Warning.objects.visible_to(member)
    sources = evidence.get("sources", [])
    open_feeds = Feed.objects.visible_to(member).filter(pk__in=[s["feed"] for s in sources])
    context: dict[str, Any] = {
        "warning": warning,
        "rule": rule,
        "evidence": evidence,
        "responsible": [
            one | {"duty": _duty(rule, warning, one["role"])}
            for one in evidence.get("responsible", [])
        ],
        "open_feeds": set(open_feeds.values_list("pk", flat=True)),
        "parameters": _parameters(rule, evidence),
        "articles": [law.ARTICLES[key] for key in rule.law if key in law.ARTICLES] if rule else [],
        "history": _history(member, warning),
        "raised": evidence.get("raised"),
        "cases": _cases(member, warning),
        "may_open_case": _may_open_case(member, warning),
        "folded": visible.filter(folded_under=warning).select_related("company").defer("evidence"),
        "under": visible.filter(folded=warning).first(),
        "notices": _notices(member, warning),
        "has_cycle": _has_cycle(member, warning),
        "form": form,
        "as_of": standing.judged_on(),
        **answer.panel(request, warning, answer_form),
    }
    status = 400 if wrong and wrong.errors else 200
    return render(request, "alerts/warning.html", context, status=status)


def _history(member: Any, warning: Warning) -> Any:
    """The steps of its history; that a case was opened is between authorities."""
    steps = warning.events.select_related("user")
    return steps.exclude(act=WarningEvent.Act.CASED) if member.is_company else steps


def _notices(member: Any, warning: Warning) -> Any:
    """The notices that rest on it; of a warning about an order, that one (H3)."""
    notices = Notice.objects.visible_to(member)
    if warning.rule == "H3":
        return notices.filter(document_number=warning.subject)
    return notices.filter(warnings=warning)


def _cases(member: Any, warning: Warning) -> Any:
    """The cases opened on it; of a warning about a case, that one."""
    cases = Case.objects.visible_to(member)
    if warning.internal and warning.subject.startswith("case "):
        return cases.filter(pk=int(warning.subject.removeprefix("case ")))
    return cases.filter(warnings=warning)


def _may_open_case(member: Any, warning: Warning) -> bool:
    """Whether an inspector can open a case on it: open, of a company, and not in one."""
    if member.role != Role.INSPECTOR or warning.internal:
        return False
    cleared = warning.status == Warning.Status.CLEARED
    return not cleared and not warning.cases.live().exists()


def _parameters(rule: Any, evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """The parameters that it was judged by, named."""
    labels = {param.name: str(param.label) for param in rule.params} if rule else {}
    return [(labels.get(k, k), v) for k, v in evidence.get("parameters", {}).items()]


def _duty(rule: Any, warning: Warning, role: str) -> Any:
    """A party's part in the matter; who pays first (Reg. 29, 30) is said of wages owed alone."""
    if role in ("authority", "company") or (
        rule and rule.stage in (PAYMENT, OVERSIGHT) and warning.amount
    ):
        return ROLES.get(role, role)
    if rule and rule.stage == COMPANY:
        return _("Company concerned")
    return ROLE.get(role) or _("Employer")


def _has_cycle(member: Any, warning: Warning) -> bool:
    cycles = scope.visible(Cycle.objects.all(), member)
    return bool(
        warning.month
        and cycles.filter(
            project=warning.project_id, employer=warning.company_id, month=warning.month
        ).exists()
    )


@members_only(Role.INSPECTOR)
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    warning = find(request, pk)
    form = DismissForm(request.POST, today=standing.judged_on())
    if not form.is_valid():
        return page(request, warning, form)
    try:
        acts.dismiss(
            warning,
            request.user,
            form.cleaned_data["reason"],
            form.cleaned_data["until"],
            on=standing.judged_on(),
        )
    except acts.NotPossible:
        messages.error(request, _("The warning has changed meanwhile; look at it again."))
    else:
        messages.success(request, _("Set aside. It returns by itself after that day."))
    return redirect("warning", pk=pk)


@members_only(Role.INSPECTOR)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    warning = find(request, pk)
    try:
        today = timezone.localdate()
        acts.restore(warning, request.user, on=standing.judged_on(), shown_on=today)
    except acts.NotPossible:
        messages.error(request, _("The warning has changed meanwhile; look at it again."))
    else:
        messages.success(request, _("Taken up again."))
    return redirect("warning", pk=pk)


@members_only(*COMPANIES)
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """A company's answer (alerts/answers.py)."""
    warning = find(request, pk)
    form = AnswerForm(request.POST, request.FILES, today=standing.judged_on())
    if not form.is_valid():
        return page(request, warning, answer_form=form)
    try:
        answers.answer(
            warning,
            request.member,  # type: ignore[attr-defined]
            form.cleaned_data["kind"],
            form.cleaned_data["text"],
            promised_on=form.cleaned_data["promised_on"],
            files=form.cleaned_data["papers"],
            on=standing.judged_on(),
        )
    except acts.NotPossible:
        messages.error(
            request, _("Not possible: an answer of yours still waits, or the warning has cleared.")
        )
    else:
        messages.success(request, _("Sent. You will see here what the authority makes of it."))
    return redirect("warning", pk=pk)
