"""The engine that asks a language model outside: any OpenAI-compatible endpoint, held against the local engine (docs/llm.md)."""
