"""Complaints as authorities handle them, and the little of them that companies are shown."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alerts import complaint_forms as forms
from alerts import complaints, parameters
from alerts.acts import NotPossible
from alerts.complaint_export import complaints_xlsx
from alerts.filters import ComplaintFilter
from alerts.models import Case
from alerts.rules import catalogue
from alerts.rules.base import Values
from alerts.views import downloads
from alerts.views.desk import XLSX
from payroll.complaints import history
from payroll.models import Complaint, ComplaintFile
from projects.access import AUTHORITIES, Role, members_only
from projects.forms import RevealForm
from projects.models import Project
from wagewatch import audit
from wagewatch.paging import capped_count, paged

ACTS: dict[str, tuple[type[forms.ActForm], Any]] = {
    "match": (forms.MatchForm, complaints.match),
    "accept": (forms.ActForm, complaints.accept),
    "refuse": (forms.RefuseForm, complaints.refuse),
    "forward": (forms.ForwardForm, complaints.forward),
    "answer": (forms.ResultForm, complaints.answer),
    "share": (forms.ShareForm, complaints.share),
}
READERS = (*AUTHORITIES, Role.GENERAL, Role.OWNER)


def _member(request: HttpRequest) -> Any:
    return request.member  # type: ignore[attr-defined]


def limits_for(member: Any, today: dt.date) -> Values:
    """The time limits in force in the member's territory."""
    return parameters.in_force(catalogue()["G1"], member.region_id or "", today)


def _projects(request: HttpRequest) -> Any:
    return Project.objects.visible_to(_member(request))


def _find(request: HttpRequest, pk: int) -> Complaint:
    """404 for one out of the member's sight."""
    return get_object_or_404(complaints.visible(_member(request)), pk=pk)


def _asked(request: HttpRequest, today: dt.date) -> ComplaintFilter:
    member = _member(request)
    return ComplaintFilter(
        request.GET, queryset=complaints.visible(member), member=member, today=today,
        values=limits_for(member, today),
    )  # fmt: skip


@members_only(*READERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The list; companies see the summaries that were shared with them, and nothing else."""
    if _member(request).is_company:
        return _shared(request)
    today = timezone.localdate()
    asked = _asked(request, today)
    page = paged(asked.qs, ("-received_on", "-pk"), request.GET)
    rows = complaints.with_limits(page.rows, limits_for(_member(request), today))
    context = {
        "filter": asked,
        "page": page,
        "rows": rows,
        "found": capped_count(asked.qs),
        "today": today,
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "alerts/_complaint_results.html" if partial else "alerts/complaints.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _shared(request: HttpRequest) -> HttpResponse:
    rows = complaints.visible(_member(request)).defer("text", "name", "phone", "id_number")
    page = paged(rows, ("-shared_on", "-pk"), request.GET)
    return render(request, "alerts/complaints_shared.html", {"page": page})


@members_only(*AUTHORITIES)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX, without the persons and their words."""
    today, member = timezone.localdate(), _member(request)
    rows = _asked(request, today).qs.order_by("-received_on", "-pk")
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "complaints-exported", member, filters=asked, rows=rows.count())
    book = complaints_xlsx(rows, limits_for(member, today))
    response = HttpResponse(book, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="complaints-{today}.xlsx"'
    return response


@members_only(Role.INSPECTOR)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """An inspector takes a complaint down."""
    today, member = timezone.localdate(), _member(request)
    initial = {"code": request.GET.get("project", "")}
    form = forms.RegisterForm(
        request.POST or None, request.FILES or None, initial=initial, today=today,
        projects=_projects(request),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        made = complaints.register(
            form.facts, request.user, project=form.found, region=member.region_id,
            files=form.cleaned_data["papers"], today=today,
        )  # fmt: skip
        messages.success(request, _("Registered as %(number)s.") % {"number": made.number})
        return redirect("complaint", pk=made.pk)
    status = 400 if form.is_bound else 200
    return render(request, "alerts/complaint_new.html", {"form": form}, status=status)


@never_cache
@members_only(*READERS)
@require_GET
def complaint(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


def _page(
    request: HttpRequest, found: Complaint, wrong: tuple[str, forms.ActForm] | None = None
) -> HttpResponse:
    """The complaint, with the form that was not filled in rightly, if there is one."""
    member, today = _member(request), timezone.localdate()
    if member.is_company:
        return render(request, "alerts/complaint_shared.html", {"complaint": found})
    handles = complaints.may_handle(found, member)
    [(_row, due_on)] = complaints.with_limits([found], limits_for(member, today))
    context = {
        "complaint": found,
        "history": history(found),
        "files": found.files.all(),
        "cases": Case.objects.visible_to(member).filter(complaints=found),
        "due_on": due_on,
        "today": today,
        "handles": handles,
        "reasons": complaints.REASONS,
        "forms": _forms(request, found, wrong) if handles else {},
        "suggested": [] if found.project or not handles else complaints.suggestions(found, member),
    }
    status = 400 if wrong else 200
    return render(request, "alerts/complaint.html", context, status=status)


def _forms(
    request: HttpRequest, found: Complaint, wrong: tuple[str, forms.ActForm] | None
) -> dict[str, forms.ActForm]:
    """The acts that are possible now, each with its form."""
    made = {}
    for name, (form, _function) in ACTS.items():
        before = complaints.TRANSITIONS.get(name)
        if before and found.standing not in before[0]:
            continue
        if name == "share" and found.project is None:
            continue
        made[name] = form(act=name, complaint=found, projects=_projects(request))
    if wrong:
        made[wrong[0]] = wrong[1]
    return made


@members_only(*AUTHORITIES)
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One of ACTS on one complaint."""
    found = _find(request, pk)
    if act not in ACTS:
        raise Http404
    if not complaints.may_handle(found, _member(request)):
        raise PermissionDenied
    form_class, function = ACTS[act]
    form = form_class(request.POST, act=act, complaint=found, projects=_projects(request))
    if not form.is_valid():
        return _page(request, found, (act, form))
    try:
        function(found, request.user, **form.arguments, on=timezone.localdate())
    except NotPossible:
        messages.error(request, _("The complaint has changed meanwhile; look at it again."))
    else:
        messages.success(request, _("Done; it is on record."))
    return redirect("complaint", pk=pk)


@never_cache
@members_only(Role.INSPECTOR)
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who complained: GET asks for the purpose; POST shows it, and is on record."""
    found = _find(request, pk)
    form = RevealForm(request.POST or None)
    if not form.is_valid():
        return render(request, "alerts/_complainant_ask.html", {"complaint": found, "form": form})
    purpose = form.cleaned_data["purpose"]
    audit.record(request.user, "complainant-revealed", found, purpose=purpose)
    return render(request, "alerts/_complainant.html", {"complaint": found})


@members_only(*AUTHORITIES)
@require_GET
def file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """A paper as it came, never shown inside a page: for those who decide."""
    found = get_object_or_404(ComplaintFile, pk=pk)
    if not complaints.may_handle(_find(request, found.complaint_id), _member(request)):
        raise PermissionDenied
    audit.record(request.user, "complaint-file", found)
    return downloads.paper(found)
