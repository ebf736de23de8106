"""Feeds as they came: evidence, read-only. Column maps: how a bank or company heads its columns.
Terminals: time clocks and their offsets. Checks of the ledger and what they found."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from payroll import column_maps, terminals
from payroll.column_map_form import ColumnMapForm
from payroll.models import ColumnMap, Difference, Feed, Reconciliation, Terminal
from wagewatch.admin import ReadOnly


@admin.register(Feed)
class FeedAdmin(ReadOnly):
    list_display = ("received_at", "filename", "kind", "status", "rows", "sender", "company")
    list_filter = ("status", "kind", "channel")
    search_fields = ("filename", "sha256")
    list_select_related = ("sender", "company")
    exclude = ("projects",)


@admin.register(ColumnMap)
class ColumnMapAdmin(admin.ModelAdmin):
    form = ColumnMapForm
    list_display = ("name", "kind", "bank_code", "company", "active")
    list_filter = ("kind", "active")
    search_fields = ("name", "bank_code", "company__name")
    autocomplete_fields = ("company",)
    list_select_related = ("company",)
    fieldsets = (
        (None, {"fields": ("name", "kind", "bank_code", "company", "active", "columns")}),
        (
            _("How the bank writes"),
            {
                "fields": (
                    *("sign", "negative", "decimal", "date_format"),
                    *("debit_words", "credit_words", "booked_words", "returned_words"),
                )
            },
        ),
    )

    def save_model(self, request: Any, obj: ColumnMap, form: Any, change: bool) -> None:
        column_maps.save_map(obj, user=request.user)

    def delete_model(self, request: Any, obj: ColumnMap) -> None:
        column_maps.delete_map(obj, user=request.user)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        for layout in queryset:
            column_maps.delete_map(layout, user=request.user)


@admin.register(Terminal)
class TerminalAdmin(admin.ModelAdmin):
    list_display = ("serial", "project", "company", "name", "clock_offset")
    search_fields = ("serial", "project__code", "project__name")
    raw_id_fields = ("project", "company")
    list_select_related = ("project", "company")

    def save_model(self, request: Any, obj: Terminal, form: Any, change: bool) -> None:
        act = terminals.change if change else terminals.register
        act(obj, user=request.user)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly):
    list_display = ("as_of", "at", "cycles", "entries", "workers", "owed", "seconds")


@admin.register(Difference)
class DifferenceAdmin(ReadOnly):
    list_display = ("reconciliation", "kind", "project", "employer", "month", "held", "raw")
    list_filter = ("kind",)
    list_select_related = ("reconciliation", "project", "employer")
