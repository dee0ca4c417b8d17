"""A model behind HTTP, under the contract of Vertex AI's custom containers."""
