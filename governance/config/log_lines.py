"""How log lines look: to standard error, with a time in UTC, level and logger's name."""

from typing import Any

import structlog


def to_standard_error(*, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING. `as_json`: one JSON object a line, for whatever collects logs.

    Requests that failed are told with their traceback, whatever DEBUG is.
    """
    processors = structlog.processors
    shown: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        shown += [processors.format_exc_info, processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        shown.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain))
    line = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "processors": shown,
        "foreign_pre_chain": [
            structlog.contextvars.merge_contextvars,
            processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"standard_error": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["standard_error"], "level": "WARNING"},
        "loggers": {
            "governance": {"level": "INFO"},
            "inventory": {"level": "INFO"},
            # Django's own handlers mail to nobody and repeat lines while DEBUG is on.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }
