"""The worker's page: one line of a pay sheet, confirmed or disputed without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payroll import confirmation, labels


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks for the last four characters; POST with them shows the line, or takes the answer.

    Nothing of the line is shown before the four fit. They are sent in the body, never in the URL.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    if confirmation.too_many(address):
        return _refused(request, "locked", 429)
    try:
        line = confirmation.line_of(token)
    except confirmation.Refused as refused:
        return _refused(request, refused.reason, 404)
    context = {"line": line, "worker": line.engagement.worker, "token": token}
    last_four = request.POST.get("last_four", "")
    if request.method == "GET":
        return _answered(request, line) or _show(request, context)
    try:
        confirmation.check(line, last_four)
        if verdict := request.POST.get("verdict", ""):
            made = confirmation.answer(
                line, last_four, verdict, request.POST.get("text", ""),
                address=address or None, now=timezone.now(), today=timezone.localdate(),
            )  # fmt: skip
            return _show(request, context | {"answer": made})
    except confirmation.Refused as refused:
        if refused.reason in ("number", "text"):
            known = {"last_four": last_four} if refused.reason == "text" else {}
            said = labels.REFUSED[refused.reason]
            return _show(request, context | known | {"said": said}, 400)
        return _refused(request, refused.reason, 429 if refused.reason == "locked" else 410)
    return _show(request, context | {"last_four": last_four})


def _answered(request: HttpRequest, line: object) -> HttpResponse | None:
    """What is said at once, before any number is typed."""
    if hasattr(line, "confirmation"):
        return _refused(request, "answered", 410)
    return None


def _show(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "payroll/confirm.html", context, status=status)


def _refused(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    return _show(request, {"refused": labels.REFUSED[reason]}, status)
