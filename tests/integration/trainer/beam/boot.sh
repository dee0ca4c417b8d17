#!/bin/bash
# What `boot` of Beam 2.65 does in a worker's container before and when it starts the SDK harness,
# but for what Dataflow stages (nothing, where an image is named). After sdks/python/container/boot.go:
# setupVenv, isPackageInstalled, logRuntimeDependencies, and the harness's own module.
set -eu
if [ -z "${RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT:-}" ]; then
  folder="$BEAM_FOLDER/beam-venv/beam-venv-worker-1"
  mkdir -p "$folder"
  python -m venv --system-site-packages "$folder"
  export VIRTUAL_ENV="$folder" PATH="$folder/bin:$PATH"
fi
python -V
if ! python -m pip show apache-beam; then
  echo "Apache Beam is not installed in the runtime environment." >&2
  exit 1
fi
python -m pip freeze
exec python -m apache_beam.runners.worker.sdk_worker_main
