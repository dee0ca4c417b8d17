"""Documents → plan → source. Pure: the same plan gives the same bytes."""

from pathlib import Path

from shared.codegen.plan import FeaturePlan, Plan, make_plan, plan_features
from shared.codegen.preprocessing import generate_preprocessing
from shared.codegen.trainer import generate_trainer


def standalone_script() -> str:
    """The source of `run.py`, which trains both modules and asks the model without Recsmith."""
    path = Path(__file__).parent / "standalone" / "run.py"
    return path.read_text(encoding="utf-8")


__all__ = [
    "FeaturePlan",
    "Plan",
    "generate_preprocessing",
    "generate_trainer",
    "make_plan",
    "plan_features",
    "standalone_script",
]
