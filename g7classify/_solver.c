/* The compiled solver: one epoch of dual coordinate descent for logistic regression, all labels at once.
 *
 * It computes what _descent.py documents, with bit-identical weights: the operations on each number are the same, in the
 * same order, without fused or reordered ones, and exp() is of our own making. One file of C11 on the limited C API.
 */

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "_logistic.h"
#include "_portable.h"

#define DESCENT 3 /* as in _descent.py */
#define SETTLED 1e-3f

enum {
    LANES = 8,   /* columns are a multiple of it */
    STEPS = 12,  /* of Newton's method a row and epoch, at most */
    AHEAD = 8,   /* features whose weights are fetched ahead: the weights are larger than any cache but the last */
    LINE = 64,   /* bytes of a cache line */
};

typedef struct {
    const int32_t *starts, *buckets; /* of rows; (n + 1,) and (m,) */
    const float *values;             /* (m,) */
    const int32_t *order;            /* (r,) */
    const float *cost;               /* (n, k) */
    const float *squared;            /* (n,) */
    float *weights;                  /* (d + 1, k), the last row that of the bias */
    float *duals;                    /* (n, k), as logits */
    int moves;                       /* whether the bias does, or stays as it is */
    Py_ssize_t n, m, r, d, k;
} Problem;

CLONES static void descend_row(const Problem *problem, Py_ssize_t i, float *restrict scratch)
{
    Py_ssize_t k = problem->k;
    float *restrict scores = scratch, *restrict low = scratch + k, *restrict high = low + k, *restrict before = high + k;
    int32_t start = problem->starts[i], stop = problem->starts[i + 1];
    const float *restrict bias = problem->weights + problem->d * k;
    for (Py_ssize_t j = 0; j < k; j++)
        scores[j] = bias[j];
    for (int32_t f = start; f < stop; f++) {
        const float *restrict row = problem->weights + (Py_ssize_t)problem->buckets[f] * k;
        if (stop - f > AHEAD) {
            const float *next = problem->weights + (Py_ssize_t)problem->buckets[f + AHEAD] * k;
            for (Py_ssize_t j = 0; j < k; j += LINE / (Py_ssize_t)sizeof(float))
                FETCH(next + j);
        }
        float value = problem->values[f];
        for (Py_ssize_t j = 0; j < k; j++)
            scores[j] += value * row[j];
    }
    float *restrict duals = problem->duals + i * k;
    const float *restrict cost = problem->cost + i * k;
    float squared = problem->squared[i];
    for (Py_ssize_t j = 0; j < k; j++) {
        float p = logistic(duals[j]), reach = cost[j] * squared;
        before[j] = p;
        low[j] = duals[j] < scores[j] ? duals[j] : scores[j];
        high[j] = duals[j] < scores[j] ? scores[j] : duals[j];
        duals[j] += (scores[j] - duals[j]) / (1.0f + reach * (p * (1.0f - p)));
        scores[j] += reach * p;
    }
    int moved = 1;
    for (int step = 0; step < STEPS && moved; step++) {
        moved = 0;
        for (Py_ssize_t j = 0; j < k; j++) {
            float z = duals[j], p = logistic(z), reach = cost[j] * squared, excess = (z + reach * p) - scores[j];
            low[j] = excess > 0.0f ? low[j] : z;
            high[j] = excess > 0.0f ? z : high[j];
            float newton = z - excess / (1.0f + reach * (p * (1.0f - p)));
            newton = newton >= low[j] && newton <= high[j] ? newton : 0.5f * (low[j] + high[j]);
            moved |= fabsf(newton - z) > SETTLED;
            duals[j] = newton;
        }
    }
    for (Py_ssize_t j = 0; j < k; j++)
        scores[j] = cost[j] * (before[j] - logistic(duals[j]));
    for (int32_t f = start; f < stop; f++) {
        float *restrict row = problem->weights + (Py_ssize_t)problem->buckets[f] * k;
        float value = problem->values[f];
        for (Py_ssize_t j = 0; j < k; j++)
            row[j] += value * scores[j];
    }
    if (!problem->moves)
        return;
    float *restrict last = problem->weights + problem->d * k;
    for (Py_ssize_t j = 0; j < k; j++)
        last[j] += scores[j];
}

