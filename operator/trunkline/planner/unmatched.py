"""What a policy names that the files beside it do not have: a figure is printed for it all the same, so it is warned of.

Without a center in the files nothing can be compared, and nothing is said. Pure but for standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from trunkline.api.center import ContactCenter
from trunkline.api.manifest import Document
from trunkline.api.problem import nearest
from trunkline.api.scaling_policy import ScalingPolicySpec


def warn(command: str, documents: Sequence[Document], spec: ScalingPolicySpec, there: ContactCenter | None) -> None:
    """A line on standard error for each; the output stays what a program reads."""
    for line in dict.fromkeys(unmatched(documents, spec, there)):
        sys.stderr.write(f"trunkline {command}: warning: {line}\n")


def unmatched(documents: Sequence[Document], spec: ScalingPolicySpec, there: ContactCenter | None) -> Iterator[str]:
    """Levers that cannot be moved in this center, queues that it does not have, a center of another name."""
    if there is None:
        others = [document.name for document in documents if document.kind == ContactCenter.kind]
        if others:
            yield f"spec.targetRef.name: {spec.target_ref.name} is in no file, only {', '.join(others)}"
        return
    # Here, since it loads the drivers, which a policy without a center would wait for in vain.
    from trunkline.handlers.scaling_levers import moved  # noqa: PLC0415

    for one in moved(spec, there):
        if one.problem:
            yield f"spec.levers[name={one.lever.name}]: {one.problem}"
    queues = [str(queue.name) for queue in there.spec.queues or ()]
    for pool in spec.staffing or ():
        for queue in pool.queues:
            if queue not in queues:
                close = nearest(str(queue), queues)
                meant = f"; did you mean {close}?" if close else ""
                yield f"spec.staffing[name={pool.name}].queues: the target has no queue {str(queue)!r}{meant}"
