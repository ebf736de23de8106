"""A pay sheet entered on line, and a company's own column headings."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from payroll import entry, mapping
from payroll.feeds.payroll import FIELDS
from payroll.feeds.payroll_mapped import GIVEN
from payroll.forms import TemplateForm, employers
from payroll.models import Feed
from projects.access import EMPLOYERS, members_only
from projects.models import Project
from wagewatch.months import Month


@members_only(*EMPLOYERS)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """GET: the table for a project, employer and month; POST: what was typed, as a feed."""
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET if request.method == "GET" else request.POST
    last = str(Month.of(timezone.localdate()) - 1)
    chosen = {
        "project": asked.get("project", ""),
        "employer": asked.get("employer", ""),
        "month": asked.get("month") or last,
    }
    form = TemplateForm(
        chosen if chosen["project"] else None,
        initial=chosen if chosen["project"] else {"month": last},
        member=member,
        project=chosen["project"],
    )
    context: dict[str, Any] = {"form": form}
    if not form.is_bound or not form.is_valid():
        return render(request, "payroll/entry.html", context)
    place = (
        form.cleaned_data["project"],
        form.cleaned_data["employer"],
        form.cleaned_data["month"],
    )
    if request.method == "GET":
        rows = entry.rows(*place)
    else:
        rows = entry.typed(*place, request.POST)
        feed = None
        if any(row.gross for row in rows):
            now = timezone.now()
            feed = entry.submit(
                *place, rows, user=request.user, member=member,
                now=now, today=timezone.localdate(now),
            )  # fmt: skip
        if feed is not None and feed.status != Feed.Status.REJECTED:
            return redirect("feed", pk=feed.pk)
        context["feed"] = feed
        context["empty"] = feed is None
    context |= dict(zip(("project", "employer", "month"), place, strict=True))
    context |= {
        "rows": rows,
        "kept": entry.back_pay(*place),
        "held": entry.held(*place).first(),
    }
    status = 200 if request.method == "GET" else 400
    return render(request, "payroll/entry.html", context, status=status)


@members_only(*EMPLOYERS)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What the headings of a file that was sent back mean; saved for the company."""
    member = request.member  # type: ignore[attr-defined]
    feed = get_object_or_404(Feed.objects.visible_to(member).distinct(), pk=pk)
    found = mapping.suggest(feed) if mapping.may_map(feed) else None
    if found is None:
        raise Http404
    projects = Project.objects.visible_to(member).order_by("name")
    chosen: dict[str, str] = found.guesses
    if request.method == "POST":
        offered = set(found.headings)
        chosen = {
            field.name: request.POST.get(field.name, "")
            for field in FIELDS
            if request.POST.get(field.name, "") in offered
        }
        project = projects.filter(code=request.POST.get("_project", "")).first()
        employer = employers(member, project).filter(code=request.POST.get("_employer", "")).first()
        if employer is None and request.POST.get("_employer") == member.company.code:
            employer = member.company
        lacking = mapping.missing(chosen)
        if not lacking:
            again = mapping.keep(
                feed, chosen, company=member.company, user=request.user,
                project=project, employer=employer,
            )  # fmt: skip
            messages.success(request, _("Saved: your next files are read the same way."))
            return redirect("feed", pk=again.pk)
        titles = "、".join(field.title for field in FIELDS if field.name in lacking)
        messages.error(request, _("Still missing: %(names)s") % {"names": titles})
    context = {
        "feed": feed,
        "found": found,
        "fields": [
            (field, chosen.get(field.name, ""), field.name in mapping.missing({}))
            for field in FIELDS
        ],
        "projects": projects,
        "employers": employers(member, projects.first()),
        "given": GIVEN,
    }
    return render(request, "payroll/columns.html", context, status=400 if request.POST else 200)
