"""The door to the functions' own modules: what they call keys, entities, patterns and client is that here too.

The sources stand outside this package (`lambdas/` in a checkout, `_lambdas` in the wheel) and are imported as Lambda
imports them, from the top. Raises MissingSourcesError where they are not installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from trunkline.aws.archives import sources_root

_root = str(sources_root())
if _root not in sys.path:
    sys.path.insert(0, _root)

import shared  # noqa: E402  # only now it can be found

if Path(_root) not in Path(str(shared.__file__)).resolve().parents:
    raise ImportError(f"`shared` is not the functions' own: {shared.__file__}; they stand in {_root}")

from shared import access_patterns, cached_customer, entities, keys  # noqa: E402
from shared.access_patterns import PATTERNS, Pattern  # noqa: E402
from shared.aws import AwsClient  # noqa: E402
from shared.backoff import Backoff  # noqa: E402
from shared.cache import Cache  # noqa: E402
from shared.caller import number_of  # noqa: E402
from shared.credentials import Credentials  # noqa: E402
from shared.deadline import Deadline, DeadlineExceededError  # noqa: E402
from shared.dynamodb import DynamoDB, Page  # noqa: E402
from shared.entities import ENTITIES, Customer, Entity, Item, entity_of  # noqa: E402
from shared.failure import DefectError, PartialBatchError, UnavailableError  # noqa: E402
from shared.jitter import jitter  # noqa: E402
from shared.session import Session  # noqa: E402

__all__ = [
    "ENTITIES",
    "PATTERNS",
    "AwsClient",
    "Backoff",
    "Cache",
    "Credentials",
    "Customer",
    "Deadline",
    "DeadlineExceededError",
    "DefectError",
    "DynamoDB",
    "Entity",
    "Item",
    "Page",
    "PartialBatchError",
    "Pattern",
    "Session",
    "UnavailableError",
    "access_patterns",
    "cached_customer",
    "entities",
    "entity_of",
    "jitter",
    "keys",
    "number_of",
]
