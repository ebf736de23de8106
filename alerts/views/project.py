"""The projects that a member sees, and one project with its parties, securities and cycle grid.

These pages stand in the top layer because they show a project's warnings.
"""

import datetime as dt
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from alerts import complaints as complaint
from alerts import standing
from alerts.models import Case, Warning
from payroll import grid, ledger, states
from payroll.models import Arrear, Cycle
from projects import scope
from projects.access import members_only
from projects.filters import ProjectFilter
from projects.models import (
    Account,
    Company,
    Conflict,
    Member,
    NoticeBoard,
    Party,
    Project,
    Security,
)
from wagewatch.paging import capped_count, paged

MOST_COMPLAINTS = 20
SORTS = {"code": ("code",), "name": ("name", "pk"), "warnings": ("-worst", "-warned", "pk")}


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    asked = ProjectFilter(request.GET, queryset=_listed(member), member=member)
    sort = request.GET.get("sort", "warnings")
    context = {
        "filter": asked,
        "page": paged(asked.qs, SORTS.get(sort, SORTS["warnings"]), request.GET),
        "found": capped_count(asked.qs),
        "sort": sort,
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "projects/_project_results.html" if partial else "projects/projects.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _listed(member: Member) -> Any:
    """Visible projects with the number and highest level of their open matters, and the workers
    of the last month with attendance."""
    mine = (
        Warning.objects.visible_to(member)
        .open()
        .unfolded()
        .filter(project=OuterRef("pk"))
        .order_by()
        .values("project")
    )
    return (
        Project.objects.visible_to(member)
        .select_related("region", "contractor", "owner")
        .annotate(
            worst=Coalesce(Subquery(mine.annotate(n=Max("level")).values("n")), 0),
            warned=Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0),
        )
    )


@members_only()
@require_GET
def project(request: HttpRequest, code: str) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    rows = Project.objects.visible_to(member).select_related("region", "owner", "contractor")
    found = get_object_or_404(rows, code=code)
    as_of = standing.judged_on()
    parties = list(
        scope.visible(Party.objects.current(), member)
        .filter(project=found)
        .select_related("company", "parent")
        .order_by("entry_date", "pk")
    )
    warnings = Warning.objects.visible_to(member).open().filter(project=found)
    context = {
        "project": found,
        "parties": sorted(parties, key=lambda party: _ORDER.index(party.role)),
        "accounts": scope.visible(Account.objects.filter(project=found), member),
        "securities": scope.visible(Security.objects.current(), member).filter(project=found),
        "boards": scope.visible(NoticeBoard.objects.current(), member).filter(project=found),
        "warnings": warnings.unfolded().select_related("company").defer("evidence"),
        "folded": warnings.exclude(folded_under=None).count(),
        "conflicts": scope.visible(Conflict.objects.open(), member).filter(project=found).count(),
        "complaints": complaint.visible(member).filter(project=found)[:MOST_COMPLAINTS],
        "cases": scope.visible(Case.objects.all(), member)
        .filter(projects=found)
        .select_related("company")[:MOST_COMPLAINTS],
        "grid": _grid(found, member, parties, as_of),
        "states": states.STATES,
        "arrears": ledger.totals(Arrear.objects.visible_to(member).filter(project=found), as_of),
        "as_of": as_of,
    }
    return render(request, "projects/project.html", context)


_ORDER = [Party.Role.OWNER, Party.Role.GENERAL, Party.Role.SUB]


def _grid(project: Project, member: Member, parties: list[Party], as_of: dt.date) -> grid.Grid:
    cycles = scope.visible(Cycle.objects.filter(project=project), member)
    employers: list[tuple[Company, str]] = []
    if member.role != Member.Role.SUB:
        employers.append((project.contractor, Party.Role.GENERAL))
    employers += [(party.company, party.role) for party in parties if party.role == Party.Role.SUB]
    return grid.grid(cycles.select_related("employer"), employers, as_of)
