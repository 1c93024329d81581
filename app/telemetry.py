"""Logging: one line an event, with names and values, never a token, a body or a customer's words."""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure(level: str, style: str) -> None:
    """Set up logging of this process, once: to standard error, for people (`console`) or for machines (`json`).

    Loggers keep what they were set up with first; another set-up would reach some of them only.
    """
    if structlog.is_configured():
        return
    renderer: Processor = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
