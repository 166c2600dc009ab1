"""Interpreters beside the main one: numpy, and so g7classify, is for one interpreter of a process, and says so."""

from __future__ import annotations

import subprocess
import sys

CODE = """
try:
    import _interpreters as interpreters  # Python 3.13
except ImportError:
    import _xxsubinterpreters as interpreters
import g7classify
right = g7classify.tag("La police.").to_json()
other = interpreters.create()
code = '''
try:
    import g7classify
except ImportError as error:
    assert "per process" in str(error) or "subinterpreters" in str(error) or "sub-interpreter" in str(error), error
else:
    raise SystemError("imported")
'''
run = getattr(interpreters, "exec", None) or interpreters.run_string
failed = run(other, code)
assert failed is None, failed
interpreters.destroy(other)
assert g7classify.tag("La police.").to_json() == right
print("right")
"""


def test_a_second_interpreter_is_refused_and_the_first_goes_on() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("right", 0), done.stderr
