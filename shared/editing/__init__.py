"""How people write documents: everything is checked before it is stored.

The HTTP API and the command line go through here. What is written past it is judged by the same
rules, in `handlers.validate_config`.
"""

from shared.editing.conflicts import InUse, Locked, Stale
from shared.editing.estimating import Forecast, forecast_quick_test, forecast_sweep
from shared.editing.full_training import train_in_full
from shared.editing.parameters import parameter_summary
from shared.editing.preview import Preview, preview_code
from shared.editing.reading import Page, get, list_page
from shared.editing.trial import Trial, try_out
from shared.editing.writing import clone, create, delete, update

__all__ = [
    "Forecast",
    "InUse",
    "Locked",
    "Page",
    "Preview",
    "Stale",
    "Trial",
    "clone",
    "create",
    "delete",
    "forecast_quick_test",
    "forecast_sweep",
    "get",
    "list_page",
    "parameter_summary",
    "preview_code",
    "train_in_full",
    "try_out",
    "update",
]
