/* The logistic function of logistic.py, to the last bit; for both compiled twins that need it. */

#ifndef G7CLASSIFY_LOGISTIC_H
#define G7CLASSIFY_LOGISTIC_H

#include <stdint.h>
#include <string.h>

/* 2**f for -1/2 <= f <= 1/2, to 2e-7: the coefficients of Cephes' exp2f (Moshier 1992). */
static inline float power_of_two(float f)
{
    float p = 1.535336188319500e-4f;
    p = p * f + 1.339887440266574e-3f;
    p = p * f + 9.618437357674640e-3f;
    p = p * f + 5.550332471162809e-2f;
    p = p * f + 2.402264791363012e-1f;
    p = p * f + 6.931472028550421e-1f;
    return p * f + 1.0f;
}

static inline float logistic(float z)
{
    float t = z * -1.44269504f; /* 1 / ln 2 */
    t = t < -120.0f ? -120.0f : t;
    t = t > 120.0f ? 120.0f : t;
    float whole = (t + 12582912.0f) - 12582912.0f; /* rounds to a whole number: 1.5 * 2**23 has no room for more */
    float part = power_of_two(t - whole);
    int32_t bits;
    memcpy(&bits, &part, sizeof bits);
    bits += (int32_t)(whole == whole ? whole : 0.0f) * (1 << 23); /* of NaN that is undefined; `part` is NaN as well */
    memcpy(&part, &bits, sizeof bits);
    return 1.0f / (1.0f + part);
}

#endif
