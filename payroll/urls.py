from django.urls import path

from payroll.views import cycle, feeds

urlpatterns = [
    path("feeds/", feeds.index, name="feeds"),
    path("feeds/template/", feeds.template, name="feed-template"),
    path("feeds/employers/", feeds.employers, name="feed-employers"),
    path("feeds/send/", feeds.send, name="feed-send"),
    path("feeds/<int:pk>/", feeds.feed, name="feed"),
    path("feeds/<int:pk>/progress/", feeds.progress, name="feed-progress"),
    path("feeds/<int:pk>/marked/", feeds.marked, name="feed-marked"),
    path("feeds/<int:pk>/original/", feeds.original, name="feed-original"),
    path("projects/<str:project>/cycles/<str:company>/<str:month>/", cycle.cycle, name="cycle"),
]
