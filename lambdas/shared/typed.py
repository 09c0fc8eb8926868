"""What classes are made of that `typing` offers, without loading it: that takes 3 ms of every cold start.

To a type checker these are typing's own. At run time a NamedTuple is a tuple with typing's constructor, defaults and
methods; a TypedDict is a dict; a Protocol is a class like any other, and asks nothing of those who implement it.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "Any", "Final", "NamedTuple", "Protocol", "TypeAlias", "TypeGuard", "TypedDict"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypedDict, TypeGuard
else:
    from collections import _tuplegetter  # what namedtuple's own attributes are

    Any = Final = TypeAlias = TypeGuard = object  # they stand in annotations, which are not evaluated

    class Protocol:
        __slots__ = ()

    TypedDict = dict

    class _Fields(type):
        """Gives a class its fields. `collections.namedtuple` compiles a constructor for each class: 0.1 ms, each."""

        def __new__(cls, name, bases, namespace):
            if "__annotations__" not in namespace:
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace["__annotations__"])
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            getters = {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            own = {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            return super().__new__(cls, name, bases, {**namespace, **getters, **own})

    class NamedTuple(tuple, metaclass=_Fields):
        __slots__ = ()

        def __new__(cls, *values, **named):
            if named or len(values) != len(cls._fields):
                values = cls._completed(values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _completed(cls, values, named):
            """All values, in their order. Raises TypeError for too few, too many, unknown ones, or one given twice."""
            fields = cls._fields
            known = {**cls._field_defaults, **dict(zip(fields, values, strict=False)), **named}
            twice = not named.keys().isdisjoint(fields[: len(values)])
            if twice or len(values) > len(fields) or len(known) != len(fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(fields)}")
            return [known[field] for field in fields]

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return made

        def _replace(self, **named):
            return type(self)(**{**self._asdict(), **named})

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"
