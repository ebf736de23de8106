"""Reference data: regions, authorities, companies, members. Projects come by feed: read-only."""

from typing import Any

from django import forms
from django.contrib import admin

from projects.models import Authority, Company, Industry, Member, Project, Region
from wagewatch import audit
from wagewatch.admin import ReadOnly


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin):
    list_display = ("code", "name_zh", "name_en", "parent")
    search_fields = ("code", "name_zh", "name_en")
    list_select_related = ("parent",)


@admin.register(Authority)
class AuthorityAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "region", "document_mark")
    list_filter = ("kind",)
    search_fields = ("name",)
    autocomplete_fields = ("region",)


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")


class MemberForm(forms.ModelForm):
    industries = forms.MultipleChoiceField(
        choices=Industry.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Member
        fields = ("user", "role", "authority", "region", "industries", "company")


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    form = MemberForm
    list_display = ("user", "role", "authority", "region", "company")
    list_filter = ("role",)
    search_fields = ("user__username", "company__name")
    autocomplete_fields = ("user", "authority", "region", "company")
    list_select_related = ("user", "authority", "region", "company")

    def save_model(self, request: Any, obj: Member, form: Any, change: bool) -> None:
        """Who sees what changes here: on the audit trail."""
        super().save_model(request, obj, form, change)
        audit.record(request.user, "member-set", obj, role=obj.role, member=obj.user_id)


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    list_display = ("code", "name", "region", "industry", "contractor", "status")
    list_filter = ("industry", "status")
    search_fields = ("code", "name")
    list_select_related = ("region", "contractor")
