"""The REST API under `/api/v1/`: the same rows, rules and rights as the admin (docs/api.md)."""
