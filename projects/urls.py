from django.urls import path

from projects.views import worker

urlpatterns = [
    path("workers/<int:pk>/number/", worker.reveal, name="worker-number"),
]
