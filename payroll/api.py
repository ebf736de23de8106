"""REST: feeds in and their reports, pay cycles."""

import hashlib
from typing import Any

import django_filters
from django.db import IntegrityError, transaction
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from payroll import feeds, ingest, upload
from payroll.models import ApiCall, Cycle, Feed
from projects import scope
from projects.access import SENDERS, Role
from projects.api import member_of
from projects.models import Source
from wagewatch import audit
from wagewatch.api import Problem
from wagewatch.months import Month

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Up to 100 signs. The same key with the same request gives the first answer again.",
)


class IssueSerializer(serializers.Serializer[Any]):
    sheet = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    value = serializers.CharField(help_text="ID and card numbers are masked")
    code = serializers.CharField()
    message = serializers.CharField(help_text="In the language of Accept-Language")


class FeedSerializer(serializers.ModelSerializer[Feed]):
    class Meta:
        model = Feed
        fields: tuple[str, ...] = (
            "id", "kind", "source", "filename", "size", "sha256", "channel", "received_at",
            "received_on", "status", "rows", "accepted", "issues_total", "progress",
            "finished_at", "duplicate_of",
        )  # fmt: skip


class ReportSerializer(FeedSerializer):
    """A feed with all that is said of it."""

    errors = serializers.SerializerMethodField()
    hints = serializers.SerializerMethodField()

    class Meta(FeedSerializer.Meta):
        fields = (*FeedSerializer.Meta.fields, "errors", "hints")

    @extend_schema_field(IssueSerializer(many=True))
    def get_errors(self, feed: Feed) -> Any:
        return ingest.report(feed)["errors"]

    @extend_schema_field(IssueSerializer(many=True))
    def get_hints(self, feed: Feed) -> Any:
        return ingest.report(feed)["hints"]


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()
    kind = serializers.ChoiceField(
        choices=feeds.kinds(), required=False, help_text="Found from the content when not given"
    )
    source = serializers.ChoiceField(
        choices=Source.choices,
        required=False,
        help_text="Whose data a registry feed is; the sender's own when not given. Others may be "
        "named by labour inspectors, who pass them on",
    )


class FeedFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=Feed.Status.choices)
    kind = django_filters.CharFilter()
    received_on = django_filters.DateFromToRangeFilter()

    class Meta:
        model = Feed
        fields: list[str] = []


class FeedViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Feed]):
    """Files sent, by whatever way, that the token's member may see."""

    queryset = Feed.objects.none()
    filterset_class = FeedFilter
    parser_classes = (MultiPartParser,)

    def get_serializer_class(self) -> Any:
        return FeedSerializer if self.action == "list" else ReportSerializer

    def get_queryset(self) -> Any:
        return Feed.objects.visible_to(member_of(self)).distinct()

    @extend_schema(
        request=UploadSerializer,
        parameters=[KEY],
        responses={
            201: OpenApiResponse(ReportSerializer, description="Read: accepted, rejected or known"),
            202: OpenApiResponse(ReportSerializer, description="Kept; being read"),
        },
    )
    def create(self, request: Request) -> Response:
        """Send one file. Over 1,000 rows it is read in the background: ask for it again."""
        member = member_of(self)
        if member.role not in SENDERS:
            raise PermissionDenied(_("Owners send no feeds."), code="no-sender")
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]

        def send() -> Feed:
            return upload.take(
                file,
                user=request.user,
                member=member,
                channel="api",
                kind=asked.validated_data.get("kind"),
                source=asked.validated_data.get("source", ""),
            )

        key = request.headers.get("Idempotency-Key", "")
        beside = (asked.validated_data.get("kind") or "", asked.validated_data.get("source", ""))
        feed, again = once(request.auth, key, file, beside, send) if key else (send(), False)
        feed.refresh_from_db()
        headers = {"Location": f"/api/v1/feeds/{feed.pk}"}
        if again:
            headers["Idempotent-Replay"] = "true"
        status = 202 if feed.is_open else 201
        return Response(ReportSerializer(feed).data, status=status, headers=headers)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The file exactly as it came; taking it is on the audit trail."""
        feed, member = self.get_object(), member_of(self)
        own = (
            feed.company_id == member.company_id
            if member.is_company
            else (member.role == Role.INSPECTOR or feed.sender_id == request.user.pk)
        )
        if not own:
            raise PermissionDenied(_("The file holds whole ID numbers: for its sender alone."))
        audit.record(request.user, "feed-original", feed, token=request.auth.pk)
        response = StreamingHttpResponse(
            ingest.open_bytes(feed), content_type="application/octet-stream"
        )
        disposition = content_disposition_header(True, feed.filename)
        response["Content-Disposition"] = disposition or "attachment"
        response["Cache-Control"] = "private, no-store"
        return response


def once(token: Any, key: str, file: Any, beside: tuple[str, ...], send: Any) -> tuple[Feed, bool]:
    """The feed of this key, sent now or by an earlier call: (feed, earlier). `beside`: what stands
    in the request beside the file."""
    if len(key) > 100:
        raise Problem("key-long", _("The idempotency key is longer than 100 signs."), 400)
    digest = hashlib.sha256("\0".join((*beside, "")).encode())
    for block in file.chunks():
        digest.update(block)
    file.seek(0)
    try:
        with transaction.atomic():
            call = ApiCall.objects.create(
                token=token, key=key, sha256=digest.hexdigest(), at=timezone.now()
            )
    except IntegrityError:
        call = ApiCall.objects.select_related("feed").get(token=token, key=key)
        if call.sha256 != digest.hexdigest():
            said = _("This idempotency key was used for another request. Take a new one.")
            raise Problem("key-reused", said, 422) from None
        if call.feed is None:
            said = _("The first call with this key is still being worked on. Ask again soon.")
            raise Problem("key-busy", said, 409) from None
        return call.feed, True
    try:
        call.feed = send()
    except BaseException:
        call.delete()  # nothing came of it: the key may be used again
        raise
    call.save(update_fields=["feed"])
    return call.feed, False


class CycleSerializer(serializers.ModelSerializer[Cycle]):
    """Sums in CNY."""

    project = serializers.CharField(source="project.code")
    employer = serializers.CharField(source="employer.code", help_text="Credit code")
    month = serializers.CharField(help_text="YYYY-MM")

    class Meta:
        model = Cycle
        fields = (
            "project", "employer", "month", "as_of", "payday", "sheet_due", "provisional",
            "attended_people", "attended_days", "sheet_received", "sheet_people", "due",
            "disbursed", "paid", "paid_people", "returned", "unpaid", "unpaid_people",
        )  # fmt: skip


class CycleFilter(django_filters.FilterSet):
    project = django_filters.CharFilter(field_name="project__code")
    employer = django_filters.CharFilter(field_name="employer__code")
    month = django_filters.CharFilter(method="by_month", label="YYYY-MM")

    class Meta:
        model = Cycle
        fields: list[str] = []

    def by_month(self, queryset: Any, name: str, value: str) -> Any:
        try:
            return queryset.filter(month=Month.parse(value))
        except ValueError:
            return queryset.none()


class CycleViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Cycle]):
    """The facts of pay cycles (project x employer x month) as last computed."""

    queryset = Cycle.objects.none()
    serializer_class = CycleSerializer
    filterset_class = CycleFilter

    def get_queryset(self) -> Any:
        rows = scope.visible(Cycle.objects.all(), member_of(self))
        return rows.select_related("project", "employer")
