"""Documents → plan → source. Pure: the same documents give the same bytes."""

from shared.codegen.plan import Plan, examples_spec, make_plan, vocabulary_refs
from shared.codegen.preprocessing import generate_preprocessing
from shared.codegen.trainer import generate_trainer

__all__ = [
    "Plan",
    "examples_spec",
    "generate_preprocessing",
    "generate_trainer",
    "make_plan",
    "vocabulary_refs",
]
