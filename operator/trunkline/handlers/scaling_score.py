"""The score of a policy: each measured step judged by the calls that came, and the days as status keeps them. Pure.

The lever that is judged is the first whose servers calls fill: a function's provisioned concurrency. Days that are over
are kept as status has them; of the present day a new process knows only what it has measured itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, tzinfo
from typing import Any

from trunkline.api.scaling_levers import LeverField
from trunkline.capacity.headroom import Chance
from trunkline.capacity.score import DAYS, Score, Step, Tally, scored
from trunkline.capacity.workload import Workload
from trunkline.handlers.scaling_decision import Decided, Seen
from trunkline.handlers.scaling_memory import Scoring

PERCENT = 100.0


def judged(before: Scoring, seen: Seen, decided: Iterable[Decided], zone: tzinfo) -> Scoring:
    """One pass later: what was set then is judged by the calls that are measured now."""
    lever = next((one for one in decided if one.moved.field is LeverField.PROVISIONED_CONCURRENCY), None)
    if lever is None:
        return before
    days = before.days
    if before.at is not None and seen.live is not None:
        days = scored(days, seen.now.astimezone(zone).date(), _step(before, seen))
    changed = before.at is not None and lever.desired != before.set
    return Scoring(days, seen.now, lever.desired, lever.standing, changed)


def _step(before: Scoring, seen: Seen) -> Step:
    rate = seen.live.rate if seen.live is not None else 0.0
    seconds = (seen.now - before.at).total_seconds() if before.at is not None else 0.0
    mean = busy(rate, seen.calls)
    return Step(
        seconds,
        rate * seen.calls.lookups_per_call * seconds,
        mean,
        before.set,
        Chance().servers(mean),
        before.standing,
        before.changed,
    )


def busy(rate: float, calls: Workload) -> float:
    """Servers busy on average, at so many calls a second."""
    return rate * calls.lookups_per_call * calls.lookup_seconds


def written(scoring: Scoring, before: Iterable[Any], today: date) -> list[dict[str, Any]]:
    """`status.score`, newest first, of the days that are over. before: as status had it."""
    over = (score for score in scoring.days if score.day < today and score.ours.arrivals > 0.0)
    ours = {score.day.isoformat(): _written(score) for score in over}
    kept = {str(item["date"]): dict(item) for item in before if isinstance(item, Mapping) and _is_day(item.get("date"))}
    both = {**kept, **ours}
    return [both[day] for day in sorted(both, reverse=True)][:DAYS]


def _written(score: Score) -> dict[str, Any]:
    found: dict[str, Any] = {"date": score.day.isoformat(), **_tally(score, score.ours), "changes": score.ours.changes}
    if score.standing is not None and (standing := _tally(score, score.standing)):
        found["standing"] = standing
    return found


def _tally(score: Score, tally: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {"shortCallsPerMillion": round(tally.short_ppm)}
    over = score.over_foresight(tally)
    if over is not None:
        found["costPercentOfForesight"] = round(PERCENT * over)
    return found


def _is_day(text: Any) -> bool:
    try:
        return bool(date.fromisoformat(str(text)))
    except ValueError:
        return False
