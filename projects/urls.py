from django.urls import path

from projects.views import tokens, worker

urlpatterns = [
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("workers/<int:pk>/number/", worker.reveal, name="worker-number"),
]
