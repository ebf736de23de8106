"""Notices: draw one up from warnings, list, page, PDF, and whether a copy is genuine."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alerts import notices, standing
from alerts.filters import NoticeFilter
from alerts.forms import NoticeForm
from alerts.models import Case, Notice, Warning
from projects.access import Role, members_only
from wagewatch import audit
from wagewatch.paging import paged

TYPE = "rectification"
MOST_WARNINGS = 200


def _notice(request: HttpRequest, pk: int) -> Notice:
    rows = Notice.objects.visible_to(request.member).select_related(  # type: ignore[attr-defined]
        "company", "project", "authority", "issued_by"
    )
    return get_object_or_404(rows, pk=pk)


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.visible_to(request.member).select_related(  # type: ignore[attr-defined]
        "company", "project", "authority"
    )
    asked = NoticeFilter(request.GET, queryset=rows.defer("facts"))
    context = {
        "filter": asked,
        "page": paged(asked.qs, ("-issued_on", "-pk"), request.GET),
        "today": standing.judged_on(),
    }
    return render(request, "alerts/notices.html", context)


@members_only(Role.INSPECTOR)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The order to correct, on the warnings named by `warning=` (all visible, or 404)."""
    asked = request.POST if request.method == "POST" else request.GET
    picked = chosen(request, asked.getlist("warning"))
    today = standing.judged_on()
    form = NoticeForm(request.POST or None, today=today)
    problem: Any = None
    authority = None
    try:
        authority = notices.authority_for(picked, request.user)
        if form.is_valid():
            notice = notices.issue(
                TYPE,
                picked,
                user=request.user,
                authority=authority,
                issued_on=today,
                due_on=form.cleaned_data["due_on"],
            )
            return redirect("notice", pk=notice.pk)
    except notices.NoticeError as error:
        problem = error
    context = {
        "warnings": picked,
        "company": picked[0].company,
        "authority": authority,
        "form": form,
        "problem": problem,
        "today": today,
        "clock": timezone.localdate(),
        "total": sum(warning.amount for warning in picked),
    }
    refused = bool(problem or form.errors)
    return render(request, "alerts/notice_new.html", context, status=400 if refused else 200)


def chosen(request: HttpRequest, numbers: list[str]) -> list[Warning]:
    """The warnings of these numbers; 404 when none is named or one is not visible."""
    wanted = {int(number) for number in numbers[:MOST_WARNINGS] if number.isdecimal()}
    rows = Warning.objects.visible_to(request.member).filter(pk__in=wanted)  # type: ignore[attr-defined]
    found = list(rows.select_related("project__region", "company").order_by("project", "month"))
    if not wanted or len(found) != len(wanted):
        raise Http404
    return found


@members_only()
@require_GET
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    found = _notice(request, pk)
    context = {
        "notice": found,
        "warnings": Warning.objects.visible_to(request.member)  # type: ignore[attr-defined]
        .filter(notices=found)
        .select_related("company", "project")
        .defer("evidence"),
        "cases": Case.objects.visible_to(request.member)  # type: ignore[attr-defined]
        .filter(warnings__notices=found)
        .distinct(),
        "today": standing.judged_on(),
    }
    return render(request, "alerts/notice.html", context)


@members_only()
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF as issued; it names workers, so that opening it is on the audit trail."""
    found = _notice(request, pk)
    try:
        pdf = notices.read(found)
    except notices.NoticeError as error:
        messages.error(request, str(error))
        return redirect("notice", pk=pk)
    audit.record(request.user, "notice-opened", found)
    response = HttpResponse(pdf, content_type="application/pdf")
    way = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{way}; filename="notice-{found.pk}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@members_only()
@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a copy that somebody holds (or, with none sent, the one kept here) is the notice as
    issued, by SHA-256."""
    found = _notice(request, pk)
    copy = request.FILES.get("copy")
    if copy is not None:
        digest = hashlib.sha256()
        for block in copy.chunks():
            digest.update(block)
        genuine = digest.hexdigest() == found.sha256
    else:
        try:
            genuine = bool(notices.read(found))
        except notices.NoticeError:
            genuine = False
    context = {"notice": found, "genuine": genuine, "copy": copy}
    return render(request, "alerts/_verified.html", context)
