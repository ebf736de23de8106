from django.urls import path

from alerts.views import answer, case, desk, notice, project, rules, warning

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("warnings.xlsx", desk.export, name="desk-export"),
    path("warnings/<int:pk>/", warning.warning, name="warning"),
    path("warnings/<int:pk>/dismiss/", warning.dismiss, name="warning-dismiss"),
    path("warnings/<int:pk>/restore/", warning.restore, name="warning-restore"),
    path("warnings/<int:pk>/answer/", warning.reply, name="warning-answer"),
    path("rules/", rules.index, name="rules"),
    path("rules/<str:code>/", rules.rule, name="rule"),
    path("rules/<str:code>/set/", rules.set_parameter, name="parameter-set"),
    path("rules/values/<int:pk>/withdraw/", rules.withdraw, name="parameter-withdraw"),
    path("answers/", answer.index, name="answers"),
    path("answers/<int:pk>/withdraw/", answer.withdraw, name="answer-withdraw"),
    path("answers/<int:pk>/decide/", answer.decide, name="answer-decide"),
    path("answers/files/<int:pk>/", answer.file, name="answer-file"),
    path("cases/", case.index, name="cases"),
    path("cases.xlsx", case.export, name="cases-export"),
    path("cases/new/", case.new, name="case-new"),
    path("cases/<int:pk>/", case.case, name="case"),
    path("cases/<int:pk>/<slug:act>/", case.act, name="case-act"),
    path("oversight/", case.oversight, name="oversight"),
    path("projects/", project.index, name="projects"),
    path("projects/<str:code>/", project.project, name="project"),
    path("notices/", notice.index, name="notices"),
    path("notices/new/", notice.new, name="notice-new"),
    path("notices/<int:pk>/", notice.notice, name="notice"),
    path("notices/<int:pk>/file/", notice.file, name="notice-file"),
    path("notices/<int:pk>/verify/", notice.verify, name="notice-verify"),
]
