"""For each alert what makes it fire, and what comes near and must not. Values are promtool's: `0+1x60` is 0, 1, 2 … 60, a
minute apart; `_` is no sample, `stale` the end of a series.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.alerts.rules import JOB, NAMESPACE


@dataclass(frozen=True, slots=True)
class Case:
    """series: values by series. fires: labels of the one alert that there shall be, without severity; None: none at all.
    value: what `{{ $value }}` becomes. at: when it is asked. slow: a sample every quarter of an hour.
    """

    alert: str
    why: str
    at: str
    series: Mapping[str, str]
    fires: Mapping[str, str] | None = None
    value: str = ""
    slow: bool = False


def of(name: str, pod: str = "a", /, **labels: str) -> str:
    """A series as Prometheus has it of one pod."""
    every = {"job": JOB, "namespace": NAMESPACE, "instance": f"10.0.0.1:{pod}", "pod": pod, **labels}
    selectors = ",".join(f'{label}="{value}"' for label, value in every.items())
    return f"{name}{{{selectors}}}"


PROCESS = {"job": JOB, "namespace": NAMESPACE}
OBJECT = {"kind": "ContactCenter", "namespace": "contact-centers", "name": "acme"}
POLICY = {"namespace": "contact-centers", "name": "peak"}
CACHE = {"namespace": "contact-centers", "name": "acme-cache"}
KIND = {"kind": "ScalingPolicy", **POLICY}
CONNECT = {"service": "connect", "operation": "CreateQueue"}


def condition(type_: str, status: str, whose: Mapping[str, str] = OBJECT, pod: str = "a") -> str:
    """The series of a condition."""
    return of("trunkline_condition", pod, **whose, type=type_, status=status)


def unready(reason: str) -> str:
    """The series of why an object is not Ready."""
    return of("trunkline_not_ready", **OBJECT, reason=reason)


def _passes(outcome: str) -> str:
    return of("trunkline_reconciles_total", kind="ContactCenter", cause="change", outcome=outcome)


def _calls(code: str) -> str:
    return of("trunkline_aws_calls_total", **CONNECT, code=code)


def _within(seconds: str) -> str:
    return of("trunkline_reconcile_seconds_bucket", kind="ContactCenter", cause="change", le=seconds)


def _scaling(name: str, pod: str = "a", /, **labels: str) -> str:
    return of(f"trunkline_scaling_{name}", pod, **POLICY, **labels)


def _lookups(short: str, came: str, pod: str = "a") -> dict[str, str]:
    """Lookups of one lever, of which so many find nothing warm; the objective is 99.9 percent."""
    return {
        _scaling("short_lookups_total", pod, lever="lookup"): short,
        _scaling("lookups_total", pod, lever="lookup"): came,
        _scaling("measured_seconds_total", pod): "0+60x400",
        _scaling("objective_ratio", pod, of="lookups"): "0.999x400",
    }


LEADER, STANDBY = of("trunkline_leader"), of("trunkline_leader", "b")
STARTED = of("trunkline_start_time_seconds")
WAITING = of("trunkline_queue_objects", state="waiting")
LONGEST = of("trunkline_queue_longest_wait_seconds")
GOES_ON = of("trunkline_pass_longest_seconds")
AUTO = _scaling("mode", mode="Auto")
DRIFT = of("trunkline_drift_repairs_total", **OBJECT)
BUCKET = {"bucket": "connect:CreateQueue"}

CASES: tuple[Case, ...] = (
    Case(
        "TrunklineAbsent",
        "another operator's series do not stand for ours",
        "11m",
        {of("trunkline_leader", job="other-metrics"): "1x20"},
        PROCESS,
    ),
    Case("TrunklineAbsent", "a standby is scraped", "20m", {STANDBY: "0x20"}),
    Case("TrunklineNoLeader", "two stand by", "6m", {LEADER: "0x10", STANDBY: "0x10"}, PROCESS),
    Case("TrunklineNoLeader", "a takeover", "8m", {LEADER: "1 1 stale", STANDBY: "0 0 0 0 1x10"}),
    Case(
        "TrunklineRestarting",
        "a pod that leads for a minute and then waits for five to be started again",
        "40m",
        {
            LEADER: " ".join(["1 stale _ _ _ _"] * 10),
            STARTED: " ".join(f"{1000 + 360 * life} stale _ _ _ _" for life in range(10)),
        },
        PROCESS,
        "6",
    ),
    Case(
        "TrunklineRestarting",
        "two upgrades, and a node that restarts",
        "40m",
        {
            STARTED: "1000x10 1600x10 stale",
            of("trunkline_start_time_seconds", "b"): "1000x20 stale",
            of("trunkline_start_time_seconds", "c"): "_x20 2200x10 stale",
            of("trunkline_start_time_seconds", "d"): "_x20 2200x10 2800x30",
            of("trunkline_start_time_seconds", "e"): "_x30 2800x30",
        },
    ),
    Case("TrunklineManyLeaders", "two lead", "4m", {LEADER: "1x10", STANDBY: "1x10"}, PROCESS, "2"),
    Case("TrunklineManyLeaders", "a hand-over", "4m", {LEADER: "1 1 1 stale", STANDBY: "0 0 1x10"}),
    Case(
        "TrunklineQueueStuck",
        "passes were, and none is",
        "25m",
        {LEADER: "1x30", WAITING: "3x30", _passes("Done"): "5x30"},
        PROCESS,
        "3",
    ),
    Case(
        "TrunklineQueueStuck",
        "what piles up with the standby waits for nothing",
        "25m",
        {
            LEADER: "1x30",
            WAITING: "0x30",
            STANDBY: "0x30",
            of("trunkline_queue_objects", "b", state="waiting"): "90x30",
            _passes("Done"): "5x30",
        },
    ),
    Case(
        "TrunklineQueueStuck",
        "passes end",
        "25m",
        {LEADER: "1x30", WAITING: "3x30", _passes("Done"): "5+1x30"},
    ),
    Case("TrunklineQueueSlow", "one waits on", "25m", {LEADER: "1x30", LONGEST: "0+60x30"}, PROCESS, "25m 0s"),
    Case(
        "TrunklineQueueSlow",
        "with the standby they wait until it leads",
        "25m",
        {LEADER: "1x30", STANDBY: "0x30", LONGEST: "3x30", of("trunkline_queue_longest_wait_seconds", "b"): "0+60x30"},
    ),
    Case("TrunklinePassHangs", "one goes on", "70m", {LEADER: "1x80", GOES_ON: "0+60x80"}, PROCESS, "1h 10m 0s"),
    Case("TrunklinePassHangs", "one ends and another begins", "2h", {LEADER: "1x150", GOES_ON: "0+60x55 0+60x55 0+60x40"}),
    Case("TrunklineQueueGrowing", "never few", "35m", {LEADER: "1x60", WAITING: "300x60"}, PROCESS, "300"),
    Case("TrunklineQueueGrowing", "a round of checks", "45m", {LEADER: "1x60", WAITING: "900x9 10 900x9 5 900x40"}),
    Case(
        "TrunklineChangesSlow",
        "all take 30 to 60 seconds",
        "65m",
        {_within("30"): "0x70", _within("60"): "0+1x70", _within("+Inf"): "0+1x70"},
        PROCESS,
        "57s",
    ),
    Case(
        "TrunklineChangesSlow",
        "nineteen of twenty are fast",
        "65m",
        {_within("30"): "0+19x70", _within("60"): "0+20x70", _within("+Inf"): "0+20x70"},
    ),
    Case(
        "TrunklinePassesFailing",
        "every other",
        "50m",
        {_passes("Failed"): "0+1x60", _passes("Done"): "0+1x60"},
        {**PROCESS, "kind": "ContactCenter"},
        "50%",
    ),
    Case("TrunklinePassesFailing", "one of twenty", "50m", {_passes("Failed"): "0+1x60", _passes("Done"): "0+19x60"}),
    Case("TrunklineStalled", "for a quarter of an hour", "16m", {condition("Stalled", "True"): "1x20"}, OBJECT),
    Case("TrunklineStalled", "mended", "20m", {condition("Stalled", "True"): "1x10", condition("Stalled", "False"): "_x10 1x20"}),
    Case("TrunklineStalled", "the object is deleted", "25m", {condition("Stalled", "True"): "1x20 stale"}),
    Case("TrunklineStalled", "another release's", "25m", {condition("Stalled", "True", {**OBJECT, "job": "other"}): "1x30"}),
    Case(
        "TrunklineConfirmationRequired",
        "two pods show it for a moment, and it is one alert",
        "61m",
        {condition("ConfirmationRequired", "True"): "1x61", condition("ConfirmationRequired", "True", pod="b"): "_x60 1x20"},
        OBJECT,
    ),
    Case("TrunklineConfirmationRequired", "confirmed", "70m", {condition("ConfirmationRequired", "True"): "1x50 stale"}),
    Case("TrunklineBlocked", "a quota", "31m", {of("trunkline_resources", **OBJECT, state="Blocked"): "2x40"}, OBJECT, "2"),
    Case("TrunklineBlocked", "changing only", "60m", {of("trunkline_resources", **OBJECT, state="Changing"): "2x90"}),
    Case("TrunklineNotReady", "it only takes long", "61m", {condition("Ready", "False"): "1x70", unready("Progressing"): "1x70"}, OBJECT),
    Case("TrunklineNotReady", "Stalled says it", "70m", {condition("Ready", "False"): "1x90", condition("Stalled", "True"): "1x90"}),
    Case(
        "TrunklineNotReady",
        "Blocked says it",
        "70m",
        {condition("Ready", "False"): "1x90", of("trunkline_resources", **OBJECT, state="Blocked"): "1x90"},
    ),
    Case("TrunklineNotReady", "somebody has paused it", "70m", {condition("Ready", "False"): "1x90", unready("Paused"): "1x90"}),
    Case("TrunklineNotReady", "its credentials have an alert", "70m", {condition("Ready", "False"): "1x90", unready("ExpiredToken"): "1x90"}),
    Case("TrunklineDriftRepeated", "every hour", "370m", {DRIFT: "0x59 1x59 2x59 3x59 4x59 5x59 6x59"}, OBJECT, "6"),
    Case("TrunklineDriftRepeated", "somebody in the console, once", "370m", {DRIFT: "0x300 1x90"}),
    Case("TrunklineDriftRepeated", "the object is deleted", "371m", {DRIFT: "0+1x360 stale"}),
    Case("TrunklineCredentialsRefused", "all", "25m", {_calls("ExpiredTokenException"): "0+5x30"}, PROCESS, "100%"),
    Case("TrunklineCredentialsRefused", "a clock that is off", "25m", {_calls("SignatureDoesNotMatch"): "0+5x30"}, PROCESS, "100%"),
    Case("TrunklineCredentialsRefused", "once at a refresh", "25m", {_calls("ExpiredToken"): "0+1x30", _calls(""): "0+50x30"}),
    Case(
        "TrunklineObjectCredentialsRefused",
        "one of ten, in its calls less than a fifth",
        "16m",
        {unready("ExpiredToken"): "1x20", _calls("ExpiredToken"): "0+1x30", _calls(""): "0+50x30"},
        OBJECT,
    ),
    Case("TrunklineObjectCredentialsRefused", "its role may not be assumed", "16m", {unready("AccessDenied"): "1x20"}, OBJECT),
    Case("TrunklineObjectCredentialsRefused", "it only takes long", "60m", {unready("Progressing"): "1x60"}),
    Case("TrunklineAccessDenied", "tried again, hourly", "140m", {_calls("AccessDeniedException"): "1x59 2x59 3x60"}, {**PROCESS, **CONNECT}, "2"),
    Case("TrunklineAccessDenied", "long ago", "300m", {_calls("AccessDeniedException"): "1x30 2x300"}),
    Case(
        "TrunklineAWSFailing",
        "half",
        "35m",
        {_calls("InternalServiceException"): "0+2x40", _calls("ReadTimeoutError"): "0+3x40", _calls(""): "0+5x40"},
        {**PROCESS, "service": "connect"},
        "50%",
    ),
    Case("TrunklineAWSFailing", "what is asked for is not there", "35m", {_calls("ResourceNotFoundException"): "0+9x40", _calls(""): "0+1x40"}),
    Case("TrunklineThrottled", "every other minute", "100m", {of("trunkline_aws_throttles_total", **BUCKET): "0+0.5x120"}, {**PROCESS, **BUCKET}, "30"),
    Case("TrunklineThrottled", "now and then", "100m", {of("trunkline_aws_throttles_total", **BUCKET): "0+0.1x120"}),
    Case("TrunklineBudgetSaturated", "nothing left", "95m", {of("trunkline_aws_budget_saturation_ratio", **BUCKET): "0.98x120"}, {**PROCESS, **BUCKET}, "98%"),
    Case("TrunklineBudgetSaturated", "a large center is made", "95m", {of("trunkline_aws_budget_saturation_ratio", **BUCKET): "1x40 0.2x120"}),
    Case("TrunklineChangesWait", "without a pause", "16m", {of("trunkline_aws_budget_waiting", **BUCKET, priority="change"): "4x20"}, {**PROCESS, **BUCKET}, "4"),
    Case("TrunklineChangesWait", "checks may wait", "20m", {of("trunkline_aws_budget_waiting", **BUCKET, priority="drift"): "4x20"}),
    Case("TrunklineCacheUnhealthy", "it does not answer", "11m", {of("trunkline_cache_healthy", **CACHE): "0x20"}, CACHE),
    Case("TrunklineCacheUnhealthy", "a failover", "15m", {of("trunkline_cache_healthy", **CACHE): "1x5 0x3 1x20"}),
    Case("TrunklineCacheUnhealthy", "nobody knows any more", "25m", {of("trunkline_cache_healthy", **CACHE): "0x5 stale"}),
    Case("TrunklineCacheMemoryFull", "full", "16m", {of("trunkline_cache_memory_used_ratio", **CACHE): "0.95x20"}, CACHE, "95%"),
    Case("TrunklineCacheMemoryFull", "nearly", "20m", {of("trunkline_cache_memory_used_ratio", **CACHE): "0.89x20"}),
    Case("TrunklineCacheEvicting", "many", "31m", {of("trunkline_cache_evictions_per_minute", **CACHE): "120x40"}, CACHE, "120"),
    Case("TrunklineCacheEvicting", "few", "40m", {of("trunkline_cache_evictions_per_minute", **CACHE): "20x40"}),
    Case("TrunklineCacheReplicaBehind", "a minute and a half", "11m", {of("trunkline_cache_replication_lag_seconds", **CACHE): "90x20"}, CACHE, "1m 30s"),
    Case("TrunklineCacheReplicaBehind", "a new one catches up", "15m", {of("trunkline_cache_replication_lag_seconds", **CACHE): "90x8 0x20"}),
    Case(
        "TrunklineCacheMisses",
        "with traffic",
        "61m",
        {of("trunkline_cache_hit_ratio", **CACHE): "0.2x70", of("trunkline_cache_operations_per_second", **CACHE): "50x70"},
        CACHE,
        "20%",
    ),
    Case(
        "TrunklineCacheMisses",
        "nobody asks it",
        "70m",
        {of("trunkline_cache_hit_ratio", **CACHE): "0.2x70", of("trunkline_cache_operations_per_second", **CACHE): "0.1x70"},
    ),
    Case("TrunklineErrorBudgetBurnsFast", "two percent short", "70m", _lookups("0+20x90", "0+1000x90"), {**POLICY, "of": "lookups"}, "20"),
    Case(
        "TrunklineErrorBudgetBurnsFast",
        "a takeover ends it not",
        "75m",
        {**_lookups("0+20x60 stale", "0+1000x60 stale"), **_lookups("_x61 0+20x60", "_x61 0+1000x60", "b")},
        {**POLICY, "of": "lookups"},
        "20",
    ),
    Case("TrunklineErrorBudgetBurnsFast", "it is over", "70m", _lookups("0+20x60 1200x30", "0+1000x90")),
    Case("TrunklineErrorBudgetBurnsFast", "one percent", "70m", _lookups("0+10x90", "0+1000x90")),
    Case("TrunklineErrorBudgetBurnsSlowly", "0.2 percent", "12h", _lookups("0+2x400", "0+1000x400"), {**POLICY, "of": "lookups"}, "2", slow=True),
    Case("TrunklineErrorBudgetBurnsSlowly", "0.05 percent", "12h", _lookups("0+1x400", "0+2000x400"), slow=True),
    Case(
        "TrunklineErrorBudgetBurnsSlowly",
        "the policy is deleted",
        "12h",
        {series: values.split("x")[0] + "x44 stale" for series, values in _lookups("0+2x400", "0+1000x400").items()},
        slow=True,
    ),
    Case(
        "TrunklineScalingLimited",
        "it moves levers, and may not move this one",
        "11m",
        {condition("ScalingLimited", "True", KIND): "1x20", condition("ScalingActive", "True", KIND): "1x20"},
        POLICY,
    ),
    Case(
        "TrunklineScalingLimited",
        "it only recommends",
        "20m",
        {condition("ScalingLimited", "True", KIND): "1x20", condition("ScalingActive", "False", KIND): "1x20"},
    ),
    Case(
        "TrunklineQuotaNearlyUsed",
        "of 1,000 calls 950",
        "6m",
        {_scaling("quota_used", limit="concurrent-calls"): "950x20", _scaling("quota_limit", limit="concurrent-calls"): "1000x20"},
        {**POLICY, "limit": "concurrent-calls"},
        "95%",
    ),
    Case(
        "TrunklineQuotaNearlyUsed",
        "of 1,000 calls 800",
        "20m",
        {_scaling("quota_used", limit="concurrent-calls"): "800x20", _scaling("quota_limit", limit="concurrent-calls"): "1000x20"},
    ),
    Case(
        "TrunklineDemandUnknown",
        "all fail",
        "16m",
        {AUTO: "1x20", **{_scaling("demand_source_fresh", source=name): "0x20" for name in ("live", "forecast")}},
        POLICY,
    ),
    Case(
        "TrunklineDemandUnknown",
        "all fail, and it only recommends",
        "20m",
        {_scaling("mode", mode="Recommend"): "1x20", _scaling("demand_source_fresh", source="live"): "0x20"},
    ),
    Case(
        "TrunklineDemandUnknown",
        "one is left",
        "20m",
        {
            AUTO: "1x20",
            _scaling("demand_source_fresh", source="live"): "0x20",
            _scaling("demand_source_fresh", source="forecast"): "1x20",
        },
    ),
    Case(
        "TrunklineSourceStale",
        "one of two fails",
        "31m",
        {_scaling("demand_source_fresh", source="live"): "0x40", _scaling("demand_source_fresh", source="forecast"): "1x40"},
        {**POLICY, "source": "live"},
    ),
    Case("TrunklineSourceStale", "DemandUnknown says it", "40m", {_scaling("demand_source_fresh", source="live"): "0x40"}),
    Case("TrunklineUnableToScale", "a lever is another's", "31m", {condition("AbleToScale", "False", KIND): "1x40"}, POLICY),
    Case("TrunklineUnableToScale", "a function is being made", "40m", {condition("AbleToScale", "False", KIND): "1x20 stale"}),
    Case(
        "TrunklineQuotaShort",
        "a fifth too little",
        "31m",
        {_scaling("layer_headroom_ratio", layer="read-capacity", resource="customers"): "-0.2x40"},
        {**POLICY, "layer": "read-capacity", "resource": "customers"},
        "-20%",
    ),
    Case("TrunklineQuotaShort", "just enough", "40m", {_scaling("layer_headroom_ratio", layer="concurrent-calls"): "0x40"}),
    Case("TrunklineAgentsShort", "a tenth too few", "61m", {_scaling("layer_headroom_ratio", layer="agents"): "-0.1x70"}, POLICY, "-10%"),
    Case("TrunklineAgentsShort", "another layer is short", "70m", {_scaling("layer_headroom_ratio", layer="users"): "-0.1x70"}),
    Case(
        "TrunklineLimitBreachAhead",
        "tomorrow",
        "61m",
        {_scaling("limit_breach_seconds", limit="concurrent-calls", bound="request_by"): "86400x70"},
        {**POLICY, "limit": "concurrent-calls"},
        "1d 0h 0m 0s",
    ),
    Case(
        "TrunklineLimitBreachAhead",
        "in a month, though it may pass earlier",
        "70m",
        {
            _scaling("limit_breach_seconds", limit="concurrent-calls", bound="request_by"): "2592000x70",
            _scaling("limit_breach_seconds", limit="concurrent-calls", bound="earliest"): "86400x70",
        },
    ),
    Case(
        "TrunklineForecastOff",
        "half of the calls",
        "8h",
        {
            _scaling("forecast_error_calls_total", horizon="day_ahead"): "0+50x400",
            _scaling("forecast_measured_calls_total", horizon="day_ahead"): "0+100x400",
            _scaling("measured_seconds_total"): "0+60x400",
        },
        {**POLICY, "horizon": "day_ahead"},
        "50%",
        slow=True,
    ),
    Case(
        "TrunklineForecastOff",
        "of the same day",
        "8h",
        {
            _scaling("forecast_error_calls_total", horizon="intraday"): "0+50x400",
            _scaling("forecast_measured_calls_total", horizon="intraday"): "0+100x400",
            _scaling("measured_seconds_total"): "0+60x400",
        },
        slow=True,
    ),
    Case("TrunklineCostExceeded", "for an hour", "61m", {condition("BudgetExceeded", "True", KIND): "1x70"}, POLICY),
    Case("TrunklineCostExceeded", "within", "70m", {condition("BudgetExceeded", "False", KIND): "1x70"}),
)  # fmt: skip
