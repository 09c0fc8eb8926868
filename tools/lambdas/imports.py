"""Which shared modules a function needs: read from its imports, also those inside functions, without running anything.

A zip holds no others, so a function is deployed anew only when something that it uses has changed. What stands under
`if TYPE_CHECKING:` is not needed at run time. Modules that are imported by a computed name would be missed; there are
none, and a function that lacks a module fails at the emulator.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


class UnknownModuleError(Exception):
    """A source imports a module of ours that does not exist."""


def needed(root: Path, package: str, shared: str) -> frozenset[Path]:
    """The sources of `package` and of every module of `shared` that they lead to, packages' __init__ included.

    Raises UnknownModuleError, SyntaxError.
    """
    found: set[Path] = set()
    open_ = sorted((root / package).rglob("*.py"))
    while open_:
        path = open_.pop()
        if path in found:
            continue
        found.add(path)
        for module, member in _imported(ast.parse(path.read_bytes(), str(path))):
            if module.split(".")[0] == shared:
                open_ += _sources(root, module, member, path)
    return frozenset(found)


def _sources(root: Path, module: str, member: str, importer: Path) -> list[Path]:
    """The files that the import runs; the member may be a module itself, or something that the module holds."""
    parts = module.split(".")
    file = _module(root, parts)
    if file is None:
        raise UnknownModuleError(f"{importer}: there is no module {module}")
    packages = (root.joinpath(*parts[:length], "__init__.py") for length in range(1, len(parts)))
    submodule = _module(root, [*parts, member]) if member else None
    return [*(path for path in packages if path.is_file()), file, *([submodule] if submodule else [])]


def _module(root: Path, parts: list[str]) -> Path | None:
    path = root.joinpath(*parts)
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Module and member: ("a.b", "") of `import a.b`, ("a.b", "c") of `from a.b import c`; not for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _for_type_checkers(node.test):
            for other in node.orelse:
                yield from _imported(ast.Module([other], []))
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        else:
            yield from _imported(node)


def _for_type_checkers(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
