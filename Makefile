# One door for people and CI: `make` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
AIRFLOW := .venv-airflow
# Two workers suit two cores; each starts a MariaDB of its own.
WORKERS ?= 2
# In the order of their folders: by number, the files with few tests, which are the long ones, would come last.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder
PAGE ?= tests/page
FAST := -m "not server and not slow"
SLOW := -m "server or slow"
COVER := $(if $(COVERAGE),--cov --cov-report=term --cov-fail-under=$(COVERAGE))

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: install
install: ## Make .venv with everything that running and developing need
	@tools/make-venv dev

.PHONY: install-run
install-run: ## Make .venv with what running needs
	@tools/make-venv run

.PHONY: airflow-venv
airflow-venv:
	@tools/make-venv airflow

.PHONY: run
run: install-run ## Backfill from Binance, aggregate, serve on http://localhost:8000, keep it fresh
	@$(BIN)/btc-volatility run

.PHONY: demo
demo: install-run ## The same on simulated candles, with no internet
	@$(BIN)/btc-volatility demo

.PHONY: airflow
airflow: install-run airflow-venv ## The DAGs without Docker, their jobs as processes, on http://localhost:8080
	@tools/airflow-standalone

.PHONY: check
check: install ## Lint, check types, compare the page's vendored files with their hashes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/vendor.py --check

.PHONY: test
test: test-fast airflow-venv ## All tests but those of the page and the containers, with a real MariaDB and MySQL
	@tools/ensure-mariadb
	@tools/ensure-mysql
	AIRFLOW_PYTHON=$(AIRFLOW)/bin/python $(PYTEST) $(SLOW)

.PHONY: test-fast
test-fast: install ## The tests of every room that need no server and little time, in about a minute; COVERAGE=85 counts branches
	$(PYTEST) $(FAST) $(COVER)

.PHONY: test-browser
test-browser: install ## The page in a real Chromium, over the real API and real candles
	@tools/ensure-chromium
	BROWSER_TEST=1 $(PYTEST) $(PAGE)

.PHONY: test-stack
test-stack: install ## The whole system in containers (needs Docker; twenty minutes)
	STACK_TEST=1 $(BIN)/python -m pytest tests/stack -s --timeout 900

.PHONY: format
format: install ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: requirements
requirements: install ## Compile the pinned requirements from pyproject.toml; UPGRADE=1 takes newer versions
	@tools/compile-requirements $(BIN)/uv

.PHONY: check-requirements
check-requirements: install ## Say whether the pinned requirements still belong to pyproject.toml
	@tools/compile-requirements $(BIN)/uv --check

.PHONY: update-swagger-ui
update-swagger-ui: ## Take the newest Swagger UI into api/static (needs npm)
	@tools/update-swagger-ui

.PHONY: vendor
vendor: install ## Fetch uPlot, lit-html and Inter into api/page/vendor as vendor.json notes them; UPGRADE=1 takes the newest (needs npm)
	@$(BIN)/python tools/vendor.py $(if $(UPGRADE),--upgrade)

.PHONY: bench
bench: install ## Measure backfill, aggregation, the hourly run and the API; print the table; BENCH=--update-page puts it into docs/performance.md
	@tools/ensure-mariadb
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: scorecard
scorecard: install ## Score odds and forecast on real candles into docs/forecast.md; SCORECARD="--data FILE" for others
	@$(BIN)/python -m benchmarks.scorecard $(or $(SCORECARD),--write docs/forecast.md)

.PHONY: screenshots
screenshots: install ## Take the README's pictures of the page, from simulated candles, into docs/pictures
	@tools/ensure-chromium
	@$(BIN)/python -m tests.page.screenshots docs/pictures

.PHONY: picture
picture: install ## Draw the README's picture from simulated candles into docs/session.svg
	@$(BIN)/python -m benchmarks.picture docs/session.svg

.PHONY: clean
clean: ## Remove what was made here, the embedded database left alone
	rm -rf $(VENV) $(AIRFLOW) .airflow build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
