"""A worker's whole ID number: shown to an inspector who says why, and recorded each time."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from projects import scope
from projects.access import Role, members_only
from projects.forms import RevealForm
from projects.models import Engagement
from wagewatch import audit


@never_cache
@members_only(Role.INSPECTOR)
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks for the purpose; POST gives the number. By engagement, which scope knows."""
    member = request.member  # type: ignore[attr-defined]
    rows = scope.visible(Engagement.objects.select_related("worker"), member)
    engagement = get_object_or_404(rows, pk=pk)
    form = RevealForm(request.POST or None)
    if not form.is_valid():
        context = {"engagement": engagement, "form": form}
        return render(request, "projects/_reveal.html", context)
    purpose = form.cleaned_data["purpose"]
    audit.record(request.user, "id-revealed", engagement.worker, purpose=purpose, engagement=pk)
    return render(request, "projects/_revealed.html", {"number": engagement.worker.id_number})
