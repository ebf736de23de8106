"""Settings of wagewatch. Everything that differs between offices comes from the environment.

WAGEWATCH_DATA          directory for the embedded database, received files and keys (default: var/)
WAGEWATCH_DATABASE_URL  postgres://user:password@host/name; SQLite under WAGEWATCH_DATA when unset
WAGEWATCH_BROKER_URL    redis://host:6379/0 for cache; tasks stay on the database broker
WAGEWATCH_SECRET_KEY, WAGEWATCH_VAULT_KEY   made once under WAGEWATCH_DATA when unset
WAGEWATCH_DEBUG         1 for development
WAGEWATCH_HOSTS         comma-separated host names
WAGEWATCH_PROXIES       number of reverse proxies before the web server (default 0)
"""

import os
import secrets
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("WAGEWATCH_DATA", BASE_DIR / "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _kept_secret(variable: str, size: int) -> str:
    """A secret from the environment, or one made on first use and kept with mode 0600."""
    if value := os.environ.get(variable):
        return value
    path = DATA_DIR / f"{variable.lower()}.txt"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(size))
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _kept_secret("WAGEWATCH_SECRET_KEY", 32)
VAULT_KEY = _kept_secret("WAGEWATCH_VAULT_KEY", 32)
DEBUG = os.environ.get("WAGEWATCH_DEBUG", "0") == "1"
ALLOWED_HOSTS = os.environ.get("WAGEWATCH_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_filters",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "wagewatch",
    "projects",
    "payroll",
    "alerts",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "projects.middleware.MemberMiddleware",
]

ROOT_URLCONF = "wagewatch.urls"
WSGI_APPLICATION = "wagewatch.wsgi.application"
ASGI_APPLICATION = "wagewatch.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("WAGEWATCH_DATABASE_URL") or f"sqlite:///{DATA_DIR / 'wagewatch.sqlite3'}",
        conn_max_age=60,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue for the lock at BEGIN instead of failing when a reader turns writer.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-64000; PRAGMA temp_store=MEMORY; PRAGMA analysis_limit=1000"
        ),
    }
    # A file, so that tests can have worker processes and browsers beside them.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_URL = os.environ.get("WAGEWATCH_BROKER_URL", "")
if BROKER_URL:
    CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": BROKER_URL}}
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# django-q2: the ORM broker acknowledges a delivery only when the task has ended, so a task whose
# worker died is delivered again; the Redis list broker forgets it (docs/decisions/0003).
Q_CLUSTER = {
    "name": "wagewatch",
    "orm": "default",
    "workers": int(os.environ.get("WAGEWATCH_WORKERS", "2")),
    "timeout": 3600,
    "retry": 3660,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "poll": 0.5,
    "bulk": 1,
    "save_limit": 1000,
    "label": "Background work",
}
if os.environ.get("WAGEWATCH_QUEUE") == "redis" and BROKER_URL:
    Q_CLUSTER.pop("orm")
    Q_CLUSTER["redis"] = BROKER_URL

# How long a worker owns a piece of work without renewing it (wagewatch/work.py).
WORK_LEASE_SECONDS = float(os.environ.get("WAGEWATCH_WORK_LEASE", "60"))

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "wagewatch.accounts.ClosedSignup"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
DECIMAL_SEPARATOR = "."

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise asks for it, though it serves from the finders
_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (prefix, path)
        for prefix, path in [
            ("vendor/tabler", _MODULES / "@tabler/core/dist"),
            ("vendor/icons", _MODULES / "@tabler/icons-webfont/dist"),
            ("vendor/htmx", _MODULES / "htmx.org/dist"),
        ]
        if path.is_dir()
    ),
]
WHITENOISE_USE_FINDERS = True

# How many reverse proxies stand before us: each appends to X-Forwarded-For what it saw.
TRUSTED_PROXIES = int(os.environ.get("WAGEWATCH_PROXIES", "0"))

MEDIA_ROOT = DATA_DIR / "files"
FEED_MAX_BYTES = 200 * 1024 * 1024
FEED_BACKGROUND_ROWS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Called with the ids of the touched projects after a feed was committed: payroll cannot import
# alerts, so the engine is named here.
AFTER_FEED = ["alerts.tasks.feed_committed"]

# Notices: how a document number is written, and the working days that a company gets to correct
# when the inspector names no day (the law leaves it to the authority).
NOTICE_NUMBER = "{mark}〔{year}〕第{number:03d}号"
NOTICE_DUE_WORKING_DAYS = 5
CASE_NUMBER = "{name}立案〔{year}〕{number:03d}号"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["projects.api_access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["projects.api_access.MembersOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "wagewatch.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "EXCEPTION_HANDLER": "wagewatch.api.problem",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wagewatch",
    "DESCRIPTION": "Feeds in, their reports, pay cycles and warnings out. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "ENUM_NAME_OVERRIDES": {
        "FeedStatus": "payroll.models.feed.Feed.Status",
        "WarningStatus": "alerts.models.warning.Warning.Status",
        "ProjectStatus": "projects.models.project.ProjectStatus",
        "Source": "projects.models.source.Source",
        "ComplaintStanding": "payroll.models.complaint.Complaint.Standing",
        "ConflictStanding": "projects.models.source.Conflict.Standing",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("WAGEWATCH_HTTPS", "0") == "1"

PRODUCT_NAME = _("Wagewatch")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
