"""Reference data and the audit trail in the administration; what is evidence is read-only."""

from typing import Any

from django.contrib import admin

from wagewatch.models import AuditEntry, CalendarDay, Work

admin.site.site_header = "薪安监测 · Wagewatch"
admin.site.site_title = "Wagewatch"


class ReadOnly(admin.ModelAdmin):
    """May be looked at, never changed: for evidence and trails."""

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnly):
    """A year is entered as a whole, with its notice, on the calendar page."""

    list_display = ("date", "is_workday", "name", "source")
    list_filter = ("is_workday",)
    date_hierarchy = "date"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "user", "act", "thing", "thing_id")
    list_filter = ("act",)
    search_fields = ("user__username", "thing_id")
    list_select_related = ("user",)
    date_hierarchy = "at"


@admin.register(Work)
class WorkAdmin(ReadOnly):
    list_display = ("created_at", "function", "status", "attempts", "finished_at", "error")
    list_filter = ("status",)
