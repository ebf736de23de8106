"""Sending feeds: template, upload, progress, report, the file back with its marks, history."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from payroll import ingest, mapping, upload
from payroll.filters import FeedFilter
from payroll.forms import TemplateForm
from payroll.marked import marked_copy
from payroll.models import Feed, Terminal
from payroll.sources import origin
from payroll.template import template_xlsx
from projects import scope
from projects.access import EMPLOYERS, SENDERS, Role, members_only
from projects.labels import SOURCE
from projects.models import Engagement
from wagewatch import audit
from wagewatch.months import Month
from wagewatch.paging import paged

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ISSUES = 100
MOST_FILES = 50
MOST_TERMINALS = 200


def _feed(request: HttpRequest, pk: int) -> Feed:
    rows = Feed.objects.visible_to(request.member).select_related(  # type: ignore[attr-defined]
        "sender", "company", "duplicate_of"
    )
    return get_object_or_404(rows.distinct(), pk=pk)


@members_only(*SENDERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    rows = Feed.objects.visible_to(member).select_related("sender", "company")
    asked = FeedFilter(request.GET, queryset=rows)
    context: dict[str, Any] = {
        "filter": asked,
        "page": paged(asked.qs, ("-pk",), request.GET),
        "running": rows.open().filter(sender=request.user.pk).order_by("-pk")[:MOST_FILES],
        "template_form": _template_form(request) if member.role in EMPLOYERS else None,
        "limit": settings.FEED_MAX_BYTES >> 20,
        "terminals": Terminal.objects.visible_to(member).select_related("project")[:MOST_TERMINALS],
        "sources": SOURCE.items() if origin.may_name(member) else None,
    }
    return render(request, "payroll/feeds.html", context)


def _template_form(request: HttpRequest) -> TemplateForm:
    """Filled with what the link asked for, else with last month."""
    last = Month.of(timezone.localdate()) - 1
    return TemplateForm(
        initial={
            "project": request.GET.get("project", ""),
            "employer": request.GET.get("employer", ""),
            "month": request.GET.get("month") or str(last),
        },
        member=request.member,  # type: ignore[attr-defined]
        project=request.GET.get("project", ""),
    )


@members_only(*EMPLOYERS)
@require_GET
def employers(request: HttpRequest) -> HttpResponse:
    """The employer field for the project just chosen (htmx)."""
    form = _template_form(request)
    return render(request, "payroll/_employer.html", {"template_form": form})


@members_only(*EMPLOYERS)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The pay sheet to fill in, with the registered workers; it holds whole numbers, so that
    taking it is on the audit trail."""
    member = request.member  # type: ignore[attr-defined]
    form = TemplateForm(request.GET, member=member, project=request.GET.get("project", ""))
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return redirect("feeds")
    project, employer = form.cleaned_data["project"], form.cleaned_data["employer"]
    month: Month = form.cleaned_data["month"]
    people = scope.visible(Engagement.objects.filter(project=project, employer=employer), member)
    on_site = people.exclude(exit_date__lt=month.first).select_related("worker")
    book = template_xlsx(project, employer, month, on_site.order_by("team", "pk"))
    audit.record(request.user, "template-taken", project, employer=employer.code, month=str(month))
    response = HttpResponse(book, content_type=XLSX)
    name = f"{project.name}-{employer.name}-{month}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@members_only(*SENDERS)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """One or many files; with htmx their progress, else the report of the only one or the list.
    The page sends each file by itself; without scripts they come together, MOST_FILES at most."""
    member = request.member  # type: ignore[attr-defined]
    files = [file for file in request.FILES.getlist("files") if file.name]
    if len(files) > MOST_FILES:
        messages.error(request, _("Send at most %(most)s files at once.") % {"most": MOST_FILES})
        return redirect("feeds")
    terminal = None
    if chosen := request.POST.get("terminal"):
        mine = Terminal.objects.visible_to(member)
        terminal = get_object_or_404(mine, pk=chosen if chosen.isdecimal() else 0)
    source = request.POST.get("source", "")
    if source and source not in SOURCE:
        raise Http404
    taken = [
        upload.take(file, user=request.user, member=member, terminal=terminal, source=source)
        for file in files
    ]
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "payroll/_sent.html", {"feeds": taken})
    if not taken:
        messages.error(request, _("Choose a file first."))
        return redirect("feeds")
    return redirect("feed", pk=taken[0].pk) if len(taken) == 1 else redirect("feeds")


@members_only(*SENDERS)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """A feed's progress; asks again by itself until it is finished."""
    return render(request, "payroll/_progress.html", {"feed": _feed(request, pk)})


@members_only(*SENDERS)
@require_GET
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """The report: what became of the file, and each cell that is wrong."""
    found = _feed(request, pk)
    in_order = found.issues.order_by("severity", "sheet", F("row").asc(nulls_first=True), "pk")
    issues = Paginator(in_order, ISSUES)
    context = {
        "feed": found,
        "issues": issues.get_page(request.GET.get("page")),
        "broken": found.issues.filter(code="internal").exists(),
        "hints": found.issues.filter(severity="hint").count(),
        "sheets": scope.visible(found.sheets.all(), request.member).select_related(  # type: ignore[attr-defined]
            "project", "employer"
        ),
        "may_download": _may_download(request, found),
        "may_map": request.member.role in EMPLOYERS and mapping.may_map(found),  # type: ignore[attr-defined]
    }
    return render(request, "payroll/feed.html", context)


def _may_download(request: HttpRequest, feed: Feed) -> bool:
    """The bytes hold whole ID numbers: for the sender's own organisation and for inspectors."""
    member = request.member  # type: ignore[attr-defined]
    if member.is_company:
        return bool(feed.company_id == member.company_id)
    return member.role == Role.INSPECTOR or feed.sender_id == request.user.pk


def _downloadable(request: HttpRequest, pk: int, act: str) -> Feed:
    found = _feed(request, pk)
    if not _may_download(request, found):
        raise PermissionDenied
    audit.record(request.user, act, found)
    return found


@members_only(*SENDERS)
@require_GET
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The sender's own file back, wrong cells marked."""
    found = _downloadable(request, pk, "feed-marked-copy")
    response = HttpResponse(marked_copy(found), content_type=XLSX)
    stem = found.filename.rsplit(".", 1)[0]
    name = f"{stem}-{_('marked')}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@members_only(*SENDERS)
@require_GET
def original(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The file exactly as it came."""
    found = _downloadable(request, pk, "feed-original")
    response = StreamingHttpResponse(
        ingest.open_bytes(found), content_type="application/octet-stream"
    )
    disposition = content_disposition_header(True, found.filename)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    return response
