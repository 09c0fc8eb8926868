"""Bytecode that Lambda's CPython 3.13 takes as it is, made by one pinned patch version.

The pyc says "unchecked hash" (PEP 552): the importer compares it with neither time nor content of the source, both of
which a zip loses or costs time. Each file is compiled by a process of its own that has done nothing else: marshal marks
objects by their reference counts, so bytes would depend on what had been compiled before. Docstrings and functions'
annotations stay in the source and are left out here: nobody reads them at run time, and every cold start would load
them. Annotations of classes stay, because NamedTuple and TypedDict are made of them; so do assertions.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tools.parts import Interpreter

TASK_ROOT = "/var/task"  # where Lambda puts the code; tracebacks show it
TAG = "cpython-313"
_SECONDS = 120.0

# Runs in the pinned interpreter. Standard input: [[path of the source, name in tracebacks, path of the pyc], ...].
_COMPILE = """
import ast, importlib.util, json, os, sys
from importlib._bootstrap_external import _code_to_hash_pyc

def bare(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str())) as text, *rest]:
                    node.body = rest or [ast.copy_location(ast.Pass(), text)]
    return tree

def compile_one(source, name, target):
    with open(source, "rb") as file:
        data = file.read()
    code = compile(bare(ast.parse(data, name)), name, "exec", dont_inherit=True, optimize=0)
    with open(target, "wb") as file:
        file.write(_code_to_hash_pyc(code, importlib.util.source_hash(data), False))

status = 0
for job in json.load(sys.stdin):
    pid = os.fork()
    if pid == 0:
        try:
            compile_one(*job)
        except SyntaxError as error:
            sys.stderr.write(f"{error.filename}:{error.lineno}: {error.msg}\\n")
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    status |= os.waitpid(pid, 0)[1]
sys.exit(status != 0)
"""


class CompileError(Exception):
    """A source does not compile; the message is CPython's."""


def compiled(interpreter: Interpreter, sources: Mapping[str, Path], folder: Path) -> Mapping[str, bytes]:
    """The bytecode of sources, given by their name in a zip ("shared/keys.py"), by its own name there.

    folder: scratch, empty. Raises CompileError.
    """
    jobs, targets = [], {}
    for number, (name, path) in enumerate(sorted(sources.items())):
        target = folder / str(number)
        jobs.append([str(path), f"{TASK_ROOT}/{name}", str(target)])
        targets[bytecode_name(name)] = target
    done = subprocess.run(
        [str(interpreter.program), "-I", "-S", "-B", "-X", "utf8", "-c", _COMPILE],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise CompileError(done.stderr.strip())
    return {name: target.read_bytes() for name, target in targets.items()}


def bytecode_name(source: str) -> str:
    """ "shared/__pycache__/keys.cpython-313.pyc" of "shared/keys.py" (PEP 3147)."""
    folder, _, file = source.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.{TAG}.pyc"
