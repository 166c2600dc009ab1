# Few targets, and they are what CI runs. PYTHON is the interpreter that makes the environment, DATA labelled rows
# that the repository does not hold, HELD_OUT labelled rows that no model was trained on.
PYTHON ?= python3
BIN := .venv/bin
pytest = PYTHONHASHSEED=0 $(BIN)/python -m pytest -n auto  # tests are parted among processes by names, some from sets
data_options = $(foreach file,$(DATA),--data $(file))
# Of proofs: RECORD=1 writes the figures, which are of the long forms.
record_option = $(if $(RECORD),--record)

.PHONY: tag test twins cluster lint docs wheel bare verify sanitize fuzz setup quality curves students updating cascade suggesting bench speed footprint scaling streaming splitting extraction peers frames spark screenshot agreement settings release consumer mutants trust tsan soak linear hostile clean

tag: .venv/installed  ## set up, and tag the seed document
	$(BIN)/g7classify tag seeds/documents/*

test: .venv/tested .venv/browser  ## set up, and run all tests
	$(pytest)

twins: .venv/tested  ## the tests of all that computes, on the NumPy kernel
	G7CLASSIFY_KERNEL=no $(pytest) $(foreach folder,api benchmarks browser documentation documents faults signals spark tune,--ignore=tests/$(folder))

lint: .venv/with-lint  ## formatting, lint, import layers, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

docs: .venv/with-docs  ## the documentation as a site in build/site; a link that leads nowhere is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python -m pytest tests/documentation/test_site.py

wheel: .venv/with-lint  ## build the wheel, not without a kernel, and use it far from the repository
	rm -rf build/wheel build/lib* build/bdist.*  # what an earlier build left would be packed again
	G7CLASSIFY_KERNEL=yes $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m venv --clear build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check build/wheel/*.whl
	cd build/wheel && venv/bin/g7classify models && venv/bin/g7classify tag $(CURDIR)/seeds/documents/* --format jsonl | grep -q '"threat.terrorism"'

release: .venv/with-release  ## build what is released twice, compare and try it out; all tests on it too: make release SUITE=all RECORD=1
	$(BIN)/python -m benchmarks.release $(if $(SUITE),--suite "$(SUITE)") $(if $(WORKERS),--workers $(WORKERS)) $(record_option)

consumer: wheel  ## two programs that use the wheel: their types under mypy and pyright, both strict, and a run of them: make consumer [RECORD=1]
	rm -rf build/consumer && mkdir build/consumer
	$(PYTHON) -m venv build/consumer/venv
	build/consumer/venv/bin/python -m pip install --quiet --disable-pip-version-check \
		"$$(ls $(CURDIR)/build/wheel/*.whl)[train,frames,spacy,html]" -r tests/consumer/requirements.txt
	cp tests/consumer/*.py tests/consumer/pyproject.toml build/consumer
	cd build/consumer && PATH="$$PWD/venv/bin:$$PATH" && mypy && pyright && python completeness.py figures.json && python program.py && python training.py
	$(if $(RECORD),$(BIN)/python -m benchmarks.records consumer build/consumer/figures.json)
	rm -rf build/consumer  # 1.3 GB, and made anew each time

bare:  ## install where nothing can be compiled, and run the twins' tests there
	$(PYTHON) -m venv --clear build/bare
	CC=/bin/false build/bare/bin/python -m pip install --quiet --disable-pip-version-check ".[test]"
	cd build && bare/bin/python -c "from g7classify import kernel; assert kernel.NAME == 'numpy', kernel.NAME"
	build/bare/bin/python -P -m pytest --override-ini pythonpath= tests/test_kernel.py tests/test_features.py tests/test_sentences.py
	rm -rf build/bare  # 1.7 GB, and made anew each time

verify: .venv/tested  ## rebuild the shipped models and compare the bytes
	$(BIN)/python -m training.seeds check
	$(BIN)/python -m training.verify $(data_options)

sanitize: .venv/tested  ## the tests of what is compiled under AddressSanitizer and UndefinedBehaviorSanitizer (gcc)
	rm -rf build/sanitize
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "setuptools>=77"  # a new environment has none, or an old one
	CC=gcc CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all" G7CLASSIFY_KERNEL=yes \
		$(BIN)/python setup.py --quiet build --build-base build/sanitize --build-lib build/sanitize/lib
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
		ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc G7CLASSIFY_KERNEL=yes \
		$(BIN)/python -m pytest --override-ini pythonpath=build/sanitize/lib tests/test_kernel.py tests/test_splitter.py \
		tests/test_sentences.py tests/learn/test_solver.py tests/fuzz

tsan: .venv/tested  ## threads that share what is compiled, under ThreadSanitizer (gcc): make tsan ROUNDS=200 RECORD=1
	$(BIN)/python tests/fuzz/race.py $(if $(ROUNDS),--rounds $(ROUNDS)) $(record_option)

fuzz: .venv/with-fuzz .venv/clang  ## every entry that takes text or bytes: make fuzz, or make fuzz RUNS=1000000 [MINUTES=60] [RECORD=1]
	$(BIN)/python tests/fuzz/run.py --jobs $(or $(JOBS),2) $(if $(RUNS),--runs $(RUNS)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(record_option)

trust: .venv/tested  ## the short form of every proof of docs/trust.md, in under a quarter of an hour
	$(BIN)/python -m benchmarks.trust $(if $(RECORD),--record)

setup: .venv/with-lint .venv/with-docs .venv/with-fuzz .venv/clang  ## everything that development needs

# Ours is taught too with SOFT="0.npz 1.npz" TEXTS=folder, as in training.build; TEACHER_SCORES=rows.npz adds the teacher.
quality: .venv/with-bench .venv/peered  ## F1 beside peers, and all that goes with it: make quality DATA=train.jsonl HELD_OUT=dev.jsonl
	$(BIN)/python -m benchmarks.quality $(data_options) $(if $(HELD_OUT),--held-out $(HELD_OUT)) \
		$(foreach file,$(SOFT),--soft $(file)) $(if $(TEXTS),--texts $(TEXTS)) \
		$(if $(TEACHER_SCORES),--teacher-scores $(TEACHER_SCORES))
	$(BIN)/python -m benchmarks.figures

curves: .venv/with-bench .venv/peered  ## learning curves beside three peers, on three tasks: make curves DATA=train.jsonl
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps sdgclassification-benchmark==1.0.0
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest build/foreign vaderSentiment==2.5
	$(BIN)/python -m benchmarks.curves $(data_options)
	$(BIN)/python -m benchmarks.figures

agreement: .venv/tested  ## compiled kernel and splitter beside their readable twins: make agreement TEXTS="folder ..." DATA=rows.jsonl
	$(BIN)/python -m benchmarks.agreement $(foreach folder,$(TEXTS),--texts $(folder)) $(data_options) \
		$(if $(WHAT),--what "$(WHAT)") $(record_option)

settings: .venv/tested  ## golden predictions under settings and, with RELEASES=1 PYTHONS="python3.12 ...", other releases
	$(BIN)/python -m benchmarks.settings $(if $(DEEP),--deep) $(if $(RELEASES),--releases) $(if $(TRAINING),--training) \
		$(foreach python,$(PYTHONS),--python $(python)) $(record_option)

mutants: .venv/with-mutation  ## what the tests of the modules that decide notice: make mutants MODULE="calibration contents" [JOBS=2] [RECORD=1]
	nice $(BIN)/python -m benchmarks.mutants $(foreach module,$(MODULE),--module $(module)) $(if $(JOBS),--jobs $(JOBS)) $(record_option)

screenshot: .venv/tested .venv/browser  ## the picture of a report that the documentation shows
	$(BIN)/python -m benchmarks.screenshot

updating: .venv/tested  ## what updating a model with new labels costs the old ones: make updating DATA=train.jsonl
	$(BIN)/python -m benchmarks.updating $(data_options)

students: .venv/tested  ## variants of a recipe that learns from a teacher: make students DATA=train.jsonl SOFT=0.npz TEXTS=folder
	$(BIN)/python -m benchmarks.students $(data_options) --soft $(SOFT) --texts $(TEXTS)
	$(BIN)/python -m benchmarks.figures

cascade: .venv/with-bench .venv/with-deep  ## table, cascade and deep tier, F1 against cost: make cascade HELD_OUT=dev.jsonl
	$(BIN)/python -m benchmarks.cascade --held-out $(HELD_OUT)
	$(BIN)/python -m benchmarks.figures

suggesting: .venv/tested  ## how many labels `suggest` saves
	$(BIN)/python -m benchmarks.suggesting
	$(BIN)/python -m benchmarks.figures

cluster: .venv/with-spark  ## the tests of Spark, on a cluster of this machine; takes Java 17
	$(BIN)/python -m pytest tests/spark

spark: .venv/with-spark  ## a cluster on this machine beside the Arrow path; takes Java 17: make spark ROWS=4000000
	$(BIN)/python -m benchmarks.spark $(if $(ROWS),--rows $(ROWS))
	$(BIN)/python -m benchmarks.figures

frames: .venv/tested  ## data frames, DuckDB and spaCy beside the Arrow path
	$(BIN)/python -m benchmarks.frames
	$(BIN)/python -m benchmarks.figures

bench: speed footprint scaling streaming splitting peers  ## everything but quality, curves, students, updating, cascade, suggesting, frames and spark: half an hour on an idle machine

speed: .venv/tested  ## sentences a second and latency, with each kernel; real sentences too: make speed DATA=rows.jsonl
	$(BIN)/python -m benchmarks.speed $(data_options)
	$(BIN)/python -m benchmarks.figures

footprint: .venv/tested  ## import, load, memory and bytes of the built wheel
	$(BIN)/python -m benchmarks.footprint
	$(BIN)/python -m benchmarks.figures

scaling: .venv/tested  ## how cost grows; MOST=10000000 streams as many sentences
	$(BIN)/python -m benchmarks.scaling $(if $(MOST),--most $(MOST))
	$(BIN)/python -m benchmarks.figures

streaming: .venv/tested  ## long tables through the command line; ROWS=10000000 makes them so long
	$(BIN)/python -m benchmarks.streaming $(if $(ROWS),--rows $(ROWS))
	$(BIN)/python -m benchmarks.figures

soak: .venv/tested  ## long life in flat memory, 3,000,000 sentences: make soak SENTENCES=100000000 RECORD=1
	$(BIN)/python -m benchmarks.soak $(if $(SENTENCES),--sentences $(SENTENCES)) $(record_option)

hostile: .venv/tested  ## mutated model files, opened under a cap on memory and time: make hostile FILES=100000 RECORD=1
	$(BIN)/python -m benchmarks.hostile_files $(if $(FILES),--files $(FILES)) $(record_option)

splitting: .venv/with-bench  ## sentence splitting beside sentencex and pysbd
	$(BIN)/python -m benchmarks.splitting
	$(BIN)/python -m benchmarks.figures

linear: .venv/tested  ## the work on texts that were made to cost much (gcc): make linear RECORD=1
	$(BIN)/python -m benchmarks.linear_time $(if $(SIZE),--size $(SIZE)) $(record_option)

extraction: .venv/with-bench  ## text of PDF, HTML and DOCX files: candidates beside each other
	$(BIN)/python -m benchmarks.extraction
	$(BIN)/python -m benchmarks.figures

peers: .venv/peered  ## what a user could pick instead, on the same rows: make peers DATA=train.jsonl
	$(BIN)/python -m benchmarks.peers $(data_options)
	$(BIN)/python -m benchmarks.figures

.venv/installed: pyproject.toml setup.py $(wildcard g7classify/*.[ch])
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	touch $@

# What one extra brings, on top of what tests need.
.venv/with-%: .venv/tested
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[$*]"
	touch $@

# From Debian, where that can be had: what takes a browser, or clang, is skipped without, and nothing fails for want of it.
debian = command -v $(1) || { test "$$(id -u)" = 0 && command -v apt-get && { apt-get install --yes --quiet $(2) || \
	{ apt-get update --quiet && apt-get install --yes --quiet $(2); }; }; } > $@.log 2>&1 || true

.venv/browser: | .venv/installed
	$(call debian,chromium,chromium)
	touch $@

.venv/clang: | .venv/installed
	$(call debian,clang,clang libclang-rt-14-dev)
	touch $@

.venv/peered: .venv/tested  # one by one, as what cannot be installed here is reported and stops nothing
	for peer in $$(sed -n '/^peers = \[/,/^\]/s/.*"\(.*==.*\)".*/\1/p' pyproject.toml); do \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$peer" || true; done
	touch $@

clean:
	rm -rf .venv build
