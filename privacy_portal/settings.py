"""Django settings. What an operator sets is read here, once; docs/settings.md explains each name."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.templatetags.static import static

from privacy_portal import environment as env
from privacy_portal import reporting

BASE_DIR = Path(__file__).resolve().parent.parent
env.take_in(BASE_DIR / ".env")

DATA_DIR = env.data_folder("PORTAL_DATA_DIR", BASE_DIR / "var")
HOST = env.text("HOST", "127.0.0.1")
PORT = env.whole_number("PORT", 8000, at_most=65535)
PUBLIC_URL = env.origin("PORTAL_PUBLIC_URL", f"http://127.0.0.1:{PORT}")
DEBUG = False

# -- Database ---------------------------------------------------------------------------------------------
_postgresql = env.database("DATABASE_URL")
EMBEDDED = not _postgresql
WEB_PROCESSES = 1 if EMBEDDED else env.whole_number("WEB_PROCESSES", 2)
DATABASES: dict[str, dict[str, Any]]
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "privacy_portal.sqlite",
            "NAME": DATA_DIR / "portal.sqlite3",
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }
else:
    from psycopg import IsolationLevel  # a quarter of a second of each process's start, which SQLite need not take

    DATABASES = {"default": _postgresql | {"ENGINE": "privacy_portal.postgresql"}}
    DATABASES["default"].setdefault("OPTIONS", {})
    # A server that does not answer is an error within seconds, never a request that hangs.
    DATABASES["default"]["OPTIONS"] |= {"connect_timeout": 3, "keepalives_idle": 15, "tcp_user_timeout": 10_000}
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 0,
        "max_size": env.whole_number("DATABASE_POOL_SIZE", 10),
        "timeout": 3,
        # How long it tries by itself, with pauses that double; then the next who asks begins anew. With the default,
        # five minutes, whoever asked after an outage of a minute waited for the rest of a pause as long as that.
        "reconnect_timeout": 3,
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted server costs no request
    # Whatever the server's default: under any higher level the gate would read flags of before its transaction.
    DATABASES["default"]["OPTIONS"]["isolation_level"] = IsolationLevel.READ_COMMITTED
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Secrets ----------------------------------------------------------------------------------------------
_keys_folder = DATA_DIR if EMBEDDED else None
SECRET_KEY = env.secret("SECRET_KEY", _keys_folder)
SILENCED_SYSTEM_CHECKS = ["security.W009"]  # it asks for 50 characters; `env.secret` has refused what is too short
ENCRYPTION_KEYS = env.secret_list("PORTAL_ENCRYPTION_KEYS", _keys_folder)
SUBJECT_KEY = env.secret("PORTAL_SUBJECT_KEY", _keys_folder)

# -- Web --------------------------------------------------------------------------------------------------
ALLOWED_HOSTS = env.host_names("ALLOWED_HOSTS", "*" if EMBEDDED else "")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
METRICS_TOKEN = env.text("METRICS_TOKEN")
METRICS_ALLOWED = env.networks("METRICS_ALLOWED") or None
ROOT_URLCONF = "privacy_portal.urls"
ASGI_APPLICATION = "privacy_portal.asgi.application"
_secure = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "privacy_portal.processes.dead_ends.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _secure
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^u/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _secure
# Cookies know no ports: two portals of one machine would else sign each other's staff out.
_port = urlsplit(PUBLIC_URL).port
SESSION_COOKIE_NAME = f"sessionid_{_port}" if _port else "sessionid"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# -- Tracking ---------------------------------------------------------------------------------------------
TRACKING_MAX_BODY_BYTES = env.whole_number("TRACKING_MAX_BODY_BYTES", 1_048_576)
REDIS_URL = env.redis_server("REDIS_URL")
REDIS_KEY_PREFIX = env.text("REDIS_KEY_PREFIX", "portal:bucket:")

# -- Storage ----------------------------------------------------------------------------------------------
STORAGE_URL = env.folder("PORTAL_STORAGE_URL", DATA_DIR / "storage")

# -- Celery: the broker is a bell, see privacy_portal/celery.py -----------------------------------------------
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem://localhost", ("amqp", "amqps", "redis", "rediss"))
CELERY_KEY_PREFIX = env.text("CELERY_KEY_PREFIX", "privacy-portal:")

# -- Apps -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",  # first, so that the console can take its pages over
    "privacy_portal.durable",
    "privacy_portal.audit",
    "privacy_portal.brands",
    "privacy_portal.subjects",
    "privacy_portal.rest",
    "privacy_portal.consent",
    "privacy_portal.tracking",
    "privacy_portal.upstream",
    "privacy_portal.preferences",
    "regulations",
    "privacy_portal.console",
    "privacy_portal.processes",
    "unfold.apps.BasicAppConfig",
    "privacy_portal.console.apps.ConsoleAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "privacy_portal.processes.proxied.trusted_scheme",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "privacy_portal.console.cookies.console_cookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "privacy_portal.console.csp.console_csp",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"

# -- Console ----------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Privacy Portal",
    "SITE_HEADER": "Privacy Portal",
    "SITE_ICON": lambda request: static("console/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/logo.svg")},
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("console/console.css")],
    "SIDEBAR": {"navigation": "privacy_portal.console.navigation.groups"},
    # A deep teal whose 600 carries white text at 5.5:1.
    "COLORS": {
        "primary": {
            "50": "#effaf8", "100": "#d3f2ec", "200": "#a8e4da", "300": "#73cfc2", "400": "#3fb2a5", "500": "#1f968a",
            "600": "#0f766e", "700": "#115e59", "800": "#134e4a", "900": "#123f3d", "950": "#042f2e",
        }
    },
}  # fmt: skip

# -- REST API ---------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["privacy_portal.rest.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["privacy_portal.rest.permissions.HasRight"],
    "DEFAULT_PARSER_CLASSES": ["privacy_portal.rest.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "privacy_portal.rest.pagination.NewestFirst",
    "DEFAULT_FILTER_BACKENDS": ["privacy_portal.rest.filters.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "privacy_portal.rest.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "privacy_portal.rest.answers.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Privacy Portal REST API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "Regulations, consent and delivery for support tooling. Times are ISO-8601 in UTC with `Z`; lists "
    "are paged by cursor; no userId, address or secret stands in a URL. A token's role says what it may do, and its "
    "brands where: what it may not see is not found.",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [],
}

# -- Language, time, static files ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

# -- Mail -------------------------------------------------------------------------------------------------
vars().update(env.mail("EMAIL_URL"))

# -- Logs: constant event names and ids, never personal data ------------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "privacy_portal.log.WithoutText",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {
        "without_paths": {"()": "privacy_portal.log.WithoutPaths"},
        "without_tokens": {"()": "privacy_portal.preferences.log_filter.WithoutTokens"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_paths", "without_tokens"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # These have handlers of their own, which would print an error in its own words.
        **{
            name: {"handlers": [], "propagate": True}
            for name in ("_granian", "granian.access", "django", "django.server")
        },
        # These print what they were given, payloads and addresses included.
        **{
            name: {"level": "WARNING" if name != "django.db.backends" else "ERROR"}
            for name in (
                *("amqp", "celery", "django.db.backends", "django.request", "django.template"),
                *("httpcore", "httpx", "kombu"),
            )
        },
    },
}

# -- Errors -----------------------------------------------------------------------------------------------
reporting.start(env.url("SENTRY_DSN", "", ("http", "https")))
