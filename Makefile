.PHONY: run test check bench env dev-env format pictures test-pictures

PY := .venv/bin/python

env:
	@bash scripts/environment.sh requirements.txt

dev-env:
	@bash scripts/environment.sh requirements-dev.txt

run: env
	@$(PY) scripts/serve.py

test: dev-env
	@$(PY) scripts/test.py $(ARGS)

check: dev-env
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy .
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

format: dev-env
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# The optional packages that read the words in pictures: 270 MB on disk, so only where somebody wants them.
pictures:
	@bash scripts/environment.sh requirements-ocr.txt

test-pictures: dev-env pictures
	@AIJIA_REQUIRE_OCR=1 $(PY) -m pytest tests/conversations/test_pictures.py tests/triage/test_pictures.py $(ARGS)

bench: dev-env
	@$(PY) scripts/bench.py $(ARGS)
