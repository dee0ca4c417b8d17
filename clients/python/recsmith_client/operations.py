"""Every operation of the API, as a call that a client carries out: `client.call(...)`,
`client.stream(...)`.

Written by clients/python/scripts/write_operations.py; `make client` writes it anew.
"""

from __future__ import annotations

from typing import Literal

from recsmith_client import models
from recsmith_client.calls import Call, Events, Json, new_key, segment

VERSION = "0.2.0"
"""Of the API that this was made of."""


def apply_files(body: models.FilesToApply | Json) -> Call[models.AppliedFiles]:
    """Apply Files."""
    return Call("POST", "/api/as-code/apply/", models.AppliedFiles, body=body)


def plan_files(body: models.FilesToPlan | Json) -> Call[models.FilePlan]:
    """Plan Files."""
    return Call("POST", "/api/as-code/plan/", models.FilePlan, body=body)


def render_file(body: models.DraftOfFile | Json) -> Call[models.TextOfFile]:
    """Render File."""
    return Call("POST", "/api/as-code/render/", models.TextOfFile, body=body)


def get_catalogue() -> Call[models.Catalogue]:
    """Get Catalogue."""
    return Call("GET", "/api/catalogue/", models.Catalogue)


def get_changes(*, since: int | None = None) -> Call[models.Changed]:
    """Say which documents have changed."""
    return Call("GET", "/api/changes/", models.Changed, query={"since": since})


def stream_changes(*, last_event_id: str | None = None) -> Events[models.Changed]:
    """Follow which documents change."""
    return Events("/api/changes/events/", models.Changed, last_event_id)


def erase_customer(body: models.Forgetting | Json) -> Call[models.Erasure]:
    """Erase Customer."""
    return Call("POST", "/api/customers/erasure/", models.Erasure, body=body)


def plan_erasure(body: models.WhomToForget | Json) -> Call[models.Erasure]:
    """Plan Erasure."""
    return Call("POST", "/api/customers/erasure-plan/", models.Erasure, body=body)


