"""The composition root: where the apps' pages hang."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/", include("wagewatch.api_urls")),
    path("", include("projects.urls")),
    path("", include("payroll.urls")),
    path("", include("alerts.urls")),
]
