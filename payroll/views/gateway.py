"""The one URL that vendors post to."""

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from payroll.gateway.address import caller_of
from payroll.gateway.serve import answer


@csrf_exempt
def call(request: HttpRequest) -> HttpResponseBase:
    """A signed call of the real-name interface; always 200, the code stands in the answer."""
    if request.method != "POST":
        return redirect("gateway-connect")
    form = {name: values[-1] for name, values in request.POST.lists() if values}
    said = answer(form, caller_of(request), timezone.now())
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})
