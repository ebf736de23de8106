"""The REST interface's addresses, its description and the page to try it."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from alerts.api import ComplaintViewSet, ForecastViewSet, WarningViewSet
from alerts.api_oversight import CaseViewSet, StandingViewSet
from payroll.api import CycleViewSet, FeedViewSet
from payroll.api_sources import ConflictViewSet, FieldValueViewSet
from payroll.ledger_api import ArrearViewSet
from projects.api import ProjectViewSet

router = SimpleRouter(trailing_slash=False)
router.register("feeds", FeedViewSet, basename="api-feed")
router.register("projects", ProjectViewSet, basename="api-project")
router.register("cycles", CycleViewSet, basename="api-cycle")
router.register("sources", FieldValueViewSet, basename="api-source")
router.register("conflicts", ConflictViewSet, basename="api-conflict")
router.register("arrears", ArrearViewSet, basename="api-arrear")
router.register("warnings", WarningViewSet, basename="api-warning")
router.register("complaints", ComplaintViewSet, basename="api-complaint")
router.register("cases", CaseViewSet, basename="api-case")
router.register("standings", StandingViewSet, basename="api-standing")
router.register("forecasts", ForecastViewSet, basename="api-forecast")

urlpatterns = [
    path("", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("v1/schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("v1/", include(router.urls)),
]
