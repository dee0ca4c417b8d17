"""Which documents name which."""

from __future__ import annotations

from shared.documents.base import Collection

# Where documents of one collection are named in those of others.
REFERENCES: dict[Collection, tuple[tuple[Collection, str], ...]] = {
    Collection.DATASETS: (
        (Collection.FEATURE_CONFIGS, "spec.dataset_id"),
        (Collection.RULE_SETS, "spec.dataset_id"),
    ),
    Collection.FEATURE_CONFIGS: ((Collection.QUICK_TESTS, "spec.feature_config_id"),),
    Collection.MODEL_CONFIGS: ((Collection.QUICK_TESTS, "spec.model_config_id"),),
    Collection.RULE_SETS: ((Collection.QUICK_TESTS, "spec.rule_set_id"),),
    Collection.REGISTERED_MODELS: ((Collection.SCHEDULES, "spec.model_id"),),
}
# Fields of sweeps and of tunings that name configs. Once one has ended, its tests name them.
SWEPT = {
    Collection.FEATURE_CONFIGS: ("feature_config_ids", "feature_config_id"),
    Collection.MODEL_CONFIGS: ("model_config_ids", "model_config_id"),
}


def fields_that_name(collection: Collection) -> list[tuple[str, Collection]]:
    """The fields of a collection's specs that hold ids of other documents, and of which."""
    fields = [
        (field.removeprefix("spec."), named)
        for named, users in REFERENCES.items()
        for user, field in users
        if user is collection
    ]
    if collection in (Collection.SWEEPS, Collection.TUNINGS):
        place = 0 if collection is Collection.SWEEPS else 1
        fields = [(names[place], named) for named, names in SWEPT.items()]
    return fields