/* Whether every place that is read or written lies in its array. */
static int is_sound(const Problem *problem)
{
    if (problem->k % LANES || problem->starts[0] != 0 || problem->starts[problem->n] != problem->m)
        return 0;
    for (Py_ssize_t i = 0; i < problem->n; i++)
        if (problem->starts[i] > problem->starts[i + 1])
            return 0;
    for (Py_ssize_t f = 0; f < problem->m; f++)
        if (problem->buckets[f] < 0 || problem->buckets[f] >= problem->d)
            return 0;
    for (Py_ssize_t o = 0; o < problem->r; o++)
        if (problem->order[o] < 0 || problem->order[o] >= problem->n)
            return 0;
    return 1;
}

enum { STARTS, BUCKETS, VALUES, ORDER, COST, SQUARED, WEIGHTS, DUALS, ARRAYS };

static int fill(Problem *problem, const Py_buffer views[ARRAYS])
{
    const Py_ssize_t *weights = views[WEIGHTS].shape, *duals = views[DUALS].shape, *cost = views[COST].shape;
    *problem = (Problem){
        .starts = views[STARTS].buf, .buckets = views[BUCKETS].buf, .values = views[VALUES].buf,
        .order = views[ORDER].buf, .cost = views[COST].buf,
        .squared = views[SQUARED].buf, .weights = views[WEIGHTS].buf, .duals = views[DUALS].buf,
        .n = views[STARTS].shape[0] - 1, .m = views[BUCKETS].shape[0], .r = views[ORDER].shape[0],
        .d = weights[0] - 1, .k = weights[1],
    };
    Py_ssize_t n = problem->n, k = problem->k;
    return n >= 0 && problem->d >= 0 && k > 0 && views[VALUES].shape[0] == problem->m && cost[0] == n && cost[1] == k &&
           views[SQUARED].shape[0] == n && duals[0] == n && duals[1] == k && is_sound(problem);
}

static PyObject *descend(PyObject *module, PyObject *args)
{
    static const int dimensions[ARRAYS] = {1, 1, 1, 1, 2, 1, 2, 2};
    PyObject *objects[ARRAYS], *result = NULL;
    Py_buffer views[ARRAYS];
    Problem problem;
    int got = 0, moves;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOOOOOp:descend", &objects[0], &objects[1], &objects[2], &objects[3], &objects[4],
                          &objects[5], &objects[6], &objects[7], &moves))
        return NULL;
    for (; got < ARRAYS; got++) {
        int flags = got >= WEIGHTS ? PyBUF_CONTIG : PyBUF_CONTIG_RO;
        if (PyObject_GetBuffer(objects[got], &views[got], flags) < 0)
            goto done;
        if (views[got].ndim != dimensions[got] || views[got].itemsize != 4 || (uintptr_t)views[got].buf % 4 != 0) {
            PyBuffer_Release(&views[got]);
            PyErr_SetString(PyExc_ValueError, "an array of another type, alignment or number of dimensions");
            goto done;
        }
    }
    if (!fill(&problem, views)) {
        PyErr_SetString(PyExc_ValueError, "arrays whose shapes or indices do not fit each other");
        goto done;
    }
    problem.moves = moves;
    float *scratch = malloc(4 * (size_t)problem.k * sizeof(float));
    if (scratch == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t o = 0; o < problem.r; o++)
        descend_row(&problem, problem.order[o], scratch);
    Py_END_ALLOW_THREADS
    free(scratch);
    result = Py_None;
    Py_INCREF(result);
done:
    while (got > 0)
        PyBuffer_Release(&views[--got]);
    return result;
}

static int module_exec(PyObject *module)
{
    return PyModule_AddIntConstant(module, "DESCENT", DESCENT);
}

static PyMethodDef functions[] = {
    {"descend", descend, METH_VARARGS, "See _descent.descend."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_solver",
    .m_doc = "The compiled solver; its readable twin is g7classify.learn._descent.",
    .m_methods = functions,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__solver(void)
{
    return PyModuleDef_Init(&definition);
}
