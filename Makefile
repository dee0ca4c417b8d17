# Everything sets itself up: `make demo` and `make test` work in a fresh clone.
PYTHON ?= python3.11
BIN := .venv/bin
UV := .uv/bin/uv
LIGHT := .venv/.ready
TRAINER := .venv-trainer/.ready
CONSOLE := console/dist/.ready

INFRA := .venv-infra/.ready
FUNCTIONS := .venv-functions/.ready
GENERATOR := .venv-generator/.ready
GPU := .venv-gpu/.ready

.PHONY: help ready demo up test test-unit test-integration test-trainer check check-python check-console torture bench bench-gpu check-infra format golden golden-templates bundle sbom advisories pin docs client study small-tests lock clean \
	console console-client console-test console-test-logic console-test-pages screenshots
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ready ## the main job, end to end, on real data
	$(BIN)/recsmith demo

up: ready ## the whole system on this machine, until Ctrl-C
	$(BIN)/recsmith up

# Makes every one of some targets, whatever became of the others, and says at the end which failed.
EACH = @failed=; for part in $(1); do $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	if [ -n "$$failed" ]; then echo "make $@: these failed:$$failed"; exit 1; fi; echo 'make $@: all passed.'

test: ready ## all tests
	$(call EACH,test-unit test-integration test-trainer console-test)

WORKERS ?= 2  # processes at a time, each of which may train: as many as there are processors

# The tests of a file go to one process; in their order, of which the longest are the first, for at the
# end one process would wait for the other.
LONGEST_FIRST := --dist loadgroup --no-loadscope-reorder

# Where it is set, each of the many processes that tests start would compile all that it imports.
test-unit test-integration test-trainer check-infra console-test-pages: export PYTHONDONTWRITEBYTECODE :=

test-unit: $(LIGHT)
	$(BIN)/pytest -n $(WORKERS) $(LONGEST_FIRST) tests/unit

test-integration: $(LIGHT)
	$(BIN)/pytest -n $(WORKERS) $(LONGEST_FIRST) -m 'not trainer' tests/integration

test-trainer: $(LIGHT) $(TRAINER)
	$(BIN)/pytest -n $(WORKERS) $(LONGEST_FIRST) -m trainer tests/e2e tests/integration

check: ready ## format, lint, types, import rules, Terraform
	$(call EACH,check-python check-console check-infra)

check-python: $(LIGHT)
	@failed=; for check in 'ruff format --check .' 'ruff check .' mypy lint-imports; do \
		echo "$$check"; $(BIN)/$$check || failed="$$failed '$$check'"; done; \
	if [ -n "$$failed" ]; then echo "make $@: these failed:$$failed"; exit 1; fi

check-console: $(CONSOLE)
	$(IF_NODE) cd console && npm run --silent check; fi

torture: $(LIGHT) $(TRAINER) ## break it on purpose: faults, load, abuse (half an hour and more; ONLY=name for a part)
	@GRPC_VERBOSITY=ERROR $(BIN)/python -W ignore -m tests.torture $(if $(ONLY),--only '$(ONLY)')

bench: $(LIGHT) $(TRAINER) $(FUNCTIONS) ## how fast, against what: writes docs/performance.md (half an hour; ONLY=name)
	$(BIN)/python -m bench $(if $(ONLY),--only '$(ONLY)')

bench-gpu: $(LIGHT) $(GPU) ## the same on one GPU and without it, in eight minutes
	$(BIN)/python -m bench --only gpu

check-infra: $(INFRA) $(FUNCTIONS) ## Terraform by the provider's schema and checkov; the bundle alone
	.venv-infra/bin/pytest --confcutdir=tests/infra tests/infra

format: $(LIGHT) ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(LIGHT) ## write tests/golden anew, after a change to the generator
	$(BIN)/pytest tests/unit/shared/codegen/test_codegen.py -k golden --write-golden

golden-templates: $(LIGHT) $(TRAINER) ## write tests/golden/templates anew, after a change to the pipeline
	$(BIN)/pytest -m trainer tests/integration/trainer/test_template.py -k recorded --write-golden

bundle: $(CONSOLE) ## write build/functions.zip, the functions' source and the console for Google Cloud
	$(PYTHON) infra/bundle.py build/functions.zip
	@echo build/functions.zip

sbom: $(LIGHT) ## write build/sbom/*.cdx.json, what each image is made of (CycloneDX)
	$(BIN)/python -m infra.sbom build/sbom

advisories: $(LIGHT) ## look the locks up in advisories of a file (OSV): FILE=all.zip, or several
	@$(BIN)/python -m infra.advisories $(FILE)

pin: $(LIGHT) ## pin the image's bases, its build's steps and the workflow's actions by digest; asks registries
	$(BIN)/python -m infra.pin

study: $(LIGHT) $(TRAINER) ## which defaults learn: writes docs/defaults.md (an hour; PUBLIC=a folder of public data)
	PYTHONPATH=. .venv-trainer/bin/python bench/defaults_study.py
	$(BIN)/python -m bench.models_study $(if $(PUBLIC),--public $(PUBLIC))
	$(BIN)/python -m bench.study_page

small-tests: $(LIGHT) $(TRAINER) ## whether small tests predict large ones: writes docs/small-tests.md (hours; PUBLIC=as above)
	$(BIN)/python -m bench.small_tests_study $(if $(PUBLIC),--public $(PUBLIC))
	$(BIN)/python -m bench.small_tests_page

docs: $(LIGHT) ## write docs/configuration.md anew, after a change to the models or the generator
	PYTHONPATH=. $(BIN)/python docs/generate_configuration.py

