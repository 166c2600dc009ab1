/* A libFuzzer program around an embedded Python: the compiled modules are linked in, instrumented, and every input goes
 * to a function of compiled_targets.py, which calls their public functions and checks what comes back.
 *
 * So the code under test is what users run, argument parsing, buffers, errors and references included, and not a copy
 * whose static functions are driven past the checks that guard them; and an invariant is a line of NumPy.
 * compiled.py builds and runs it. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>

PyMODINIT_FUNC PyInit__kernel(void);
PyMODINIT_FUNC PyInit__splitter(void);
PyMODINIT_FUNC PyInit__solver(void);

static PyObject *target;

static void stop_on_error(const void *result)
{
    if (result != NULL)
        return;
    PyErr_Print();
    abort(); /* libFuzzer keeps the input */
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("G7CLASSIFY_FUZZ_TARGET");
    (void)argc;
    (void)argv;
    PyImport_AppendInittab("_kernel", PyInit__kernel);
    PyImport_AppendInittab("_splitter", PyInit__splitter);
    PyImport_AppendInittab("_solver", PyInit__solver);
    Py_InitializeEx(0);
    PyObject *module = PyImport_ImportModule("compiled_targets");
    stop_on_error(module);
    target = PyObject_GetAttrString(module, name == NULL ? "strings" : name);
    stop_on_error(target);
    Py_DECREF(module);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PyObject *result = PyObject_CallFunction(target, "y#", data, (Py_ssize_t)size);
    stop_on_error(result);
    Py_DECREF(result);
    return 0;
}
