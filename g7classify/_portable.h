/* What compilers call by different names. Include it after a header of the C library, which defines __GLIBC__. */

#ifndef G7CLASSIFY_PORTABLE_H
#define G7CLASSIFY_PORTABLE_H

#if defined(__GNUC__) || defined(__clang__)
#define FETCH(address) __builtin_prefetch(address)
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <xmmintrin.h>
#define FETCH(address) _mm_prefetch((const char *)(address), _MM_HINT_T0)
#else
#define FETCH(address) ((void)(address))
#endif

/* Eight numbers at a time where the processor can, chosen when the module is loaded; the numbers are the same. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

#endif