def create_dataset(
    body: models.DatasetWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.Dataset]:
    """Create a dataset."""
    return Call(
        "POST",
        "/api/datasets/",
        models.Dataset,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_datasets(
    *, limit: int | None = None, page_token: str | None = None
) -> Call[models.DatasetPage]:
    """List the datasets, latest change first."""
    return Call(
        "GET",
        "/api/datasets/",
        models.DatasetPage,
        query={"limit": limit, "page_token": page_token},
    )


def inspect_source(body: models.Inspect | Json) -> Call[models.Inspected]:
    """Inspect Source."""
    return Call("POST", "/api/datasets/inspect/", models.Inspected, body=body)


def get_dataset(document_id: str) -> Call[models.Dataset]:
    """Get a dataset."""
    return Call("GET", f"/api/datasets/{segment(document_id)}/", models.Dataset)


def update_dataset(
    document_id: str, body: models.DatasetWrite | Json, *, if_match: str | None = None
) -> Call[models.Dataset]:
    """Replace a dataset."""
    return Call(
        "PUT",
        f"/api/datasets/{segment(document_id)}/",
        models.Dataset,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_dataset(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a dataset."""
    return Call(
        "DELETE", f"/api/datasets/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def list_column_features(dataset_id: str) -> Call[models.ColumnFeaturesList]:
    """List Column Features."""
    return Call(
        "GET", f"/api/datasets/{segment(dataset_id)}/column-features/", models.ColumnFeaturesList
    )


def get_dataset_differences(
    document_id: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    other_id: str | None = None,
) -> Call[models.Differences]:
    """Say what differs between two revisions of a dataset, or between two of them."""
    return Call(
        "GET",
        f"/api/datasets/{segment(document_id)}/differences/",
        models.Differences,
        query={"from_revision": from_revision, "to_revision": to_revision, "other_id": other_id},
    )


def list_embedding_recommendations(dataset_id: str) -> Call[models.EmbeddingRecommendations]:
    """List Embedding Recommendations."""
    return Call(
        "GET",
        f"/api/datasets/{segment(dataset_id)}/embedding-recommendations/",
        models.EmbeddingRecommendations,
    )


def list_dataset_feature_configs(
    dataset_id: str,
    *,
    limit: int | None = None,
    page_token: str | None = None,
    include_archived: bool | None = None,
) -> Call[models.FeatureConfigPage]:
    """List Dataset Feature Configs."""
    return Call(
        "GET",
        f"/api/datasets/{segment(dataset_id)}/feature-configs/",
        models.FeatureConfigPage,
        query={"limit": limit, "page_token": page_token, "include_archived": include_archived},
    )


def create_dataset_feature_config(
    dataset_id: str, body: models.FeatureConfigWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.FeatureConfig]:
    """Create Dataset Feature Config."""
    return Call(
        "POST",
        f"/api/datasets/{segment(dataset_id)}/feature-configs/",
        models.FeatureConfig,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def profile_dataset(dataset_id: str) -> Call[models.Dataset]:
    """Profile Dataset."""
    return Call("POST", f"/api/datasets/{segment(dataset_id)}/profile/", models.Dataset)


def recommend_cross(
    dataset_id: str, body: models.RecommendCross | Json
) -> Call[models.CrossRecommendation]:
    """Recommend Cross."""
    return Call(
        "POST",
        f"/api/datasets/{segment(dataset_id)}/recommend-cross/",
        models.CrossRecommendation,
        body=body,
    )


def get_dataset_report(dataset_id: str) -> Call[models.DatasetReport]:
    """Get Dataset Report."""
    return Call("GET", f"/api/datasets/{segment(dataset_id)}/report/", models.DatasetReport)


def get_smart_defaults(dataset_id: str) -> Call[models.FeatureConfigSpec]:
    """Get Smart Defaults."""
    return Call(
        "GET", f"/api/datasets/{segment(dataset_id)}/smart-defaults/", models.FeatureConfigSpec
    )


def get_dataset_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a dataset could be deleted, and what uses it."""
    return Call("GET", f"/api/datasets/{segment(document_id)}/usage/", models.Usage)


def list_dataset_versions(document_id: str) -> Call[list[models.Version]]:
    """List the versions of a dataset."""
    return Call("GET", f"/api/datasets/{segment(document_id)}/versions/", list[models.Version])


def create_feature_config(
    body: models.FeatureConfigWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.FeatureConfig]:
    """Create a feature config."""
    return Call(
        "POST",
        "/api/feature-configs/",
        models.FeatureConfig,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_feature_configs(
    *, limit: int | None = None, page_token: str | None = None, include_archived: bool | None = None
) -> Call[models.FeatureConfigPage]:
    """List the feature configs, latest change first."""
    return Call(
        "GET",
        "/api/feature-configs/",
        models.FeatureConfigPage,
        query={"limit": limit, "page_token": page_token, "include_archived": include_archived},
    )


def list_best_features() -> Call[models.BestFeaturesList]:
    """List Best Features."""
    return Call("GET", "/api/feature-configs/best/", models.BestFeaturesList)


def describe_features(body: models.FeaturesToDescribe | Json) -> Call[models.DescribedFeatures]:
    """Describe Features."""
    return Call("POST", "/api/feature-configs/describe/", models.DescribedFeatures, body=body)


def list_feature_config_templates(
    *, dataset_id: str | None = None
) -> Call[models.FeatureConfigTemplates]:
    """List Feature Config Templates."""
    return Call(
        "GET",
        "/api/feature-configs/templates/",
        models.FeatureConfigTemplates,
        query={"dataset_id": dataset_id},
    )


def validate_feature_config(
    body: models.FeatureConfigTrial | Json,
) -> Call[models.ValidatedFeatureConfig]:
    """Validate Feature Config."""
    return Call("POST", "/api/feature-configs/validate/", models.ValidatedFeatureConfig, body=body)


def get_feature_config(document_id: str) -> Call[models.FeatureConfig]:
    """Get a feature config."""
    return Call("GET", f"/api/feature-configs/{segment(document_id)}/", models.FeatureConfig)


def update_feature_config(
    document_id: str, body: models.FeatureConfigWrite | Json, *, if_match: str | None = None
) -> Call[models.FeatureConfig]:
    """Replace a feature config."""
    return Call(
        "PUT",
        f"/api/feature-configs/{segment(document_id)}/",
        models.FeatureConfig,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_feature_config(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a feature config."""
    return Call(
        "DELETE",
        f"/api/feature-configs/{segment(document_id)}/",
        None,
        headers={"If-Match": if_match},
    )


def archive_feature_config(feature_config_id: str) -> Call[models.FeatureConfig]:
    """Archive Feature Config."""
    return Call(
        "POST", f"/api/feature-configs/{segment(feature_config_id)}/archive/", models.FeatureConfig
    )


def clone_feature_config(
    document_id: str, *, body: models.Clone | Json | None = None, idempotency_key: str | None = None
) -> Call[models.FeatureConfig]:
    """Clone a feature config."""
    return Call(
        "POST",
        f"/api/feature-configs/{segment(document_id)}/clone/",
        models.FeatureConfig,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def get_feature_config_differences(
    document_id: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    other_id: str | None = None,
) -> Call[models.Differences]:
    """Say what differs between two revisions of a feature config, or between two of them."""
    return Call(
        "GET",
        f"/api/feature-configs/{segment(document_id)}/differences/",
        models.Differences,
        query={"from_revision": from_revision, "to_revision": to_revision, "other_id": other_id},
    )


def list_feature_config_quick_tests(
    feature_config_id: str, *, limit: int | None = None, page_token: str | None = None
) -> Call[models.QuickTestPage]:
    """List Feature Config Quick Tests."""
    return Call(
        "GET",
        f"/api/feature-configs/{segment(feature_config_id)}/quick-tests/",
        models.QuickTestPage,
        query={"limit": limit, "page_token": page_token},
    )


def unarchive_feature_config(feature_config_id: str) -> Call[models.FeatureConfig]:
    """Unarchive Feature Config."""
    return Call(
        "POST",
        f"/api/feature-configs/{segment(feature_config_id)}/unarchive/",
        models.FeatureConfig,
    )


def get_feature_config_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a feature config could be deleted, and what uses it."""
    return Call("GET", f"/api/feature-configs/{segment(document_id)}/usage/", models.Usage)


def list_feature_config_versions(document_id: str) -> Call[list[models.Version]]:
    """List the versions of a feature config."""
    return Call(
        "GET", f"/api/feature-configs/{segment(document_id)}/versions/", list[models.Version]
    )


def list_files(*, path: str | None = None) -> Call[models.FileListing]:
    """List Files."""
    return Call("GET", "/api/files/", models.FileListing, query={"path": path})


def generate_trainer_code(body: models.GenerateCode | Json) -> Call[models.CodePreviewResponse]:
    """Generate Trainer Code."""
    return Call("POST", "/api/generate-trainer-code/", models.CodePreviewResponse, body=body)


def get_health() -> Call[models.Health]:
    """Get Health."""
    return Call("GET", "/api/health/", models.Health)


def create_model_config(
    body: models.ModelConfigWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.ModelConfig]:
    """Create a model config."""
    return Call(
        "POST",
        "/api/model-configs/",
        models.ModelConfig,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_model_configs(
    *, limit: int | None = None, page_token: str | None = None
) -> Call[models.ModelConfigPage]:
    """List the model configs, latest change first."""
    return Call(
        "GET",
        "/api/model-configs/",
        models.ModelConfigPage,
        query={"limit": limit, "page_token": page_token},
    )


def list_loss_functions() -> Call[models.LossFunctions]:
    """List Loss Functions."""
    return Call("GET", "/api/model-configs/loss-functions/", models.LossFunctions)


def list_optimizers() -> Call[models.Optimizers]:
    """List Optimizers."""
    return Call("GET", "/api/model-configs/optimizers/", models.Optimizers)


def list_model_presets(*, feature_config_id: str | None = None) -> Call[models.PresetList]:
    """List Model Presets."""
    return Call(
        "GET",
        "/api/model-configs/presets/",
        models.PresetList,
        query={"feature_config_id": feature_config_id},
    )


def get_model_preset(name: str, *, feature_config_id: str | None = None) -> Call[models.Preset]:
    """Get Model Preset."""
    return Call(
        "GET",
        f"/api/model-configs/presets/{segment(name)}/",
        models.Preset,
        query={"feature_config_id": feature_config_id},
    )


def list_rating_head_presets() -> Call[models.RatingHeadPresets]:
    """List Rating Head Presets."""
    return Call("GET", "/api/model-configs/rating-head-presets/", models.RatingHeadPresets)


def validate_model_config(
    body: models.ModelConfigTrial | Json,
) -> Call[models.ValidatedModelConfig]:
    """Validate Model Config."""
    return Call("POST", "/api/model-configs/validate/", models.ValidatedModelConfig, body=body)


def get_model_config(document_id: str) -> Call[models.ModelConfig]:
    """Get a model config."""
    return Call("GET", f"/api/model-configs/{segment(document_id)}/", models.ModelConfig)


def update_model_config(
    document_id: str, body: models.ModelConfigWrite | Json, *, if_match: str | None = None
) -> Call[models.ModelConfig]:
    """Replace a model config."""
    return Call(
        "PUT",
        f"/api/model-configs/{segment(document_id)}/",
        models.ModelConfig,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_model_config(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a model config."""
    return Call(
        "DELETE",
        f"/api/model-configs/{segment(document_id)}/",
        None,
        headers={"If-Match": if_match},
    )


def clone_model_config(
    document_id: str, *, body: models.Clone | Json | None = None, idempotency_key: str | None = None
) -> Call[models.ModelConfig]:
    """Clone a model config."""
    return Call(
        "POST",
        f"/api/model-configs/{segment(document_id)}/clone/",
        models.ModelConfig,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def get_model_config_differences(
    document_id: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    other_id: str | None = None,
) -> Call[models.Differences]:
    """Say what differs between two revisions of a model config, or between two of them."""
    return Call(
        "GET",
        f"/api/model-configs/{segment(document_id)}/differences/",
        models.Differences,
        query={"from_revision": from_revision, "to_revision": to_revision, "other_id": other_id},
    )


def list_model_config_quick_tests(
    model_config_id: str, *, limit: int | None = None, page_token: str | None = None
) -> Call[models.QuickTestPage]:
    """List Model Config Quick Tests."""
    return Call(
        "GET",
        f"/api/model-configs/{segment(model_config_id)}/quick-tests/",
        models.QuickTestPage,
        query={"limit": limit, "page_token": page_token},
    )


def get_model_config_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a model config could be deleted, and what uses it."""
    return Call("GET", f"/api/model-configs/{segment(document_id)}/usage/", models.Usage)


def list_model_config_versions(document_id: str) -> Call[list[models.Version]]:
    """List the versions of a model config."""
    return Call("GET", f"/api/model-configs/{segment(document_id)}/versions/", list[models.Version])


def create_quick_test(
    body: models.QuickTestCreate | Json, *, idempotency_key: str | None = None
) -> Call[models.QuickTest]:
    """Create Quick Test."""
    return Call(
        "POST",
        "/api/quick-tests/",
        models.QuickTest,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_quick_tests(
    *,
    limit: int | None = None,
    page_token: str | None = None,
    feature_config_id: str | None = None,
    model_config_id: str | None = None,
    state: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
    purpose: Literal["quick_test", "full_training"] | None = None,
    sweep_id: str | None = None,
    tuning_id: str | None = None,
    tag: str | None = None,
    archived: bool | None = None,
    owner: str | None = None,
) -> Call[models.QuickTestPage]:
    """List the quick tests, latest change first."""
    return Call(
        "GET",
        "/api/quick-tests/",
        models.QuickTestPage,
        query={
            "limit": limit,
            "page_token": page_token,
            "feature_config_id": feature_config_id,
            "model_config_id": model_config_id,
            "state": state,
            "purpose": purpose,
            "sweep_id": sweep_id,
            "tuning_id": tuning_id,
            "tag": tag,
            "archived": archived,
            "owner": owner,
        },
    )


def compare_quick_tests(body: models.CompareRequest | Json) -> Call[models.Comparison]:
    """Compare Quick Tests."""
    return Call("POST", "/api/quick-tests/compare/", models.Comparison, body=body)


def compare_quick_test_segments(
    body: models.CompareSegmentsRequest | Json,
) -> Call[models.SegmentComparison]:
    """Compare Quick Test Segments."""
    return Call("POST", "/api/quick-tests/compare-segments/", models.SegmentComparison, body=body)


def export_quick_test_comparison(body: models.CompareRequest | Json) -> Call[bytes]:
    """Export Quick Test Comparison."""
    return Call("POST", "/api/quick-tests/compare.csv/", bytes, body=body)


def estimate_quick_test(body: models.QuickTestTrial | Json) -> Call[models.QuickTestForecast]:
    """Estimate Quick Test."""
    return Call("POST", "/api/quick-tests/estimate/", models.QuickTestForecast, body=body)


def get_quick_test_heatmap(body: models.HeatmapRequest | Json) -> Call[models.Heatmap]:
    """Get Quick Test Heatmap."""
    return Call("POST", "/api/quick-tests/heatmap/", models.Heatmap, body=body)


def export_quick_test_heatmap(body: models.HeatmapRequest | Json) -> Call[bytes]:
    """Export Quick Test Heatmap."""
    return Call("POST", "/api/quick-tests/heatmap.csv/", bytes, body=body)


def get_quick_test_settings(body: models.SettingsRequest | Json) -> Call[models.SettingsTable]:
    """Get Quick Test Settings."""
    return Call("POST", "/api/quick-tests/settings/", models.SettingsTable, body=body)


def list_quick_test_summaries(
    *,
    limit: int | None = None,
    page_token: str | None = None,
    feature_config_id: str | None = None,
    model_config_id: str | None = None,
    state: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
    purpose: Literal["quick_test", "full_training"] | None = None,
    sweep_id: str | None = None,
    tuning_id: str | None = None,
    tag: str | None = None,
    archived: bool | None = None,
    owner: str | None = None,
) -> Call[models.QuickTestSummaryPage]:
    """List the quick tests in short, latest change first."""
    return Call(
        "GET",
        "/api/quick-tests/summaries/",
        models.QuickTestSummaryPage,
        query={
            "limit": limit,
            "page_token": page_token,
            "feature_config_id": feature_config_id,
            "model_config_id": model_config_id,
            "state": state,
            "purpose": purpose,
            "sweep_id": sweep_id,
            "tuning_id": tuning_id,
            "tag": tag,
            "archived": archived,
            "owner": owner,
        },
    )


def get_quick_test(document_id: str) -> Call[models.QuickTest]:
    """Get a quick test."""
    return Call("GET", f"/api/quick-tests/{segment(document_id)}/", models.QuickTest)


def mark_quick_test(
    document_id: str, body: models.RunMarks | Json, *, if_match: str | None = None
) -> Call[models.QuickTest]:
    """Rename, note, tag, pin or archive a quick test."""
    return Call(
        "PATCH",
        f"/api/quick-tests/{segment(document_id)}/",
        models.QuickTest,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_quick_test(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a quick test."""
    return Call(
        "DELETE", f"/api/quick-tests/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def cancel_quick_test(document_id: str) -> Call[models.QuickTest]:
    """Cancel a quick test."""
    return Call("POST", f"/api/quick-tests/{segment(document_id)}/cancel/", models.QuickTest)


def stream_quick_test_events(
    document_id: str, *, last_event_id: str | None = None
) -> Events[models.QuickTest]:
    """Follow a quick test."""
    return Events(
        f"/api/quick-tests/{segment(document_id)}/events/", models.QuickTest, last_event_id
    )


def get_quick_test_fixes(quick_test_id: str) -> Call[models.WarningFixes]:
    """Get Quick Test Fixes."""
    return Call("GET", f"/api/quick-tests/{segment(quick_test_id)}/fixes/", models.WarningFixes)


def start_full_training(
    quick_test_id: str, body: models.FullTraining | Json, *, idempotency_key: str | None = None
) -> Call[models.QuickTest]:
    """Start Full Training."""
    return Call(
        "POST",
        f"/api/quick-tests/{segment(quick_test_id)}/full-training/",
        models.QuickTest,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def get_quick_test_code(quick_test_id: str) -> Call[models.QuickTestCode]:
    """Get Quick Test Code."""
    return Call(
        "GET", f"/api/quick-tests/{segment(quick_test_id)}/generated-code/", models.QuickTestCode
    )


def start_learning_curve(
    quick_test_id: str, body: models.LearningCurve | Json, *, idempotency_key: str | None = None
) -> Call[models.Sweep]:
    """Start Learning Curve."""
    return Call(
        "POST",
        f"/api/quick-tests/{segment(quick_test_id)}/learning-curve/",
        models.Sweep,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def validate_learning_curve(
    quick_test_id: str, body: models.LearningCurve | Json
) -> Call[models.ValidatedSweep]:
    """Validate Learning Curve."""
    return Call(
        "POST",
        f"/api/quick-tests/{segment(quick_test_id)}/learning-curve/validate/",
        models.ValidatedSweep,
        body=body,
    )


def download_quick_test_model(quick_test_id: str) -> Call[bytes]:
    """Download the saved model of a quick test."""
    return Call("GET", f"/api/quick-tests/{segment(quick_test_id)}/model.zip/", bytes)


def get_prediction_inputs(
    quick_test_id: str, *, search: str | None = None, limit: int | None = None
) -> Call[models.PredictionInputs]:
    """Get Prediction Inputs."""
    return Call(
        "GET",
        f"/api/quick-tests/{segment(quick_test_id)}/prediction-inputs/",
        models.PredictionInputs,
        query={"search": search, "limit": limit},
    )


def predict(quick_test_id: str, body: models.PredictionRequest | Json) -> Call[models.Prediction]:
    """Predict."""
    return Call(
        "POST",
        f"/api/quick-tests/{segment(quick_test_id)}/predictions/",
        models.Prediction,
        body=body,
    )


def get_quick_test_report_page(quick_test_id: str) -> Call[bytes]:
    """Get Quick Test Report Page."""
    return Call("GET", f"/api/quick-tests/{segment(quick_test_id)}/report/", bytes)


def get_quick_test_report(quick_test_id: str) -> Call[models.QuickTestReport]:
    """Get Quick Test Report."""
    return Call(
        "GET", f"/api/quick-tests/{segment(quick_test_id)}/report.json/", models.QuickTestReport
    )


def get_sample_tensors(
    quick_test_id: str, *, customer: str | None = None, product: str | None = None
) -> Call[models.SampleTensorPair]:
    """Get Sample Tensors."""
    return Call(
        "GET",
        f"/api/quick-tests/{segment(quick_test_id)}/sample-tensors/",
        models.SampleTensorPair,
        query={"customer": customer, "product": product},
    )


def get_quick_test_segments(
    quick_test_id: str, *, metric: str | None = None
) -> Call[models.SegmentTable]:
    """Get Quick Test Segments."""
    return Call(
        "GET",
        f"/api/quick-tests/{segment(quick_test_id)}/segments/",
        models.SegmentTable,
        query={"metric": metric},
    )


def get_quick_test_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a quick test could be deleted, and what uses it."""
    return Call("GET", f"/api/quick-tests/{segment(document_id)}/usage/", models.Usage)


def get_use_of_model(quick_test_id: str) -> Call[models.UseOfModel]:
    """Use."""
    return Call("GET", f"/api/quick-tests/{segment(quick_test_id)}/use/", models.UseOfModel)


def list_registered_models(
    *, limit: int | None = None, page_token: str | None = None
) -> Call[models.RegisteredModelPage]:
    """List the registered models, latest change first."""
    return Call(
        "GET",
        "/api/registered-models/",
        models.RegisteredModelPage,
        query={"limit": limit, "page_token": page_token},
    )


def get_sample_size(body: models.SizeQuestion | Json) -> Call[models.SampleSize]:
    """Size."""
    return Call("POST", "/api/registered-models/sample-size/", models.SampleSize, body=body)


def get_registered_model(document_id: str) -> Call[models.RegisteredModel]:
    """Get a registered model."""
    return Call("GET", f"/api/registered-models/{segment(document_id)}/", models.RegisteredModel)


def end_experiment(model_id: str) -> Call[models.RegisteredModel]:
    """End."""
    return Call(
        "POST",
        f"/api/registered-models/{segment(model_id)}/experiment/end/",
        models.RegisteredModel,
    )


def measure_experiment(
    model_id: str, body: models.MeasureRequest | Json
) -> Call[models.ExperimentResult]:
    """Measure."""
    return Call(
        "POST",
        f"/api/registered-models/{segment(model_id)}/experiment/measure/",
        models.ExperimentResult,
        body=body,
    )


def start_experiment(
    model_id: str, body: models.ExperimentWrite | Json
) -> Call[models.RegisteredModel]:
    """Start."""
    return Call(
        "POST",
        f"/api/registered-models/{segment(model_id)}/experiment/start/",
        models.RegisteredModel,
        body=body,
    )


def promote_model(model_id: str, body: models.PromotionWrite | Json) -> Call[models.PromotedModel]:
    """Promote."""
    return Call(
        "POST",
        f"/api/registered-models/{segment(model_id)}/promote/",
        models.PromotedModel,
        body=body,
    )


def roll_back_model(model_id: str, body: models.RollbackWrite | Json) -> Call[models.PromotedModel]:
    """Roll Back."""
    return Call(
        "POST",
        f"/api/registered-models/{segment(model_id)}/rollback/",
        models.PromotedModel,
        body=body,
    )


def list_registered_versions(model_id: str) -> Call[models.RegisteredVersions]:
    """Versions."""
    return Call(
        "GET", f"/api/registered-models/{segment(model_id)}/versions/", models.RegisteredVersions
    )


def get_model_card(model_id: str, version: int) -> Call[bytes]:
    """Card."""
    return Call(
        "GET",
        f"/api/registered-models/{segment(model_id)}/versions/{segment(version)}/card/",
        bytes,
    )


def download_registered_model(model_id: str, version: int) -> Call[bytes]:
    """Download a version of a registered model."""
    return Call(
        "GET",
        f"/api/registered-models/{segment(model_id)}/versions/{segment(version)}/model.zip/",
        bytes,
    )


def create_rule_set(
    body: models.RuleSetWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.RuleSet]:
    """Create a rule set."""
    return Call(
        "POST",
        "/api/rule-sets/",
        models.RuleSet,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_rule_sets(
    *, limit: int | None = None, page_token: str | None = None
) -> Call[models.RuleSetPage]:
    """List the rule sets, latest change first."""
    return Call(
        "GET",
        "/api/rule-sets/",
        models.RuleSetPage,
        query={"limit": limit, "page_token": page_token},
    )


def validate_rule_set(body: models.RuleSetTrial | Json) -> Call[models.ValidatedRuleSet]:
    """Validate Rule Set."""
    return Call("POST", "/api/rule-sets/validate/", models.ValidatedRuleSet, body=body)


def get_rule_set(document_id: str) -> Call[models.RuleSet]:
    """Get a rule set."""
    return Call("GET", f"/api/rule-sets/{segment(document_id)}/", models.RuleSet)


def update_rule_set(
    document_id: str, body: models.RuleSetWrite | Json, *, if_match: str | None = None
) -> Call[models.RuleSet]:
    """Replace a rule set."""
    return Call(
        "PUT",
        f"/api/rule-sets/{segment(document_id)}/",
        models.RuleSet,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_rule_set(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a rule set."""
    return Call(
        "DELETE", f"/api/rule-sets/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def clone_rule_set(
    document_id: str, *, body: models.Clone | Json | None = None, idempotency_key: str | None = None
) -> Call[models.RuleSet]:
    """Clone a rule set."""
    return Call(
        "POST",
        f"/api/rule-sets/{segment(document_id)}/clone/",
        models.RuleSet,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def get_rule_set_differences(
    document_id: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    other_id: str | None = None,
) -> Call[models.Differences]:
    """Say what differs between two revisions of a rule set, or between two of them."""
    return Call(
        "GET",
        f"/api/rule-sets/{segment(document_id)}/differences/",
        models.Differences,
        query={"from_revision": from_revision, "to_revision": to_revision, "other_id": other_id},
    )


def get_rule_set_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a rule set could be deleted, and what uses it."""
    return Call("GET", f"/api/rule-sets/{segment(document_id)}/usage/", models.Usage)


def list_rule_set_versions(document_id: str) -> Call[list[models.Version]]:
    """List the versions of a rule set."""
    return Call("GET", f"/api/rule-sets/{segment(document_id)}/versions/", list[models.Version])


def create_schedule(
    body: models.ScheduleWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.Schedule]:
    """Create a schedule."""
    return Call(
        "POST",
        "/api/schedules/",
        models.Schedule,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_schedules(
    *, limit: int | None = None, page_token: str | None = None, model: str | None = None
) -> Call[models.SchedulePage]:
    """List the schedules, latest change first."""
    return Call(
        "GET",
        "/api/schedules/",
        models.SchedulePage,
        query={"limit": limit, "page_token": page_token, "model": model},
    )


def validate_schedule(body: models.ScheduleTrial | Json) -> Call[models.ValidatedSchedule]:
    """Validate Schedule."""
    return Call("POST", "/api/schedules/validate/", models.ValidatedSchedule, body=body)


def get_schedule(document_id: str) -> Call[models.Schedule]:
    """Get a schedule."""
    return Call("GET", f"/api/schedules/{segment(document_id)}/", models.Schedule)


def update_schedule(
    document_id: str, body: models.ScheduleWrite | Json, *, if_match: str | None = None
) -> Call[models.Schedule]:
    """Replace a schedule."""
    return Call(
        "PUT",
        f"/api/schedules/{segment(document_id)}/",
        models.Schedule,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_schedule(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a schedule."""
    return Call(
        "DELETE", f"/api/schedules/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def get_schedule_differences(
    document_id: str,
    *,
    from_revision: int | None = None,
    to_revision: int | None = None,
    other_id: str | None = None,
) -> Call[models.Differences]:
    """Say what differs between two revisions of a schedule, or between two of them."""
    return Call(
        "GET",
        f"/api/schedules/{segment(document_id)}/differences/",
        models.Differences,
        query={"from_revision": from_revision, "to_revision": to_revision, "other_id": other_id},
    )


def pause_schedule(schedule_id: str) -> Call[models.Schedule]:
    """Pause."""
    return Call("POST", f"/api/schedules/{segment(schedule_id)}/pause/", models.Schedule)


def resume_schedule(schedule_id: str) -> Call[models.Schedule]:
    """Resume."""
    return Call("POST", f"/api/schedules/{segment(schedule_id)}/resume/", models.Schedule)


def run_schedule(schedule_id: str) -> Call[models.Schedule]:
    """Run."""
    return Call("POST", f"/api/schedules/{segment(schedule_id)}/run/", models.Schedule)


def get_schedule_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a schedule could be deleted, and what uses it."""
    return Call("GET", f"/api/schedules/{segment(document_id)}/usage/", models.Usage)


def list_schedule_versions(document_id: str) -> Call[list[models.Version]]:
    """List the versions of a schedule."""
    return Call("GET", f"/api/schedules/{segment(document_id)}/versions/", list[models.Version])


def create_sweep(
    body: models.SweepWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.Sweep]:
    """Start a sweep."""
    return Call(
        "POST",
        "/api/sweeps/",
        models.Sweep,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_sweeps(
    *,
    limit: int | None = None,
    page_token: str | None = None,
    state: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
    tag: str | None = None,
    archived: bool | None = None,
    owner: str | None = None,
) -> Call[models.SweepPage]:
    """List the sweeps, latest change first."""
    return Call(
        "GET",
        "/api/sweeps/",
        models.SweepPage,
        query={
            "limit": limit,
            "page_token": page_token,
            "state": state,
            "tag": tag,
            "archived": archived,
            "owner": owner,
        },
    )


def validate_sweep(body: models.SweepTrial | Json) -> Call[models.ValidatedSweep]:
    """Validate Sweep."""
    return Call("POST", "/api/sweeps/validate/", models.ValidatedSweep, body=body)


def get_sweep(document_id: str) -> Call[models.Sweep]:
    """Get a sweep."""
    return Call("GET", f"/api/sweeps/{segment(document_id)}/", models.Sweep)


def mark_sweep(
    document_id: str, body: models.RunMarks | Json, *, if_match: str | None = None
) -> Call[models.Sweep]:
    """Rename, note, tag, pin or archive a sweep."""
    return Call(
        "PATCH",
        f"/api/sweeps/{segment(document_id)}/",
        models.Sweep,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_sweep(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a sweep."""
    return Call(
        "DELETE", f"/api/sweeps/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def cancel_sweep(document_id: str) -> Call[models.Sweep]:
    """Cancel a sweep."""
    return Call("POST", f"/api/sweeps/{segment(document_id)}/cancel/", models.Sweep)


def stream_sweep_events(
    document_id: str, *, last_event_id: str | None = None
) -> Events[models.Sweep]:
    """Follow a sweep."""
    return Events(f"/api/sweeps/{segment(document_id)}/events/", models.Sweep, last_event_id)


def get_learning_curve(sweep_id: str) -> Call[models.LearningCurves]:
    """Get Learning Curve."""
    return Call("GET", f"/api/sweeps/{segment(sweep_id)}/learning-curve/", models.LearningCurves)


def get_sweep_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a sweep could be deleted, and what uses it."""
    return Call("GET", f"/api/sweeps/{segment(document_id)}/usage/", models.Usage)


def create_tuning(
    body: models.TuningWrite | Json, *, idempotency_key: str | None = None
) -> Call[models.Tuning]:
    """Start a tuning."""
    return Call(
        "POST",
        "/api/tunings/",
        models.Tuning,
        body=body,
        headers={"Idempotency-Key": idempotency_key or new_key()},
    )


def list_tunings(
    *,
    limit: int | None = None,
    page_token: str | None = None,
    state: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
    tag: str | None = None,
    archived: bool | None = None,
    owner: str | None = None,
) -> Call[models.TuningPage]:
    """List the tunings, latest change first."""
    return Call(
        "GET",
        "/api/tunings/",
        models.TuningPage,
        query={
            "limit": limit,
            "page_token": page_token,
            "state": state,
            "tag": tag,
            "archived": archived,
            "owner": owner,
        },
    )


def validate_tuning(body: models.TuningTrial | Json) -> Call[models.ValidatedTuning]:
    """Validate Tuning."""
    return Call("POST", "/api/tunings/validate/", models.ValidatedTuning, body=body)


def get_tuning(document_id: str) -> Call[models.Tuning]:
    """Get a tuning."""
    return Call("GET", f"/api/tunings/{segment(document_id)}/", models.Tuning)


def mark_tuning(
    document_id: str, body: models.RunMarks | Json, *, if_match: str | None = None
) -> Call[models.Tuning]:
    """Rename, note, tag, pin or archive a tuning."""
    return Call(
        "PATCH",
        f"/api/tunings/{segment(document_id)}/",
        models.Tuning,
        body=body,
        headers={"If-Match": if_match},
    )


def delete_tuning(document_id: str, *, if_match: str | None = None) -> Call[None]:
    """Delete a tuning."""
    return Call(
        "DELETE", f"/api/tunings/{segment(document_id)}/", None, headers={"If-Match": if_match}
    )


def cancel_tuning(document_id: str) -> Call[models.Tuning]:
    """Cancel a tuning."""
    return Call("POST", f"/api/tunings/{segment(document_id)}/cancel/", models.Tuning)


def stream_tuning_events(
    document_id: str, *, last_event_id: str | None = None
) -> Events[models.Tuning]:
    """Follow a tuning."""
    return Events(f"/api/tunings/{segment(document_id)}/events/", models.Tuning, last_event_id)


def stop_tuning(document_id: str) -> Call[models.Tuning]:
    """Stop a tuning."""
    return Call("POST", f"/api/tunings/{segment(document_id)}/stop/", models.Tuning)


def get_tuning_usage(document_id: str) -> Call[models.Usage]:
    """Say whether a tuning could be deleted, and what uses it."""
    return Call("GET", f"/api/tunings/{segment(document_id)}/usage/", models.Usage)
