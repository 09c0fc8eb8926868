"""What classes are made of that `typing` offers, without loading it: that takes 3 ms of every cold start.

To a type checker these are typing's own. At run time a NamedTuple is `collections.namedtuple`'s, with its methods and
defaults; a TypedDict is a dict; a Protocol is a class like any other, and asks nothing of those who implement it.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "Any", "Final", "NamedTuple", "Protocol", "TypeAlias", "TypeGuard", "TypedDict"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypedDict, TypeGuard
else:
    from collections import namedtuple

    Any = Final = TypeAlias = TypeGuard = object  # they stand in annotations, which are not evaluated

    class Protocol:
        __slots__ = ()

    TypedDict = dict

    class _Fields(type):
        def __new__(cls, name, bases, namespace):
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace["__annotations__"]
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            for key, value in namespace.items():
                if key not in ("__annotations__", "__qualname__", "__module__", "__classcell__"):
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Fields):
        __slots__ = ()
