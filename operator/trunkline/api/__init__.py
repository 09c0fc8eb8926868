"""The kinds users write: pydantic models, one file per section, their parser and the CRD writer.

Pure: no I/O but in `generate`, and nothing of the rest of Trunkline is imported here. The models are the only source of
the CRDs, of the API reference and of the paths in messages.
"""
