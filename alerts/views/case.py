"""Cases: the list, one case with what can be done about it, opening one, what is late."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alerts import cases, complaints, escalation, law, notices, standing
from alerts.acts import NotPossible
from alerts.case_filters import CaseFilter
from alerts.case_forms import FORMS, LABELS, ActForm, OpenForm
from alerts.export import cases_xlsx
from alerts.models import Case, CaseStep, Notice, Warning
from alerts.views.desk import XLSX
from alerts.views.notice import chosen
from projects.access import AUTHORITIES, Role, members_only
from projects.models import Member
from wagewatch import audit
from wagewatch.calendars import WorkingDays
from wagewatch.paging import capped_count, paged

SORTS = {
    "due": ("due_on", "pk"),
    "new": ("-opened_on", "-pk"),
    "company": ("company__name", "pk"),
}


def _asked(request: HttpRequest, as_of: dt.date) -> CaseFilter:
    member = request.member  # type: ignore[attr-defined]
    rows = Case.objects.visible_to(member).select_related(
        "authority", "officer", "company", "project__region"
    )
    return CaseFilter(request.GET, queryset=rows, member=member, as_of=as_of)


def _order(request: HttpRequest) -> tuple[str, ...]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["due"])


@members_only(*AUTHORITIES)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    as_of = standing.judged_on()
    asked = _asked(request, as_of)
    page = paged(asked.qs, _order(request), request.GET)
    calendar = WorkingDays.load()
    context = {
        "filter": asked,
        "page": page,
        "rows": [(case, days_left(case, as_of, calendar)) for case in page.rows],
        "found": capped_count(asked.qs),
        "as_of": as_of,
        "sort": request.GET.get("sort", "due"),
        "mine": request.GET.get("officer") == str(request.user.pk),
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "alerts/_case_results.html" if partial else "alerts/cases.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def days_left(case: Case, as_of: dt.date, calendar: WorkingDays) -> int | None:
    """Working days to the limit, negative past it; None for a closed or suspended case."""
    if case.standing in (Case.Standing.CLOSED, Case.Standing.SUSPENDED):
        return None
    if as_of <= case.due_on:
        return calendar.between(as_of, case.due_on)
    return -max(1, calendar.between(case.due_on, as_of))


@members_only(*AUTHORITIES)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX; who took it, and by which filters, is on the audit trail."""
    as_of = standing.judged_on()
    rows = _asked(request, as_of).qs.order_by(*_order(request))
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "cases-exported", member, filters=asked, rows=rows.count())
    calendar = WorkingDays.load()
    content = cases_xlsx(rows, lambda case: days_left(case, as_of, calendar))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="cases-{as_of}.xlsx"'
    return response


@members_only(Role.INSPECTOR)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a case on the warnings named by `warning=` (all visible, or 404); or add them to a live
    case of the same company."""
    asked = request.POST if request.method == "POST" else request.GET
    warnings = chosen(request, asked.getlist("warning"))
    problem, authority = "", None
    try:
        authority = notices.authority_for(warnings, request.user)
    except notices.NoticeError as error:
        problem = str(error)
    form = OpenForm(request.POST or None, authority=authority, user=request.user)
    existing = _live(request, warnings)
    try:
        if into := request.POST.get("case", ""):
            case = get_object_or_404(existing, pk=into if into.isdecimal() else 0)
            cases.link(case, request.user, warnings, on=standing.judged_on())
            return redirect("case", pk=case.pk)
        if not problem and form.is_valid():
            case = cases.open_case(
                warnings, request.user, **form.cleaned_data, on=standing.judged_on()
            )
            return redirect("case", pk=case.pk)
    except NotPossible:
        problem = _(
            "Not possible: the warnings must be open, about one company, within the authority's "
            "territory, and in no other live case."
        )
    context = {
        "warnings": warnings,
        "company": warnings[0].company,
        "authority": authority,
        "existing": existing,
        "form": form,
        "problem": problem,
        "today": standing.judged_on(),
    }
    refused = bool(problem or form.errors)
    return render(request, "alerts/case_new.html", context, status=400 if refused else 200)


def _live(request: HttpRequest, warnings: list[Warning]) -> Any:
    """The live cases of the company that the warnings could be added to."""
    member = request.member  # type: ignore[attr-defined]
    rows = Case.objects.visible_to(member).live().filter(company=warnings[0].company)
    if member.authority_id:
        rows = rows.filter(authority=member.authority_id)
    return rows


def _case(request: HttpRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.member).select_related(  # type: ignore[attr-defined]
        "authority", "registry", "officer", "company", "project__region"
    )
    return get_object_or_404(rows, pk=pk)


@members_only(*AUTHORITIES)
@require_GET
def case(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, _case(request, pk))


def page(request: HttpRequest, found: Case, wrong: ActForm | None = None) -> HttpResponse:
    """The case's page, with the form that was not filled in rightly, if there is one."""
    member: Member = request.member  # type: ignore[attr-defined]
    as_of, calendar = standing.judged_on(), WorkingDays.load()
    acts = cases.possible(found) if cases.may_act(found, member) else []
    if not cases.answerable(found, member).exists():
        acts = [one for one in acts if one != CaseStep.Act.TAKE_IN]
    visible = Warning.objects.visible_to(member).defer("evidence")
    context = {
        "case": found,
        "days_left": days_left(found, as_of, calendar),
        "provisional": not calendar.is_announced(found.due_on.year),
        "steps": found.steps.select_related("user", "authority"),
        "warnings": visible.filter(cases=found).select_related("company", "project"),
        "late": visible.open().filter(
            internal=True, subject=f"case {found.pk}", project=found.project_id
        ),
        "notices": Notice.objects.visible_to(member).filter(warnings__cases=found).distinct(),
        "complaints": complaints.visible(member).filter(cases=found),
        "projects": found.projects.select_related("region"),
        "forms": [
            (
                act,
                LABELS[act],
                wrong
                if wrong is not None and wrong.prefix == act
                else FORMS[act](case=found, today=as_of, act=act, member=member),
                wrong is not None and wrong.prefix == act,
            )
            for act in FORMS
            if act in acts
        ],
        "articles": [law.ARTICLES[key] for key in ("Inspection 17", "Inspection 18")],
        "as_of": as_of,
    }
    return render(request, "alerts/case.html", context, status=400 if wrong else 200)


@members_only(Role.INSPECTOR, Role.REGULATOR)
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do one act of alerts/cases.py, named by the URL."""
    found = _case(request, pk)
    if act not in FORMS:
        raise Http404
    if not cases.may_act(found, request.member):  # type: ignore[attr-defined]
        raise PermissionDenied
    today = standing.judged_on()
    member: Member = request.member  # type: ignore[attr-defined]
    form = FORMS[act](request.POST, case=found, today=today, act=act, member=member)
    if not form.is_valid():
        return page(request, found, form)
    try:
        getattr(cases, act)(found, request.user, **form.cleaned_data, on=today)
    except NotPossible:
        messages.error(request, _("Not possible as the case stands now; look at it again."))
    else:
        messages.success(request, pgettext("case", "Done; it is on record."))
    return redirect("case", pk=pk)


@members_only(*AUTHORITIES)
@require_GET
def oversight(request: HttpRequest) -> HttpResponse:
    """What is late in the member's territory, by authority."""
    member = request.member  # type: ignore[attr-defined]
    context = {"groups": escalation.late(member), "as_of": standing.judged_on()}
    return render(request, "alerts/oversight.html", context)
