"""cache-warmer: fills a cache with customers before they call, page by page.

Event, all fields optional:
    cursor      where to go on: what the last answer gave; null or "" to begin
    limit       most items of the table that one invocation reads, 1 to 1000, default 100; profiles are among them
    ttlSeconds  how long entries are kept, 60 to 86400, give or take a tenth, default 1800
    cache       {"url": "rediss://host:port?cluster=true", "secretArn": "arn:..."}: a cache that is not switched to yet;
                otherwise the function's own

Answer, five strings:
    cursor   for the next invocation; "" at the end. It moves only past what was written
    items    profiles read and written
    written  entries that the cache said it keeps: one by id for each profile, one by number where that is safe
    done     "true" at the end, else "false"
    reason   why the page ended early, if it did: "timeout", "throttle", "auth", ...: the same cursor works later

Whoever invokes it keeps the cursor and sets the pace. The same page twice writes the same again. A page ends in time
before the invocation does, and after PAGE_SECONDS at the latest, so a long `limit` is no danger.

Entries are what customer-lookup would keep. A number is asked for on the index as customer-lookup asks, because another
customer may have it too, on any page: what more than one has is not written. Without the hash key of the cache's
secret nothing is written under numbers. An entry lives as long as `ttlSeconds` says: what others write to the table
meanwhile shows only after that, what our own functions write deletes it.

Environment: TABLE, the customers table; CACHE and CACHE_SECRET, see `shared.cache`.
IAM: dynamodb:Scan on the table, dynamodb:Query on its index PhoneNumberIndex, secretsmanager:GetSecretValue on the
secrets of all caches that it fills.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from cache_warmer.page import Page, Profiles
from cache_warmer.request import CacheNamed, Request, RequestError, cursor_of, parse
from shared.cache import Cache, NoCache
from shared.deadline import DeadlineExceededError
from shared.failure import UnavailableError
from shared.invocation import Invocation, entry, required
from shared.jitter import jitter
from shared.typed import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from shared.session import Session

PAGE_SECONDS = 6.0  # whoever invokes it waits for the answer, and a client of AWS's may give up after ten

OpenCache = Callable[[CacheNamed], Cache | NoCache]


class Answer(TypedDict):
    """Strings only, as every function here answers."""

    cursor: str
    items: str
    written: str
    done: str
    reason: str


class CacheWarmer:
    """The function with what it needs. `open_cache` opens a cache that is none of its own; the last one is kept."""

    def __init__(self, profiles: Profiles, own: Cache | NoCache, open_cache: OpenCache) -> None:
        self._profiles = profiles
        self._own = own
        self._open = open_cache
        self._other: tuple[CacheNamed, Cache | NoCache] | None = None

    def answer(self, event: Any, invocation: Invocation) -> Answer:
        """One page. Raises RequestError, and DefectError if the table can never be read as it is set up."""
        request = parse(event)
        page = Page(self._profiles, self._cache(request.cache), request.ttl_seconds, request.start)
        reason = self._fill(page, request, invocation)
        invocation.count("Items", page.items)
        invocation.count("Written", page.written)
        if reason:
            invocation.note("reason", reason)
            invocation.count(f"Warm.{reason}")
        return {
            "cursor": cursor_of(page.start),
            "items": str(page.items),
            "written": str(page.written),
            "done": "true" if page.done else "false",
            "reason": reason,
        }

    @staticmethod
    def _fill(page: Page, request: Request, invocation: Invocation) -> str:
        """Step by step until the page is full, or the next step might not be over in time; why it ended early."""
        deadline = invocation.deadline.within(PAGE_SECONDS)
        longest = 0.0
        while not page.done and page.read < request.limit:
            left = deadline.remaining()
            if left < 2 * longest:
                return "timeout"
            try:
                reason = page.step(request.limit - page.read, deadline)
            except UnavailableError as error:
                return error.reason
            except DeadlineExceededError:
                return "timeout"
            if reason:
                return reason
            longest = max(longest, left - deadline.remaining())
        return ""

    def _cache(self, named: CacheNamed | None) -> Cache:
        """The cache to fill. Raises RequestError if there is none."""
        cache = self._own
        if named is not None:
            if self._other is None or self._other[0] != named:
                if self._other is not None:
                    self._other[1].reset()
                self._other = (named, self._open(named))
            cache = self._other[1]
        if isinstance(cache, NoCache):
            field = "cache.url" if named is not None else "the environment variable CACHE"
            raise RequestError(f'there is no cache to fill: {field} must be an address, such as "rediss://host:6379"')
        return cache


def build(environ: Mapping[str, str], session: Session, cache: Cache | NoCache) -> CacheWarmer:
    """The function as its environment describes it. Raises MissingVariableError."""

    def open_cache(named: CacheNamed) -> Cache | NoCache:
        other = {"CACHE": named.url, "CACHE_SECRET": named.secret_arn}
        return Cache.from_environment(other, session, clock=time.monotonic, jitter=jitter)

    return CacheWarmer(Profiles(session.dynamodb(), required(environ, "TABLE"), jitter), cache, open_cache)


handler = entry("cache-warmer", build)
