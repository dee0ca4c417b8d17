"""The adapters of Google Cloud. The only place in `shared` that imports its libraries."""
