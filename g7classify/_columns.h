/* Columns of strings as Arrow lays them out: text i is data[offsets[i] : offsets[i + 1]], or nothing if bit first + i of
 * `validity` is not set. Reads stay inside the buffers whatever they hold. Include it after Python.h. */

#ifndef G7CLASSIFY_COLUMNS_H
#define G7CLASSIFY_COLUMNS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WRONG_TYPE, WRONG_OPTION, WRONG_TEXT }; /* places in `errors` of the exceptions to raise */

typedef struct {
    const uint8_t *start;
    size_t bytes;
} Source;

typedef struct {
    Py_buffer data, offsets, validity;
} Column;

static inline void column_release(Column *column)
{
    Py_buffer *views[] = {&column->data, &column->offsets, &column->validity};
    for (size_t i = 0; i < 3; i++)
        if (views[i]->obj != NULL)
            PyBuffer_Release(views[i]);
}

static inline int refuse(PyObject *error, const char *message)
{
    PyErr_SetString(error, message);
    return -1;
}

/* The place of the first byte that is not valid UTF-8 (Unicode 15, table 3-7), or -1. */
static inline ptrdiff_t malformed(const uint8_t *text, size_t bytes)
{
    const uint8_t *at = text, *end = text + bytes;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8 && (memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
            at += 8;
            continue;
        }
        uint8_t lead = *at;
        if (lead < 0x80) {
            at++;
            continue;
        }
        ptrdiff_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (lead < 0xC2 || lead > 0xF4 || end - at < length || at[1] < least || at[1] > most)
            return at - text;
        for (ptrdiff_t i = 2; i < length; i++)
            if ((at[i] & 0xC0) != 0x80)
                return at - text;
        at += length;
    }
    return -1;
}

static inline int64_t offset_at(const Py_buffer *offsets, Py_ssize_t i)
{
    const char *from = (const char *)offsets->buf + i * offsets->itemsize; /* may be misaligned */
    int32_t narrow;
    int64_t wide;
    if (offsets->itemsize == 4) {
        memcpy(&narrow, from, sizeof narrow);
        return narrow;
    }
    memcpy(&wide, from, sizeof wide);
    return wide;
}

static inline int is_signed_integers(const Py_buffer *view)
{
    const char *format = view->format == NULL ? "B" : view->format;
    if (*format == '@' || *format == '=')
        format++;
    return view->ndim == 1 && format[0] != 0 && strchr("ilq", format[0]) != NULL && format[1] == 0 &&
           (view->itemsize == 4 || view->itemsize == 8);
}

/* How many texts a column has, or -1; `validity` is None if none is null. */
static inline Py_ssize_t column_open(Column *column, PyObject **errors, PyObject *data, PyObject *offsets,
                                     PyObject *validity, Py_ssize_t first)
{
    if (PyObject_GetBuffer(data, &column->data, PyBUF_SIMPLE) < 0 ||
        PyObject_GetBuffer(offsets, &column->offsets, PyBUF_CONTIG_RO | PyBUF_FORMAT) < 0 ||
        (validity != Py_None && PyObject_GetBuffer(validity, &column->validity, PyBUF_SIMPLE) < 0))
        return refuse(errors[WRONG_TYPE], "data, offsets, validity: expected contiguous buffers (bytes, arrays)");
    if (!is_signed_integers(&column->offsets))
        return refuse(errors[WRONG_TYPE], "offsets: expected one-dimensional int32 or int64");
    Py_ssize_t count = column->offsets.len / column->offsets.itemsize - 1;
    if (count < 0 || first < 0)
        return refuse(errors[WRONG_OPTION], "offsets: expected n + 1 of them for n texts, and first >= 0");
    if (validity != Py_None && (first > PY_SSIZE_T_MAX - 7 - count || (first + count + 7) / 8 > column->validity.len))
        return refuse(errors[WRONG_OPTION], "validity: expected one bit a text, first + n bits in all");
    return count;
}

/* Where the texts lie, and how many bytes they have together. The offsets are checked here, the bytes by `malformed`. */
static inline int column_sources(const Column *column, PyObject **errors, Py_ssize_t first, Py_ssize_t count,
                               Source *sources, size_t *bytes)
{
    const uint8_t *bits = column->validity.buf;
    int64_t start = offset_at(&column->offsets, 0);
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t stop = offset_at(&column->offsets, i + 1);
        if (start < 0 || stop < start || stop > column->data.len) {
            PyErr_Format(errors[WRONG_TEXT], "texts[%zd]: offsets %lld to %lld, expected 0 <= start <= stop <= %zd", i,
                         (long long)start, (long long)stop, column->data.len);
            return -1;
        }
        int null = bits != NULL && !(bits[(first + i) / 8] >> (first + i) % 8 & 1);
        sources[i] = (Source){(const uint8_t *)column->data.buf + start, null ? 0 : (size_t)(stop - start)};
        *bytes += sources[i].bytes;
        start = stop;
    }
    return 0;
}

#endif
