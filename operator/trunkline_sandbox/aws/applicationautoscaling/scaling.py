"""Changing the capacity of a target: one activity at a time, each with its cause and how it went.

Source: user guide, "Scaling activities for Application Auto Scaling". What is refused has failed and is not tried again
by itself; what finds the resource busy waits.
"""

from __future__ import annotations

from typing import Any

from trunkline_sandbox.aws.applicationautoscaling.resources import Capacity, Resources
from trunkline_sandbox.aws.applicationautoscaling.state import ACTIVITY_SECONDS, Activity, Store, Target
from trunkline_sandbox.aws.service import CallContext, ServiceFault

# Codes by which a resource says that another change of it is under way.
_BUSY = frozenset(
    {"ResourceInUseException", "ResourceConflictException", "InvalidReplicationGroupState", "InvalidCacheClusterState"}
)


class Scaling:
    """Scales targets by their resources."""

    def __init__(self, store: Store, resources: Resources) -> None:
        self._store = store
        self._resources = resources

    def capacity(self, context: CallContext, target: Target) -> Capacity | None:
        """None if the resource is gone."""
        return self._resources.read(context, target.dimension, target.resource)

    def note(self, context: CallContext, target: Target, description: str, cause: str, **values: Any) -> Activity:
        """Keep an activity. values: further fields of it."""
        now = context.clock.now()
        activity = Activity(self._store.identifier(), description, cause, now, **values)
        if not activity.open:
            activity.ended = now
        target.activities = [item for item in target.activities if now - item.started <= ACTIVITY_SECONDS]
        target.activities.append(activity)
        return activity

    def set(self, context: CallContext, target: Target, desired: int, cause: str, *, cools: bool = False) -> None:
        """Go for a capacity. What is still open gives way to this. cools: a cooldown begins with it."""
        before = self.capacity(context, target)
        if before is None:
            return
        for item in target.activities:
            if item.open:
                item.status, item.ended = "Overridden", context.clock.now()
        description = f"Setting {target.dimension.noun} to {desired}."
        activity = self.note(context, target, description, cause, desired=desired, status="Pending")
        if self._try(context, target, activity, before) and cools:
            if desired > before.desired:
                target.base, target.scaled_out_at = before.desired, context.clock.now()
            else:
                target.scaled_in_at = context.clock.now()

    def clamp(self, context: CallContext, target: Target) -> None:
        """Bring the capacity between minimum and maximum; if the resource is busy, when it is free again."""
        found = self.capacity(context, target)
        if found is None or not found.there:
            return
        waiting = target.busy
        current = waiting.desired if waiting is not None and waiting.desired is not None else found.desired
        if current < target.minimum:
            self.set(context, target, target.minimum, f"minimum capacity was set to {target.minimum}")
        elif current > target.maximum:
            self.set(context, target, target.maximum, f"maximum capacity was set to {target.maximum}")

    def progress(self, context: CallContext, target: Target) -> None:
        """Let open activities go on: try again what waits, end what is done."""
        activity = target.busy
        if activity is None:
            return
        found = self.capacity(context, target)
        if found is None:
            activity.status, activity.ended = "Failed", context.clock.now()
            activity.message = "The resource does not exist any more."
        elif activity.status == "Pending":
            self._try(context, target, activity, found)
        elif found.active:
            self._close(context, target, activity, found)

    def _try(self, context: CallContext, target: Target, activity: Activity, before: Capacity) -> bool:
        """Whether the resource took it."""
        desired = activity.desired if activity.desired is not None else before.desired
        now, noun = context.clock.now(), target.dimension.noun
        if desired != before.desired:
            try:
                self._resources.write(context, target.dimension, target.resource, desired)
            except ServiceFault as error:
                if error.code in _BUSY:
                    activity.message = f"Waiting to set {noun} to {desired}: {error.message}"
                    return False
                activity.status, activity.ended = "Failed", now
                activity.message = f"Failed to set {noun} to {desired}. Reason: {error.message}"
                return False
        activity.status = "InProgress"
        activity.message = (
            f"Successfully set {noun} to {desired}. Waiting for change to be fulfilled by {target.dimension.namespace}."
        )
        after = self.capacity(context, target)
        if after is not None and after.active:
            self._close(context, target, activity, after)
        return True

    @staticmethod
    def _close(context: CallContext, target: Target, activity: Activity, found: Capacity) -> None:
        noun, by = target.dimension.noun, target.dimension.namespace
        activity.ended = context.clock.now()
        if found.ready == activity.desired:
            activity.status = "Successful"
            activity.message = f"Successfully set {noun} to {activity.desired}. Change successfully fulfilled by {by}."
        else:
            activity.status = "Unfulfilled"
            activity.message = f"Successfully set {noun} to {activity.desired}, but {by} has {found.ready}."
