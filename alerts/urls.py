from django.urls import path

from alerts.views import answer, desk, ledger, notice, project, rules, warning

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
    path("ledger/", ledger.index, name="ledger"),
    path("ledger/find/", ledger.find, name="ledger-find"),
    path("ledger/arrears.xlsx", ledger.export, name="ledger-export"),
    path("ledger/differences/", ledger.differences, name="ledger-differences"),
    path("ledger/workers/<int:pk>/", ledger.worker, name="ledger-worker"),
    path("projects/", project.index, name="projects"),
    path("projects/<str:code>/", project.project, name="project"),
    path("notices/", notice.index, name="notices"),
    path("notices/new/", notice.new, name="notice-new"),
    path("notices/<int:pk>/", notice.notice, name="notice"),
    path("notices/<int:pk>/file/", notice.file, name="notice-file"),
    path("notices/<int:pk>/verify/", notice.verify, name="notice-verify"),
]
