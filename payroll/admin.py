"""Feeds as they came: evidence, read-only."""

from django.contrib import admin

from payroll.models import Feed
from wagewatch.admin import ReadOnly


@admin.register(Feed)
class FeedAdmin(ReadOnly):
    list_display = ("received_at", "filename", "kind", "status", "rows", "sender", "company")
    list_filter = ("status", "kind", "channel")
    search_fields = ("filename", "sha256")
    list_select_related = ("sender", "company")
    exclude = ("projects",)
