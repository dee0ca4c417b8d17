"""How people write documents: everything is checked before it is stored.

The HTTP API and the command line go through here. What is written past it is judged by the same
rules, in `handlers.validate_config`.
"""

from shared.editing.conflicts import InUseError, LockedError, Seen, StaleError, words_of
from shared.editing.erasure import Erasure, erase, erasure_plan
from shared.editing.estimating import (
    Forecast,
    forecast_presets,
    forecast_quick_test,
    forecast_sweep,
    forecast_tuning,
)
from shared.editing.experimenting import begin_experiment, end_experiment, find_experiment
from shared.editing.fixing import FixOfWarning, fixes_of_test
from shared.editing.full_training import train_in_full
from shared.editing.inspecting import Inspection, inspect
from shared.editing.learning_curve import curve_sweep, forecast_curve
from shared.editing.marking import mark
from shared.editing.once import KeyReusedError, Once, RepeatedRequestError, refuse_repeated
from shared.editing.parameters import parameter_summary
from shared.editing.preview import Preview, preview_code
from shared.editing.promoting import Promoted, promote, roll_back
from shared.editing.reading import Page, get, list_page, list_page_of, read
from shared.editing.scheduling import enable, run_now
from shared.editing.trial import Trial, try_out
from shared.editing.usage import Usage, usage
from shared.editing.writing import clone, create, delete, update

__all__ = [
    "Erasure",
    "FixOfWarning",
    "Forecast",
    "InUseError",
    "Inspection",
    "KeyReusedError",
    "LockedError",
    "Once",
    "Page",
    "Preview",
    "Promoted",
    "RepeatedRequestError",
    "Seen",
    "StaleError",
    "Trial",
    "Usage",
    "begin_experiment",
    "clone",
    "create",
    "curve_sweep",
    "delete",
    "enable",
    "end_experiment",
    "erase",
    "erasure_plan",
    "find_experiment",
    "fixes_of_test",
    "forecast_curve",
    "forecast_presets",
    "forecast_quick_test",
    "forecast_sweep",
    "forecast_tuning",
    "get",
    "inspect",
    "list_page",
    "list_page_of",
    "mark",
    "parameter_summary",
    "preview_code",
    "promote",
    "read",
    "refuse_repeated",
    "roll_back",
    "run_now",
    "train_in_full",
    "try_out",
    "update",
    "usage",
    "words_of",
]
