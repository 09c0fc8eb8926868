"""Puts `lambdas/` where the Lambda runtime would find it: its folders are importable from the top of the archive."""

import sys
from pathlib import Path

LAMBDAS = Path(__file__).resolve().parents[2] / "lambdas"

if str(LAMBDAS) not in sys.path:
    sys.path.insert(0, str(LAMBDAS))
