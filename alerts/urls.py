from django.urls import path

from alerts.views import desk, notice, project, warning

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("warnings.xlsx", desk.export, name="desk-export"),
    path("warnings/<int:pk>/", warning.warning, name="warning"),
    path("warnings/<int:pk>/dismiss/", warning.dismiss, name="warning-dismiss"),
    path("warnings/<int:pk>/restore/", warning.restore, name="warning-restore"),
    path("projects/", project.index, name="projects"),
    path("projects/<str:code>/", project.project, name="project"),
    path("notices/", notice.index, name="notices"),
    path("notices/new/", notice.new, name="notice-new"),
    path("notices/<int:pk>/", notice.notice, name="notice"),
    path("notices/<int:pk>/file/", notice.file, name="notice-file"),
    path("notices/<int:pk>/verify/", notice.verify, name="notice-verify"),
]
