"""A pay cycle: its sheet's versions, lines, payments and attendance side by side."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from payroll import cycle_page, states
from payroll.models import Cycle, Feed
from projects import scope
from projects.access import members_only
from wagewatch.months import Month

SIZE = 50


@members_only()
@require_GET
def cycle(request: HttpRequest, project: str, company: str, month: str) -> HttpResponse:
    """Named by what it is, not by a row's number: the rows are made afresh by each evaluation."""
    member = request.member  # type: ignore[attr-defined]
    try:
        worked = Month.parse(month)
    except ValueError as error:
        raise Http404 from error
    visible = scope.visible(Cycle.objects.select_related("project__region", "employer"), member)
    found = get_object_or_404(visible, project__code=project, employer__code=company, month=worked)
    versions = cycle_page.sheets(found)
    sheet = cycle_page.sheet_on(versions, found.as_of, request.GET.get("version", ""))
    people = cycle_page.rows(found, sheet, found.as_of)
    feeds = {version.feed_id for version in versions}
    context = {
        "cycle": found,
        "state": states.state(found, found.as_of),
        "versions": versions,
        "sheet": sheet,
        "people": Paginator(people, SIZE).get_page(request.GET.get("page")),
        "gate_only": sum(1 for row in people if row.line is None and row.attended),
        "open_feeds": set(
            Feed.objects.visible_to(member).filter(pk__in=feeds).values_list("pk", flat=True)
        ),
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    response = render(request, "payroll/_cycle.html" if partial else "payroll/cycle.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
