"""The sources of a project's fields, deciding on conflicts, and the list of conflicts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from payroll.sources import deciding, page
from payroll.sources.deciding import NotPossible
from payroll.sources.forms import ConflictFilter, DecisionForm
from projects import scope
from projects.access import Role, members_only
from projects.models import Conflict, FieldDecision, Project
from wagewatch import audit, xlsx
from wagewatch.paging import capped_count, paged

DECIDERS = (Role.INSPECTOR, Role.REGULATOR)


@members_only()
@require_GET
def project(request: HttpRequest, code: str) -> HttpResponse:
    """Each field with who said what and when; conflicts on top, to decide for those who may."""
    member = request.member  # type: ignore[attr-defined]
    rows = Project.objects.visible_to(member).select_related("region")
    found = get_object_or_404(rows, code=code)
    groups, conflicts = page.groups(found, member)
    context = {
        "project": found,
        "groups": groups,
        "conflicts": conflicts,
        "open": sum(one.conflict.standing == Conflict.Standing.OPEN for one in conflicts),
        "decisions": page.decisions(found, member),
        "decides": deciding.may_decide(member),
    }
    return render(request, "payroll/project_sources.html", context)


def _back(code: str) -> HttpResponse:
    return redirect(reverse("project-sources", args=[code]))


@members_only(*DECIDERS)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    rows = scope.visible(Conflict.objects.select_related("project"), request.member)  # type: ignore[attr-defined]
    conflict = get_object_or_404(rows, pk=pk)
    form = DecisionForm(request.POST, conflict=conflict)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return _back(conflict.project.code)
    data = form.cleaned_data
    try:
        deciding.decide(conflict, request.user, data["source"], data["reason"], seen=data["seen"])
    except NotPossible:
        said = _("The sources have said something else meanwhile. Look at the values again.")
        messages.error(request, said)
    else:
        messages.success(request, _("Decided. It holds until a source says yet another value."))
    return _back(conflict.project.code)


@members_only(*DECIDERS)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    rows = scope.visible(FieldDecision.objects.select_related("project"), request.member)  # type: ignore[attr-defined]
    made = get_object_or_404(rows, pk=pk)
    try:
        deciding.undo(made, request.user)
    except NotPossible:
        messages.error(request, _("It has been undone already."))
    else:
        messages.success(request, _("Undone. From today on the sources count as if nothing was."))
    return _back(made.project.code)


@members_only()
@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Fields of which sources say different things, the newest first; `format=xlsx` exports."""
    member = request.member  # type: ignore[attr-defined]
    rows = scope.visible(Conflict.objects.all(), member)
    rows = rows.select_related("project__region", "company")
    asked = ConflictFilter(request.GET, queryset=rows, member=member)
    if request.GET.get("format") == "xlsx":
        return _export(request, asked.qs.order_by("-opened_on", "-pk"))
    found = paged(asked.qs, ("-opened_on", "-pk"), request.GET)
    context: dict[str, Any] = {
        "filter": asked,
        "page": found,
        "rows": page.listed(found.rows),
        "found": capped_count(asked.qs),
        "decides": deciding.may_decide(member),
    }
    return render(request, "payroll/conflicts.html", context)


def _export(request: HttpRequest, rows: Any) -> HttpResponse:
    """Who took it, and by which filters, is on the audit trail."""
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "conflicts-exported", member, filters=asked, rows=rows.count())
    response = HttpResponse(page.conflicts_xlsx(rows), content_type=xlsx.TYPE)
    name = f"conflicts-{timezone.localdate()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
