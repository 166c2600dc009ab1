"""Fuzz what is compiled with libFuzzer, under AddressSanitizer and UndefinedBehaviorSanitizer; takes clang.

    python tests/fuzz/compiled.py TARGET --runs 100000     fuzz a target: a function of compiled_targets.py
    python tests/fuzz/compiled.py TARGET --input FILE      run one input again, as one that a crash has left
    python tests/fuzz/compiled.py --list                   the names of all targets
    python tests/fuzz/compiled.py --coverage               which lines the kept inputs of all targets reach

The last line printed is a JSON object: target, inputs (that were run; kept ones that were run again do not count),
seconds, edges, corpus (inputs that are kept for the next run), crashes. It exits with 1 after a crash, whose input then
lies in build/fuzz/crashes/. Without clang, or without a Python that can be embedded, it prints
{"target": ..., "skipped": why} and exits with 0.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
TARGETS = ("strings", "columns", "splits", "split_columns", "arrays", "objects", "solver")
MODULES = ("_kernel", "_splitter", "_solver")
SANITIZERS = ("-fsanitize=address,undefined,fuzzer-no-link", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
COUNTING = ("-fprofile-instr-generate", "-fcoverage-mapping", "-fsanitize=fuzzer-no-link")
LONGEST = 1536  # bytes of an input: the longest window of a rule, 1,000 code points, fits
INPUT_SECONDS = 20  # one that takes longer is a finding


def tool(name: str) -> str | None:
    """A program of LLVM, whatever number its name ends with."""
    names = [name, *(f"{name}-{number}" for number in range(25, 13, -1))]
    return next((found for found in map(shutil.which, names) if found), None)


def obstacle() -> str | None:
    """Why nothing can be fuzzed here."""
    if tool("clang") is None:
        return "no clang (Debian: apt-get install clang-14 libclang-rt-14-dev)"
    if not sysconfig.get_config_var("Py_ENABLE_SHARED"):
        return "this Python has no shared library, so it cannot be embedded"
    return None


def build(*, counting: bool = False) -> Path:
    """Compile the modules and the program around them, anew if a source is younger."""
    program = BUILD / ("counted" if counting else "fuzzer")
    sources = [HERE / "compiled.c", *(ROOT / "g7classify" / f"{name}.c" for name in MODULES)]
    inputs = [*sources, *(ROOT / "g7classify").glob("*.h"), Path(__file__)]
    if program.exists() and program.stat().st_mtime > max(path.stat().st_mtime for path in inputs):
        return program
    BUILD.mkdir(parents=True, exist_ok=True)
    clang, libraries = str(tool("clang")), sysconfig.get_config_var("LIBDIR")
    instruments = COUNTING if counting else SANITIZERS
    objects = []
    for source in sources:
        objects.append(str(BUILD / f"{program.name}-{source.stem}.o"))
        options = [
            "-std=c11",
            "-g",
            "-O1",
            "-DFUZZED",
            "-ffp-contract=off",
            *instruments,
            f"-I{sysconfig.get_path('include')}",
        ]
        subprocess.run([clang, *options, "-c", str(source), "-o", objects[-1]], check=True)
    final = [option.replace("fuzzer-no-link", "fuzzer") for option in instruments]
    python = f"-lpython{sysconfig.get_config_var('LDVERSION')}"
    subprocess.run(
        [clang, *final, *objects, f"-L{libraries}", f"-Wl,-rpath,{libraries}", python, "-lm", "-o", str(program)],
        check=True,
    )
    return program


def environment(target: str) -> dict[str, str]:
    """What the program needs to find Python and the target, and the sanitizers to stay quiet of Python."""
    return os.environ | {
        "G7CLASSIFY_FUZZ_TARGET": target,
        "G7CLASSIFY_KERNEL": "no",  # the modules under test are linked in; the installed ones are not instrumented
        "PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT), *filter(None, sys.path)]),
        "PYTHONMALLOC": "malloc",  # so that the sanitizer sees every object
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1",
        "LSAN_OPTIONS": f"suppressions={HERE / 'leaks.txt'}:print_suppressions=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def fuzz(target: str, *, runs: int, seconds: int | None, seed: int) -> dict[str, object]:
    """Run libFuzzer, and tell what came of it."""
    from compiled_seeds import write

    program, corpus, crashes = build(), BUILD / "corpus" / target, BUILD / "crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    words = write(target, corpus)
    command = [str(program), f"-runs={runs}", f"-max_len={LONGEST}", f"-timeout={INPUT_SECONDS}", "-rss_limit_mb=3000"]
    command += ["-detect_leaks=0"]  # after every input it takes 25 ms; leaks are looked for once, when the program ends
    command += [f"-dict={words}", f"-artifact_prefix={crashes}/{target}-", "-print_final_stats=1", f"-seed={seed}"]
    command += [f"-max_total_time={seconds}"] if seconds else []
    begun = time.monotonic()
    with subprocess.Popen(
        [*command, str(corpus)], env=environment(target), stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        lines: list[str] = []
        again = 0
        for line in process.stderr or ():
            print(line, end="", file=sys.stderr)
            lines = [*lines[-4000:], line]
            if kept := re.match(r"#(\d+)\s+INITED", line):
                again = int(kept[1])
    log = "".join(lines)
    edges = re.findall(r"cov: (\d+)", log)
    inputs = re.search(r"number_of_executed_units:\s*(\d+)", log)
    return {
        "target": target,
        "inputs": max(int(inputs[1]) - again, 0) if inputs else 0,
        "seconds": round(time.monotonic() - begun, 1),
        "edges": int(edges[-1]) if edges else 0,
        "corpus": sum(1 for _ in corpus.iterdir()),
        "crashes": int(process.returncode != 0),
    }


def again(target: str, path: Path) -> dict[str, object]:
    """Run one input."""
    process = subprocess.run([str(build()), str(path)], env=environment(target), check=False)
    return {"target": target, "inputs": 1, "crashes": int(process.returncode != 0)}


def coverage() -> dict[str, object]:
    """Lines and branches of each module that the kept inputs of all targets reach."""
    program = build(counting=True)
    profiles = []
    for target in TARGETS:
        profiles.append(BUILD / f"{target}.profraw")
        corpus = BUILD / "corpus" / target
        known = environment(target) | {"LLVM_PROFILE_FILE": str(profiles[-1])}
        subprocess.run(
            [str(program), "-runs=0", f"-max_len={LONGEST}", str(corpus)], env=known, check=True, capture_output=True
        )
    merged = BUILD / "merged.profdata"
    subprocess.run([str(tool("llvm-profdata")), "merge", "-o", str(merged), *map(str, profiles)], check=True)
    cover = [str(tool("llvm-cov"))]
    told = [str(program), f"-instr-profile={merged}", *(str(ROOT / "g7classify" / f"{name}.c") for name in MODULES)]
    shown = subprocess.run([*cover, "show", *told, "--show-branches=count"], check=True, capture_output=True, text=True)
    (BUILD / "coverage.txt").write_text(shown.stdout)
    exported = subprocess.run([*cover, "export", "-summary-only", *told], check=True, capture_output=True, text=True)
    files = json.loads(exported.stdout)["data"][0]["files"]
    return {
        Path(file["filename"]).name: {
            part: round(file["summary"][part]["percent"], 1) for part in ("lines", "branches")
        }
        for file in files
    }


def main() -> int:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=10_000, help="inputs to try")
    parser.add_argument("--seconds", type=int, help="stop after so many")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations; 0 = another one each time")
    parser.add_argument("--input", type=Path, help="run this one alone")
    parser.add_argument("--list", action="store_true", help="print the names of all targets")
    parser.add_argument("--coverage", action="store_true", help="of the inputs kept")
    given = parser.parse_args()
    if given.list:
        print(*TARGETS, sep="\n")
        return 0
    if given.target is None and not given.coverage:
        parser.error("name a target, or ask for --list or --coverage")
    why = obstacle()
    if why is not None:
        print(json.dumps({"target": given.target, "skipped": why}))
        return 0
    if given.coverage:
        result = coverage()
    elif given.input is not None:
        result = again(given.target, given.input)
    else:
        result = fuzz(given.target, runs=given.runs, seconds=given.seconds, seed=given.seed)
    print(json.dumps(result))
    return 1 if result.get("crashes") else 0


if __name__ == "__main__":
    sys.exit(main())
