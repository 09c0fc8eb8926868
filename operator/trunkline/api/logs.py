"""How functions log and how long logs are kept.

Values: https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from trunkline.api.common import Model, Rule, required, unmanaged


class LogFormat(StrEnum):
    JSON = "JSON"
    TEXT = "Text"


class LogLevel(StrEnum):
    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"
    FATAL = "FATAL"


class LogRetention(IntEnum):
    """Days that CloudWatch Logs offers."""

    D1 = 1
    D3 = 3
    D5 = 5
    D7 = 7
    D14 = 14
    D30 = 30
    D60 = 60
    D90 = 90
    D120 = 120
    D150 = 150
    D180 = 180
    D365 = 365
    D400 = 400
    D545 = 545
    D731 = 731
    D1096 = 1096
    D1827 = 1827
    D2192 = 2192
    D2557 = 2557
    D2922 = 2922
    D3288 = 3288
    D3653 = 3653


class Logging(Model):
    """How a function logs."""

    rules = (
        Rule(
            "!has(self.level) || self.format == 'JSON'",
            "level needs format: JSON",
            ".level",
            holds=lambda g: g.level is None or g.format is LogFormat.JSON,
        ),
    )

    format: LogFormat = required("JSON or Text.")
    level: LogLevel | None = unmanaged("Least level of the application's logs, with JSON.")