client: $(LIGHT) $(GENERATOR) ## write the Python client anew, after a change to the API or to it
	$(BIN)/python clients/python/scripts/write_models.py .venv-generator/bin/datamodel-codegen
	$(BIN)/python clients/python/scripts/write_operations.py
	$(BIN)/python clients/python/scripts/write_walking.py
	$(BIN)/python clients/python/scripts/write_sync.py
	$(BIN)/python clients/python/scripts/write_page.py

lock: $(UV) ## resolve pyproject.toml into the locks
	echo uv==0.13.9 | $(UV) pip compile $(LOCK_FLAGS) - -o requirements/uv.txt
	$(UV) pip compile $(LOCK_FLAGS) --extra functions --extra gcp --extra local --extra dev pyproject.toml -o requirements/light.txt
	$(UV) pip compile $(LOCK_FLAGS) --extra trainer pyproject.toml -o requirements/trainer.txt
	cp requirements/trainer.txt requirements/trainer-gpu.txt  # the same, and CUDA
	$(UV) pip compile $(LOCK_FLAGS) --extra trainer --extra gpu pyproject.toml -o requirements/trainer-gpu.txt
	$(UV) pip compile $(LOCK_FLAGS) --extra functions --extra gcp pyproject.toml -o requirements/functions.txt
	$(UV) pip compile $(LOCK_FLAGS) --extra infra pyproject.toml -o requirements/infra.txt
	$(UV) pip compile $(LOCK_FLAGS) --group clients/python/pyproject.toml:generator -o requirements/generator.txt
	$(UV) pip compile $(LOCK_FLAGS) --extra mlflow --constraint requirements/light.txt pyproject.toml -o requirements/mlflow.txt
LOCK_FLAGS := --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 \
	--custom-compile-command 'make lock'

# The console is built where its sources changed; without Node.js all else goes on.
NODE_MESSAGE := The web console needs Node.js 20.19 or newer, which is not here. Everything else works without it.
IF_NODE = @if ! $(NODE_READY); then echo '$(NODE_MESSAGE)'; else
NODE_READY = { node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1; }
CONSOLE_SOURCES := $(shell find console/src console/public console/scripts -type f 2>/dev/null) \
	console/index.html console/vite.config.ts console/tsconfig.json
MODULES := console/node_modules/.ready

console: $(CONSOLE) ## build the web console into console/dist, if its sources changed

$(MODULES): console/package.json console/package-lock.json
	@if $(NODE_READY); then echo 'Installing what the console is built with …' && cd console && npm ci --silent --no-audit --no-fund && touch node_modules/.ready; fi

$(CONSOLE): $(MODULES) $(CONSOLE_SOURCES)
	$(IF_NODE) echo 'Building the console …' && cd console && npm run --silent build && touch dist/.ready \
		&& echo 'The console is built.'; fi

console-client: $(LIGHT) $(MODULES) ## write the console's types anew, after a change to the API
	$(BIN)/python console/scripts/write_openapi.py
	cd console && npm run --silent client

console-test: ready ## the console's tests: logic, and every page in Chromium
	$(call EACH,console-test-logic console-test-pages)

console-test-logic: $(CONSOLE)
	$(IF_NODE) cd console && npm test --silent; fi

console-test-pages: ready
	$(IF_NODE) cd console && npm run --silent e2e; fi

screenshots: $(LIGHT) $(CONSOLE) ## every page of the console, light and dark, wide and narrow
	cd console && npm run --silent screenshots

clean: ## forget the environments (the data under .recsmith/ stays)
	rm -rf .uv .venv .venv-trainer .venv-infra .venv-functions .venv-generator .venv-gpu *.egg-info console/node_modules console/dist

# The three parts side by side: one waits for the network while another one compiles.
ready:
	@$(MAKE) --no-print-directory --silent --jobs=3 $(LIGHT) $(TRAINER) $(CONSOLE)

$(UV):
	@echo 'Setting up (once) …'
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

# Compiled at once: where PYTHONDONTWRITEBYTECODE is set, each start would compile what it imports,
# which for TensorFlow and TFX takes longer than all else.
INSTALL = $(UV) pip install --quiet --require-hashes --compile-bytecode

$(LIGHT): $(UV) requirements/light.txt pyproject.toml
	@echo 'Installing the command line and the services …'
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(INSTALL) --python .venv -r requirements/light.txt
	@$(UV) pip install --quiet --no-deps --python .venv --editable .
	@touch $@
	@echo 'The command line and the services are installed.'

$(TRAINER): $(UV) requirements/trainer.txt
	@echo 'Installing the trainer (TensorFlow and TFX, 3 GB) …'
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-trainer
	@$(INSTALL) --python .venv-trainer -r requirements/trainer.txt
	@touch $@
	@echo 'The trainer is installed.'

$(GPU): $(UV) requirements/trainer-gpu.txt
	@echo 'Installing the trainer with CUDA (TensorFlow and TFX, 6 GB) …'
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv-gpu
	@$(INSTALL) --python .venv-gpu -r requirements/trainer-gpu.txt
	@touch $@

$(INFRA): $(UV) requirements/infra.txt
	@echo 'Installing the checks of the infrastructure …'
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-infra
	$(INSTALL) --python .venv-infra -r requirements/infra.txt
	@touch $@

$(FUNCTIONS): $(UV) requirements/functions.txt
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-functions
	$(INSTALL) --python .venv-functions -r requirements/functions.txt
	@touch $@

$(GENERATOR): $(UV) requirements/generator.txt
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-generator
	$(INSTALL) --python .venv-generator -r requirements/generator.txt
	@touch $@
