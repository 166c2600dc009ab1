/* The compiled kernel: texts to feature keys, pooled table rows and scores, in one pass over their UTF-8.
 *
 * It computes what _fallback.py documents, with bit-identical keys, sums and scores. One file of C11 on the limited
 * C API (one wheel a platform), buffers only, nothing from NumPy's headers.
 *
 * A text is read once. Each code point goes through the folding table and joins a word, or an unspaced run, or ends
 * them (`take`). The features of a word depend on the word alone, so their summed row is kept in a cache of fixed
 * size (`add_words`); all other keys are collected, their rows fetched ahead, and summed in one go (`drain`).
 *
 * Threads: a Table never changes once made. What a call writes to is its Scratch, which no two calls share; the
 * Table keeps idle ones in a list that is touched with the GIL held only.
 *
 * Hostile input: reads stay inside [at, end) whatever the bytes are; work and memory are linear in the text, and the
 * places in the hash sets are secret, so that nobody can make them collide.
 */

#ifdef __linux__
#define _DEFAULT_SOURCE /* madvise */
#include <sys/mman.h>
#endif

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_columns.h"
#include "_logistic.h"
#include "_portable.h"

/* ---- What is part of the model format: keep equal to text.py and _fallback.py. ---- */

#define FEATURES 1
#define INTERFACE 2

enum { SEPARATOR = 0, WORD = 1, UNSPACED = 2 };
enum { WORD_KIND = 1, PAIR_KIND = 2, CHARACTERS_KIND = 16, UNSPACED_KIND = 32 };
enum { BORDER = 0x20, LONGEST_NGRAM = 8, LONGEST_FOLDING = 4 };

static const uint64_t P = 0xD1342543DE82EF95u;
static const uint64_t PAIR = 0xF1357AEA2E62A9C5u;
static const uint64_t KIND = 0xAEF17502108EF2D9u;
static const uint64_t FINISH = 0x9E3779B97F4A7C15u;

static inline uint64_t finish(uint64_t hash, unsigned kind)
{
    uint64_t key = hash + kind * KIND;
    return (key ^ (key >> 32)) * FINISH;
}

typedef struct {
    int pairs;
    int characters[2];
    int unspaced[2];
    int repeats; /* whether what comes again counts again */
} Options;

/* ---- Sizes. Figures are of the labelled corpus, six languages in turn, on one core. ---- */

enum {
    LINE = 64,                /* bytes of a cache line */
    HUGE_PAGE = 1 << 21,      /* bytes */
    CACHED_LETTERS = 23,      /* all but some German words; longer ones are summed anew each time */
    WORDS = 64,               /* collected before they are looked up, so that the cache's lines can arrive: +7 % */
    PENDING = 256,            /* rows whose bytes add up within 16 bits */
    MOST_IDLE = 16,           /* scratches of a table: more threads at once score as fast, and take no 5 MB each for good */
#ifndef FUZZED
    CACHE_BITS = 15,          /* 4 MB a thread: 420,000 sentences/s; with 14 it is 383,000, with 13 333,000 */
    ROWS_PER_SPILL = 1 << 24, /* rows whose bytes add up within 32 bits */
    SMALLEST_SET = 1 << 10,   /* 16 KB: the features of most sentences stay in the first-level cache */
    NEAR_SET = 1 << 14,       /* slots; those of a larger one are fetched ahead: a megabyte of ideographs 84 -> 72 ms */
    LARGEST_IDLE = 1 << 16,   /* buffers of more items than this are not kept between calls */
    QUICK_BYTES = 2048,       /* less text takes microseconds; to get the GIL back can take milliseconds */
#else /* as little as works, so that short inputs reach what else takes megabytes */
    CACHE_BITS = 4, ROWS_PER_SPILL = 1 << 10, SMALLEST_SET = 1 << 4, NEAR_SET = 1 << 6, LARGEST_IDLE = 1 << 8,
    QUICK_BYTES = 64,
#endif
};

/* ---- Folding: the table of text.py, one 32-bit entry a code point below 0x10000. ---- */

/* An entry of one canonical code point is class << 16 | code. Any other number of them is MANY | count << 24 | index
 * of the first in `folded`. */
static const uint32_t MANY = 0x80000000u;

typedef struct {
    uint32_t entry[0x10000];
    uint32_t *folded; /* class << 16 | code */
} Folding;

static inline uint32_t entry_above_the_table(uint32_t code)
{
    uint32_t plane = code >> 16;
    return plane == 2 || plane == 3 ? UNSPACED : SEPARATOR;
}

/* ---- Memory. ---- */

/* Memory on a cache line, for free(*memory); what is large gets huge pages where Linux gives them to who asks.
 * A table of 10 MB is then 5 pages, not 2,560: it is filled sooner, and look-ups miss no translation. */
static void *large(size_t bytes, char **memory)
{
    size_t border = LINE;
#ifdef MADV_HUGEPAGE
    if (bytes >= HUGE_PAGE)
        border = HUGE_PAGE;
#endif
    *memory = malloc(border + bytes);
    if (*memory == NULL)
        return NULL;
    char *start = *memory + (border - (uintptr_t)*memory % border) % border;
#ifdef MADV_HUGEPAGE
    if (border == HUGE_PAGE)
        madvise(start, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* advice: that it is not taken does no harm */
#endif
    return start;
}

/* ---- What a text has had: an open-addressing set that is emptied by raising its generation. ---- */

typedef struct {
    uint64_t key;
    uint32_t stamp; /* generation | kind */
} Slot;

typedef struct {
    char *memory; /* what the following points into */
    Slot *slots;  /* 2**(64 - shift) of them, at most half in use */
    size_t capacity, used;
    unsigned shift;
    uint32_t generation; /* a multiple of 64; 0 = never used */
    uint64_t secret;     /* odd, random a process: multiply-shift hashing (Dietzfelbinger et al. 1997) */
    int repeats;         /* whether what comes again counts again */
} Set;

static int set_resize(Set *set, size_t capacity)
{
    Slot *old = set->slots;
    char *memory, *old_memory = set->memory;
    size_t old_capacity = set->capacity, mask = capacity - 1;
    Slot *slots = large(capacity * sizeof(Slot), &memory);
    if (slots == NULL)
        return -1;
    memset(slots, 0, capacity * sizeof(Slot));
    unsigned shift = 64;
    for (size_t size = capacity; size > 1; size >>= 1)
        shift--;
    for (size_t i = 0; i < old_capacity; i++) {
        if ((old[i].stamp & ~63u) != set->generation)
            continue;
        size_t at = (size_t)((old[i].key * set->secret) >> shift);
        while (slots[at].stamp != 0)
            at = (at + 1) & mask;
        slots[at] = old[i];
    }
    free(old_memory);
    set->memory = memory;
    set->slots = slots;
    set->capacity = capacity;
    set->shift = shift;
    return 0;
}

static void set_empty(Set *set)
{
    set->used = 0;
    set->generation += 64;
    if (set->generation == 0) { /* after 2**26 texts */
        memset(set->slots, 0, set->capacity * sizeof(Slot));
        set->generation = 64;
    }
}

/* Whether a feature counts: 1 = it was not there, `repeats` = it was, -1 = no memory. */
static inline int set_add(Set *set, uint64_t key, unsigned kind)
{
    uint32_t stamp = set->generation | kind;
    size_t at = (size_t)((key * set->secret) >> set->shift);
    for (;; at = (at + 1) & (set->capacity - 1)) {
        Slot *slot = &set->slots[at];
        if (slot->stamp == stamp && slot->key == key)
            return set->repeats; /* looked at here alone: asked for each feature, it would cost all models 1.5 % */
        if ((slot->stamp & ~63u) != set->generation) {
            slot->key = key;
            slot->stamp = stamp;
            return ++set->used * 2 > set->capacity && set_resize(set, set->capacity * 2) < 0 ? -1 : 1;
        }
    }
}

/* ---- Scratch: all that a call writes to. ---- */

typedef struct {
    uint64_t *items;
    size_t count, capacity;
} Keys;

/* Of a word in the cache; the sum of its rows follows. Its place is that of its hash, but its letters are compared: the
 * sums are exact, and nobody can plant a wrong row for a word by one of the same hash. */
typedef struct {
    uint16_t letters[CACHED_LETTERS]; /* padded by 0, which no word holds; all 0 = free */
    uint16_t count;                   /* of the rows that were summed */
} Cached;

/* A word of the text that the cache may hold. */
typedef struct {
    uint64_t hash;
    const uint16_t *start;
    size_t letters;
} Word;

typedef struct Scratch {
    struct Scratch *next;
    Set set;
    uint16_t *letters; /* of the words of a text, one after the other */
    size_t letters_capacity;
    Word words[WORDS]; /* still to be summed */
    size_t words_count;
    Keys pending;      /* keys whose rows are still to be summed; without a table, the result */
    Keys of_word[2];   /* the keys of one word that the cache will hold, and of the one before it */
    char *memory;      /* what the following point into */
    char *cache;
    uint64_t *sum;     /* of bytes, as described under Rows: in lanes of 16 bits, */
    uint64_t *total;   /* and of 32 bits */
    int64_t *wide;     /* of columns */
} Scratch;

static void scratch_free(Scratch *scratch)
{
    if (scratch == NULL)
        return;
    free(scratch->set.memory);
    free(scratch->letters);
    free(scratch->pending.items);
    free(scratch->of_word[0].items);
    free(scratch->of_word[1].items);
    free(scratch->memory);
    free(scratch);
}

static size_t cached_bytes(size_t words)
{
    return sizeof(Cached) + words * 2 * sizeof(uint64_t);
}

/* For rows of `words` words; 0 = for keys only. */
static Scratch *scratch_new(size_t words, uint64_t secret)
{
    Scratch *scratch = calloc(1, sizeof(Scratch));
    if (scratch == NULL)
        return NULL;
    scratch->set.secret = secret | 1;
    int failed = set_resize(&scratch->set, SMALLEST_SET) < 0;
    Keys *keys[] = {&scratch->pending, &scratch->of_word[0], &scratch->of_word[1]};
    for (size_t i = 0; i < 3; i++) {
        keys[i]->capacity = PENDING;
        keys[i]->items = malloc(PENDING * sizeof(uint64_t));
        failed |= keys[i]->items == NULL;
    }
    if (words > 0) {
        size_t cache = cached_bytes(words) << CACHE_BITS;
        size_t bytes = cache + words * (2 + 4 + 8) * sizeof(uint64_t);
        scratch->cache = large(bytes, &scratch->memory);
        if (scratch->cache != NULL) {
            memset(scratch->cache, 0, bytes);
            scratch->sum = (uint64_t *)(scratch->cache + cache);
            scratch->total = scratch->sum + 2 * words;
            scratch->wide = (int64_t *)(scratch->total + 4 * words);
        }
        failed |= scratch->memory == NULL;
    }
    if (failed) {
        scratch_free(scratch);
        return NULL;
    }
    return scratch;
}

/* One huge text shall not make every later call carry its buffers. */
static int scratch_trim(Scratch *scratch)
{
    if (scratch->letters_capacity > LARGEST_IDLE) {
        free(scratch->letters);
        scratch->letters = NULL;
        scratch->letters_capacity = 0;
    }
    if (scratch->set.capacity > LARGEST_IDLE) {
        free(scratch->set.memory);
        scratch->set.memory = NULL;
        scratch->set.slots = NULL;
        scratch->set.capacity = scratch->set.used = 0;
        return set_resize(&scratch->set, SMALLEST_SET);
    }
    return 0;
}

/* ---- Rows: a packed copy of a model's table, and sums of its rows. ----
 *
 * A row is words of eight columns each, column j in byte j of its word, and 128 is added to every column so that bytes
 * are not negative. Bytes are summed in lanes: of 16 bits (columns 0 2 4 6 of a word, then 1 3 5 7), and these in lanes
 * of 32 bits. It is arithmetic on 64-bit words, which every compiler turns into vector instructions: all in all a fifth
 * faster than adding int8 to int16, and AVX2 adds nothing. The sum of a column is that of its bytes less 128 a row. */

typedef struct {
    size_t columns, words; /* D, and words a row */
    unsigned shift;        /* bucket = key >> shift */
    char *memory;
    uint64_t *rows;
    double *scale;         /* (D,), or NULL for sums only */
    double *bias;          /* (D - 1,) */
    double pivot;  /* added to the norm */
} Rows;

static const uint64_t LANES_16 = 0x00FF00FF00FF00FFu;
static const uint64_t LANES_32 = 0x0000FFFF0000FFFFu;

static inline const uint64_t *row_of(const Rows *rows, uint64_t key)
{
    return rows->rows + (size_t)(key >> rows->shift) * rows->words;
}

/* sum = the rows of at most PENDING keys, in 16-bit lanes. */
static inline void sum_rows_of(const Rows *rows, size_t words, const Keys *keys, uint64_t *restrict sum)
{
    memset(sum, 0, 2 * words * sizeof *sum);
    for (size_t i = 0; i < keys->count; i++) {
        const uint64_t *restrict row = row_of(rows, keys->items[i]);
        for (size_t w = 0; w < words; w++) {
            sum[w] += row[w] & LANES_16;
            sum[words + w] += row[w] >> 8 & LANES_16;
        }
    }
}

static void sum_rows(const Rows *rows, const Keys *keys, uint64_t *restrict sum)
{
    if (rows->words == 5) /* the 38 labels of the shipped codebook and the norm: unrolled */
        sum_rows_of(rows, 5, keys, sum);
    else
        sum_rows_of(rows, rows->words, keys, sum);
}

/* ---- Reader: the state of the text being read. ---- */

typedef struct {
    const Folding *folding;
    const Options *options;
    const Rows *rows; /* NULL = collect keys only */
    Scratch *scratch;
    uint16_t *word;  /* the word so far, in scratch->letters */
    size_t letters;  /* of it */
    uint64_t hash;   /* of it */
    uint64_t before; /* hash of the word before, if has_before */
    int has_before;
    int run;         /* code points of the unspaced run so far, up to the longest n-gram */
    uint64_t rolling[LONGEST_NGRAM + 1]; /* [n] = hash of the last n code points of the run */
    size_t summed;   /* rows in scratch->total */
    int failed;      /* no memory */
} Reader;

/* Move the total of the bytes to scratch->wide, as sums of columns. */
static void spill(Reader *reader)
{
    int64_t *restrict wide = reader->scratch->wide;
    uint64_t *restrict total = reader->scratch->total;
    size_t words = reader->rows->words;
    int64_t bias = 128 * (int64_t)reader->summed;
    for (size_t w = 0; w < words; w++)
        for (size_t lane = 0; lane < 8; lane++) {
            /* Column 0 1 2 3 4 5 6 7 of a word lies in the low half of part 0 2 1 3, then in the high half. */
            size_t part = (lane & 1) << 1 | (lane >> 1 & 1);
            wide[w * 8 + lane] += (int64_t)(total[part * words + w] >> (lane & 4 ? 32 : 0) & 0xFFFFFFFFu) - bias;
        }
    memset(total, 0, 4 * words * sizeof *total);
    reader->summed = 0;
}

static inline void widen(size_t words, const uint64_t *restrict sum, uint64_t *restrict total)
{
    for (size_t half = 0; half < 2; half++, sum += words, total += 2 * words)
        for (size_t w = 0; w < words; w++) {
            total[w] += sum[w] & LANES_32;
            total[words + w] += sum[w] >> 16 & LANES_32;
        }
}

/* Add a sum of `count` rows in 16-bit lanes to the total of the text. */
static void add_sum(Reader *reader, const uint64_t *sum, size_t count)
{
    if (reader->rows->words == 5)
        widen(5, sum, reader->scratch->total);
    else
        widen(reader->rows->words, sum, reader->scratch->total);
    reader->summed += count;
    if (reader->summed > ROWS_PER_SPILL - PENDING)
        spill(reader);
}

/* Add the rows of the keys collected to the total of the text. */
static void drain(Reader *reader, Keys *keys)
{
    sum_rows(reader->rows, keys, reader->scratch->sum);
    add_sum(reader, reader->scratch->sum, keys->count);
    keys->count = 0;
}

static void drain_or_grow(Reader *reader, Keys *keys)
{
    if (reader->rows != NULL) {
        drain(reader, keys);
        return;
    }
    uint64_t *items = realloc(keys->items, keys->capacity * 2 * sizeof(uint64_t));
    if (items == NULL) {
        reader->failed = 1;
        keys->count = 0;
        return;
    }
    keys->items = items;
    keys->capacity *= 2;
}

/* Room for the keys that one code point of a text can add. */
static inline void make_room(Reader *reader, Keys *keys)
{
    if (keys->capacity - keys->count < LONGEST_NGRAM + 1)
        drain_or_grow(reader, keys);
}

/* Where there is room. The two ends of a row may lie in two cache lines. */
static inline void put_key(const Rows *rows, Keys *keys, uint64_t key)
{
    if (rows != NULL) {
        const char *row = (const char *)row_of(rows, key);
        FETCH(row);
        FETCH(row + rows->words * sizeof(uint64_t) - 1);
    }
    keys->items[keys->count++] = key;
}

static inline void add_counted(Reader *reader, uint64_t hash, unsigned kind)
{
    int counts = set_add(&reader->scratch->set, hash, kind);
    if (counts < 0)
        reader->failed = 1;
    if (counts <= 0)
        return;
    Keys *pending = &reader->scratch->pending;
    make_room(reader, pending);
    put_key(reader->rows, pending, finish(hash, kind));
}

/* ---- Words. ---- */

/* The keys of a word: its own, and those of its character n-grams with a border on either side. */
static inline void word_keys_of(Reader *reader, const Word *word, int low, int high, Keys *keys)
{
    uint64_t rolling[LONGEST_NGRAM + 1] = {0}; /* [n] = hash of the last n code points; [0] stays 0 */
    const Rows *rows = reader->rows;
    make_room(reader, keys);
    put_key(rows, keys, finish(word->hash, WORD_KIND));
    for (size_t i = 0; i < word->letters + 2; i++) {
        uint64_t code = i == 0 || i > word->letters ? BORDER : word->start[i - 1];
        for (int n = high; n > 0; n--)
            rolling[n] = rolling[n - 1] * P + code;
        for (int n = low; n <= high && (size_t)n <= i + 1; n++)
            put_key(rows, keys, finish(rolling[n], CHARACTERS_KIND + (unsigned)n));
        make_room(reader, keys);
    }
}

static void word_keys(Reader *reader, const Word *word, Keys *keys)
{
    const int *range = reader->options->characters;
    if (range[0] == 3 && range[1] == 5) /* the default: unrolled */
        word_keys_of(reader, word, 3, 5, keys);
    else
        word_keys_of(reader, word, range[0], range[1], keys);
}

/* One place a word: with two to choose from, fewer words were missed, and all took 5 to 10 % longer. */
static inline Cached *place_of(const Reader *reader, uint64_t hash)
{
    size_t place = (size_t)((hash ^ hash >> 32) * FINISH >> (64 - CACHE_BITS));
    return (Cached *)(reader->scratch->cache + place * cached_bytes(reader->rows->words));
}

/* Sum the rows of a word that the cache does not hold, and put the sum there. */
static void learn(Reader *reader, const Word *word, const Keys *keys)
{
    Cached *cached = place_of(reader, word->hash);
    uint64_t *sum = (uint64_t *)(cached + 1);
    sum_rows(reader->rows, keys, sum);
    add_sum(reader, sum, keys->count);
    cached->count = (uint16_t)keys->count;
    memset(cached->letters, 0, sizeof cached->letters);
    memcpy(cached->letters, word->start, word->letters * sizeof(uint16_t));
}

/* Add the rows of the words collected. While the keys of one new word are made, the rows of the one before arrive. */
static void add_words(Reader *reader)
{
    Scratch *scratch = reader->scratch;
    const Word *waiting = NULL;
    Keys *keys = &scratch->of_word[0], *waiting_keys = &scratch->of_word[1];
    for (const Word *word = scratch->words, *end = word + scratch->words_count; word < end; word++) {
        const Cached *cached = place_of(reader, word->hash);
        size_t letters = word->letters;
        if (memcmp(cached->letters, word->start, letters * sizeof(uint16_t)) == 0 &&
            (letters == CACHED_LETTERS || cached->letters[letters] == 0)) {
            add_sum(reader, (const uint64_t *)(cached + 1), cached->count);
            continue;
        }
        keys->count = 0;
        word_keys(reader, word, keys);
        if (waiting != NULL)
            learn(reader, waiting, waiting_keys);
        waiting = word;
        Keys *swap = waiting_keys;
        waiting_keys = keys;
        keys = swap;
    }
    if (waiting != NULL)
        learn(reader, waiting, waiting_keys);
    scratch->words_count = 0;
}

static void end_word(Reader *reader)
{
    Scratch *scratch = reader->scratch;
    Word word = {reader->hash, reader->word, reader->letters};
    if (word.letters == 0)
        return;
    reader->word += word.letters;
    reader->letters = 0;
    reader->hash = 0;
    if (reader->options->pairs) {
        if (reader->has_before)
            add_counted(reader, reader->before * PAIR + word.hash, PAIR_KIND);
        reader->before = word.hash;
        reader->has_before = 1;
    }
    int counts = set_add(&scratch->set, word.hash, WORD_KIND);
    if (counts < 0)
        reader->failed = 1;
    if (counts <= 0)
        return;
    if (reader->rows == NULL || word.letters > CACHED_LETTERS) {
        word_keys(reader, &word, &scratch->pending);
        return;
    }
    const char *cached = (const char *)place_of(reader, word.hash);
    FETCH(cached);
    FETCH(cached + LINE);
    if (scratch->words_count == WORDS)
        add_words(reader);
    scratch->words[scratch->words_count++] = word;
}

/* ---- Unspaced runs. ---- */

static inline void extend_run_of(Reader *reader, uint32_t code, int low, int high)
{
    if (reader->run == 0)
        memset(reader->rolling, 0, sizeof reader->rolling);
    if (reader->run < high)
        reader->run++;
    for (int n = high; n > 0; n--)
        reader->rolling[n] = reader->rolling[n - 1] * P + code;
    const Set *set = &reader->scratch->set;
    if (set->capacity > NEAR_SET)
        for (int n = low; n <= reader->run; n++)
            FETCH(&set->slots[reader->rolling[n] * set->secret >> set->shift]);
    for (int n = low; n <= reader->run; n++)
        add_counted(reader, reader->rolling[n], UNSPACED_KIND + (unsigned)n);
}

static void extend_run(Reader *reader, uint32_t code)
{
    const int *range = reader->options->unspaced;
    if (range[0] == 1 && range[1] == 4) /* the default: unrolled */
        extend_run_of(reader, code, 1, 4);
    else
        extend_run_of(reader, code, range[0], range[1]);
}

/* ---- Code points to tokens. ---- */

static inline void take(Reader *reader, uint32_t class, uint32_t code)
{
    if (class == WORD) {
        reader->run = 0;
        reader->word[reader->letters++] = (uint16_t)code; /* above 0xFFFF there are no words */
        reader->hash = reader->hash * P + code;
        return;
    }
    end_word(reader);
    if (class == UNSPACED) {
        reader->has_before = 0;
        extend_run(reader, code);
    } else
        reader->run = 0;
}

/* The code point of a sequence of two to four bytes; what is cut short at `end`, or no lead byte, reads as a separator.
 * The bytes were valid UTF-8 when they were checked, but a caller may have written to its buffer since. */
static inline const uint8_t *decode(const uint8_t *at, const uint8_t *end, uint32_t *code)
{
    uint32_t lead = *at;
    ptrdiff_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (end - at < length) {
        *code = '\n';
        return end;
    }
    if (length == 2)
        *code = (lead & 0x1F) << 6 | (at[1] & 0x3Fu);
    else if (length == 3)
        *code = (lead & 0x0F) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
    else
        *code = (lead & 0x07) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 | (at[3] & 0x3Fu);
    return at + length;
}

static int reserve_letters(Scratch *scratch, size_t bytes)
{
    /* Two bytes or more give four canonical code points at most, one byte gives one. */
    size_t capacity = bytes * (LONGEST_FOLDING / 2);
    if (capacity <= scratch->letters_capacity)
        return 0;
    uint16_t *letters = realloc(scratch->letters, capacity * sizeof *letters);
    if (letters == NULL)
        return -1;
    scratch->letters = letters;
    scratch->letters_capacity = capacity;
    return 0;
}

static void read_text(Reader *reader, const uint8_t *at, size_t bytes)
{
    const uint8_t *end = at + bytes;
    const uint32_t *entries = reader->folding->entry;
    set_empty(&reader->scratch->set);
    reader->scratch->set.repeats = reader->options->repeats;
    reader->letters = 0;
    reader->hash = 0;
    reader->has_before = reader->run = 0;
    if (reserve_letters(reader->scratch, bytes) < 0) {
        reader->failed = 1;
        return;
    }
    reader->word = reader->scratch->letters;
    while (at < end && !reader->failed) {
        uint32_t code = *at, entry;
        if (code < 0x80) {
            at++;
            entry = entries[code];
        } else {
            at = decode(at, end, &code);
            entry = code < 0x10000 ? entries[code] : entry_above_the_table(code) << 16;
        }
        if (!(entry & MANY)) {
            take(reader, entry >> 16, code < 0x10000 ? entry & 0xFFFF : code);
            continue;
        }
        const uint32_t *folded = reader->folding->folded + (entry & 0xFFFFFF);
        for (uint32_t count = entry >> 24 & 0x7F; count > 0; count--, folded++)
            take(reader, *folded >> 16, *folded & 0xFFFF);
    }
    end_word(reader);
}

/* The sum of the rows of a text, column by column. */
static const int64_t *pool_text(Reader *reader, const uint8_t *at, size_t bytes)
{
    memset(reader->scratch->wide, 0, reader->rows->words * 8 * sizeof(int64_t));
    read_text(reader, at, bytes);
    add_words(reader);
    if (reader->scratch->pending.count > 0)
        drain(reader, &reader->scratch->pending);
    spill(reader);
    return reader->scratch->wide;
}

/* model.py gives the formula; doubles in this order of operations are what NumPy does. */
static void write_scores(const Rows *rows, const int64_t *restrict pooled, float *restrict scores)
{
    size_t k = rows->columns - 1;
    double squared = (double)pooled[k] * rows->scale[k];
    double length = rows->pivot + sqrt(squared > 1e-12 ? squared : 1e-12);
    for (size_t j = 0; j < k; j++)
        scores[j] = (float)((double)pooled[j] * rows->scale[j] / length + rows->bias[j]);
}

/* ---- Module state: what the module looks up once. ---- */

enum {
    EMPTY, INT64, UINT64, FLOAT32, CHECK_TEXTS, REFUSE_UTF8, CHECK_NGRAMS, CHECK_TABLE, CHECK_VECTORS, CHECK_CALIBRATION,
    INPUT_TYPE_ERROR, OPTION_ERROR, TEXT_ERROR, /* as _columns.h numbers them */
    LOOKED_UP, TABLE = LOOKED_UP, OBJECTS
};

static const struct {
    const char *module, *name;
} LOOK_UP[LOOKED_UP] = {
    [EMPTY] = {"numpy", "empty"},
    [INT64] = {"numpy", "int64"},
    [UINT64] = {"numpy", "uint64"},
    [FLOAT32] = {"numpy", "float32"},
    [CHECK_TEXTS] = {"g7classify.text", "check_texts"},
    [REFUSE_UTF8] = {"g7classify.arguments", "refuse_utf8"},
    [CHECK_NGRAMS] = {"g7classify.arguments", "check_ngrams"},
    [CHECK_TABLE] = {"g7classify.arguments", "check_table"},
    [CHECK_VECTORS] = {"g7classify.arguments", "check_vectors"},
    [CHECK_CALIBRATION] = {"g7classify.arguments", "check_calibration"},
    [INPUT_TYPE_ERROR] = {"g7classify.errors", "InputTypeError"},
    [OPTION_ERROR] = {"g7classify.errors", "OptionError"},
    [TEXT_ERROR] = {"g7classify.errors", "TextError"},
};

typedef struct {
    Folding folding;
    uint64_t secret;
    PyObject *objects[OBJECTS];
} State;

/* 0 if a check, written in Python, has passed. */
static int passed(PyObject *result)
{
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* A new array (n,), or (n, columns), and a view of it to write to. */
static PyObject *new_array(State *state, int dtype, Py_ssize_t n, Py_ssize_t columns, Py_buffer *view)
{
    PyObject *empty = state->objects[EMPTY], *type = state->objects[dtype];
    PyObject *array = columns < 0 ? PyObject_CallFunction(empty, "nO", n, type)
                                  : PyObject_CallFunction(empty, "(nn)O", n, columns, type);
    if (array != NULL && PyObject_GetBuffer(array, view, PyBUF_CONTIG) < 0)
        Py_CLEAR(array);
    return array;
}

/* ---- Texts: where the bytes of each lie. ---- */

typedef struct {
    Source *sources;
    Py_ssize_t count;
    size_t bytes;
    PyObject *owner;                        /* of the strings, */
    Column column;                          /* or this */
    Py_ssize_t malformed_row, malformed_at; /* -1, or what a column was refused for */
} Texts;

static void texts_release(Texts *texts)
{
    column_release(&texts->column);
    Py_XDECREF(texts->owner);
    free(texts->sources);
}

static int texts_allocate(Texts *texts, Py_ssize_t count)
{
    texts->count = count;
    texts->malformed_row = -1;
    texts->sources = malloc((size_t)(count + 1) * sizeof(Source));
    if (texts->sources == NULL)
        PyErr_NoMemory();
    return texts->sources == NULL ? -1 : 0;
}

static int texts_of_strings(State *state, PyObject *sequence, Texts *texts)
{
    PyObject *check = state->objects[CHECK_TEXTS];
    if (PyUnicode_Check(sequence) || PyBytes_Check(sequence) || PyByteArray_Check(sequence) ||
        PyObject_Size(sequence) < 0) {
        PyErr_Clear();
        if (passed(PyObject_CallFunctionObjArgs(check, sequence, NULL)) < 0)
            return -1;
        return refuse(state->objects[INPUT_TYPE_ERROR], "expected a sequence of str; this one cannot tell its length");
    }
    /* The tuple holds every string: the caller may change its list while we read. */
    if ((texts->owner = PySequence_Tuple(sequence)) == NULL ||
        texts_allocate(texts, PyTuple_Size(texts->owner)) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < texts->count; i++) {
        PyObject *text = PyTuple_GetItem(texts->owner, i);
        Py_ssize_t bytes;
        const char *start = PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, &bytes) : NULL;
        if (start == NULL) { /* text.py knows what to say of it */
            PyErr_Clear();
            return passed(PyObject_CallFunctionObjArgs(check, texts->owner, NULL)) < 0 ? -1 : (PyErr_NoMemory(), -1);
        }
        texts->sources[i].start = (const uint8_t *)start;
        texts->sources[i].bytes = (size_t)bytes;
        texts->bytes += (size_t)bytes;
    }
    return 0;
}

static int texts_of_column(State *state, PyObject *data, PyObject *offsets, PyObject *validity, Py_ssize_t first,
                           Texts *texts)
{
    PyObject **errors = &state->objects[INPUT_TYPE_ERROR];
    Py_ssize_t count = column_open(&texts->column, errors, data, offsets, validity, first);
    if (count < 0 || texts_allocate(texts, count) < 0)
        return -1;
    return column_sources(&texts->column, errors, first, count, texts->sources, &texts->bytes);
}

/* Whether to go on with a text: strings are sound, a column's bytes may be anything. */
static inline int is_sound(Texts *texts, Py_ssize_t i)
{
    if (texts->owner != NULL)
        return 1;
    ptrdiff_t at = malformed(texts->sources[i].start, texts->sources[i].bytes);
    if (at < 0)
        return 1;
    texts->malformed_row = i;
    texts->malformed_at = (Py_ssize_t)at;
    return 0;
}

/* Work on all texts, without the GIL if there is enough to do. Exactly one of the last three is not NULL: the ends of
 * each text's keys, or (n, D) sums, or (n, k) scores. */
static int run(State *state, Reader *reader, Texts *texts, int64_t *ends, int64_t *pooled, float *scores)
{
    PyThreadState *released = texts->bytes > QUICK_BYTES ? PyEval_SaveThread() : NULL;
    for (Py_ssize_t i = 0; i < texts->count && is_sound(texts, i) && !reader->failed; i++) {
        const Source *source = &texts->sources[i];
        if (ends != NULL) {
            read_text(reader, source->start, source->bytes);
            ends[i] = (int64_t)reader->scratch->pending.count;
            continue;
        }
        const int64_t *sums = pool_text(reader, source->start, source->bytes);
        size_t columns = reader->rows->columns;
        if (pooled != NULL)
            memcpy(pooled + (size_t)i * columns, sums, columns * sizeof *sums);
        else
            write_scores(reader->rows, sums, scores + (size_t)i * (columns - 1));
    }
    if (released != NULL)
        PyEval_RestoreThread(released);
    if (reader->failed)
        PyErr_NoMemory();
    else if (texts->malformed_row >= 0)
        Py_XDECREF(PyObject_CallFunction(state->objects[REFUSE_UTF8], "nn", texts->malformed_row, texts->malformed_at));
    return reader->failed || texts->malformed_row >= 0 ? -1 : 0;
}

/* ---- Arguments: arguments.py checks them; what is looked at here only keeps reads inside the buffers. ---- */

static int check_ngrams(State *state, const Options *options)
{
    return passed(PyObject_CallFunction(state->objects[CHECK_NGRAMS], "(ii)(ii)", options->characters[0],
                                        options->characters[1], options->unspaced[0], options->unspaced[1]));
}

static int get_array(PyObject *object, Py_ssize_t itemsize, int dimensions, Py_buffer *view)
{
    if (PyObject_GetBuffer(object, view, PyBUF_CONTIG_RO) < 0)
        return -1;
    if (view->ndim == dimensions && view->itemsize == itemsize)
        return 0;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_ValueError, "an array whose buffer is not what its dtype and shape say");
    return -1;
}

static inline uint64_t load_bytes(const uint8_t *from, size_t count)
{
    uint64_t word = 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    for (size_t j = 0; j < count; j++)
        word |= (uint64_t)from[j] << 8 * j;
#else
    memcpy(&word, from, count);
#endif
    return word;
}

/* To add 128 to an int8 is to turn its highest bit over. The last word of a row, whose columns beyond D nobody looks
 * at, is filled up from the next row, because eight bytes are one load. */
static void pack_rows(const uint8_t *from, size_t buckets, size_t columns, uint64_t *to)
{
    const uint8_t *end = from + buckets * columns;
    for (size_t i = 0; i < buckets; i++, from += columns)
        for (size_t first = 0; first < columns; first += 8) {
            size_t left = (size_t)(end - from) - first;
            *to++ = (left >= 8 ? load_bytes(from + first, 8) : load_bytes(from + first, left)) ^ 0x8080808080808080u;
        }
}

static int rows_of_array(State *state, PyObject *table, Rows *rows)
{
    Py_buffer view;
    if (passed(PyObject_CallFunctionObjArgs(state->objects[CHECK_TABLE], table, NULL)) < 0 ||
        get_array(table, 1, 2, &view) < 0)
        return -1;
    size_t buckets = (size_t)view.shape[0];
    rows->columns = (size_t)view.shape[1];
    rows->words = (rows->columns + 7) / 8;
    rows->shift = 64;
    for (size_t size = buckets; size > 1; size >>= 1)
        rows->shift--;
    rows->rows = large(buckets * rows->words * sizeof(uint64_t), &rows->memory);
    if (rows->rows != NULL)
        pack_rows(view.buf, buckets, rows->columns, rows->rows);
    else
        PyErr_NoMemory();
    PyBuffer_Release(&view);
    return rows->memory == NULL ? -1 : 0;
}

static int copy_vector(PyObject *array, size_t size, double *to)
{
    Py_buffer view;
    if (get_array(array, sizeof(float), 1, &view) < 0)
        return -1;
    for (size_t j = 0; j < size && j < (size_t)view.shape[0]; j++) {
        float value;
        memcpy(&value, (const char *)view.buf + j * sizeof value, sizeof value);
        to[j] = value;
    }
    PyBuffer_Release(&view);
    return 0;
}

static int rows_scale(State *state, PyObject *table, PyObject *scale, PyObject *bias, Rows *rows)
{
    if (passed(PyObject_CallFunctionObjArgs(state->objects[CHECK_VECTORS], table, scale, bias, NULL)) < 0)
        return -1;
    rows->scale = calloc(2 * rows->columns, sizeof(double));
    if (rows->scale == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    rows->bias = rows->scale + rows->columns;
    if (copy_vector(scale, rows->columns, rows->scale) < 0)
        return -1;
    return copy_vector(bias, rows->columns - 1, rows->bias);
}

static void rows_free(Rows *rows)
{
    free(rows->memory);
    free(rows->scale);
}

/* ---- keys and pool. ---- */

static PyObject *keys_function(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"texts", "pairs", "characters", "unspaced", "repeats", NULL};
    State *state = PyModule_GetState(module);
    PyObject *sequence, *result = NULL, *keys = NULL, *offsets = NULL;
    Py_buffer keys_view, offsets_view;
    Options options;
    Texts texts = {0};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O$p(ii)(ii)p:keys", names, &sequence, &options.pairs,
                                     &options.characters[0], &options.characters[1], &options.unspaced[0],
                                     &options.unspaced[1], &options.repeats) ||
        check_ngrams(state, &options) < 0)
        return NULL;
    Reader reader = {.folding = &state->folding, .options = &options, .scratch = scratch_new(0, state->secret)};
    if (reader.scratch == NULL)
        return PyErr_NoMemory();
    if (texts_of_strings(state, sequence, &texts) == 0 &&
        (offsets = new_array(state, INT64, texts.count + 1, -1, &offsets_view)) != NULL) {
        int64_t *starts = offsets_view.buf;
        starts[0] = 0;
        int done = run(state, &reader, &texts, starts + 1, NULL, NULL) == 0;
        PyBuffer_Release(&offsets_view);
        const Keys *found = &reader.scratch->pending;
        if (done && (keys = new_array(state, UINT64, (Py_ssize_t)found->count, -1, &keys_view)) != NULL) {
            memcpy(keys_view.buf, found->items, found->count * sizeof(uint64_t));
            PyBuffer_Release(&keys_view);
            result = PyTuple_Pack(2, keys, offsets);
        }
    }
    Py_XDECREF(keys);
    Py_XDECREF(offsets);
    texts_release(&texts);
    scratch_free(reader.scratch);
    return result;
}

static PyObject *pool_function(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"texts", "table", "pairs", "characters", "unspaced", "repeats", NULL};
    State *state = PyModule_GetState(module);
    PyObject *sequence, *table, *result = NULL;
    Py_buffer view;
    Options options;
    Texts texts = {0};
    Rows rows = {0};
    Reader reader = {.folding = &state->folding, .options = &options, .rows = &rows};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO$p(ii)(ii)p:pool", names, &sequence, &table, &options.pairs,
                                     &options.characters[0], &options.characters[1], &options.unspaced[0],
                                     &options.unspaced[1], &options.repeats) ||
        check_ngrams(state, &options) < 0)
        return NULL;
    if (texts_of_strings(state, sequence, &texts) == 0 && rows_of_array(state, table, &rows) == 0) {
        if ((reader.scratch = scratch_new(rows.words, state->secret)) == NULL)
            PyErr_NoMemory();
        else if ((result = new_array(state, INT64, texts.count, (Py_ssize_t)rows.columns, &view)) != NULL) {
            if (run(state, &reader, &texts, NULL, view.buf, NULL) < 0)
                Py_CLEAR(result);
            PyBuffer_Release(&view);
        }
    }
    texts_release(&texts);
    scratch_free(reader.scratch);
    rows_free(&rows);
    return result;
}

/* ---- calibrate. ---- */

CLONES static void calibrate_row(float *restrict scores, size_t k, const float *restrict slope,
                                 const float *restrict intercept)
{
    for (size_t j = 0; j < k; j++)
        scores[j] = logistic(slope[j] * scores[j] + intercept[j]);
}

static PyObject *calibrate_function(PyObject *module, PyObject *args)
{
    static const Py_ssize_t itemsizes[] = {4, 4, 4, 8};
    State *state = PyModule_GetState(module);
    PyObject *arrays[4], *result = NULL;
    Py_buffer views[4];
    int got = 0;
    if (!PyArg_ParseTuple(args, "OOOO:calibrate", &arrays[0], &arrays[1], &arrays[2], &arrays[3]) ||
        passed(PyObject_CallFunctionObjArgs(state->objects[CHECK_CALIBRATION], arrays[0], arrays[1], arrays[2],
                                            arrays[3], NULL)) < 0)
        return NULL;
    for (; got < 4; got++)
        if (get_array(arrays[got], itemsizes[got], got == 0 ? 2 : 1, &views[got]) < 0)
            goto done;
    float *scores = views[0].buf;
    const int64_t *parents = views[3].buf;
    size_t n = (size_t)views[0].shape[0], k = (size_t)views[0].shape[1];
    PyThreadState *released = n * k * sizeof *scores > QUICK_BYTES ? PyEval_SaveThread() : NULL;
    for (size_t i = 0; i < n; i++, scores += k) {
        calibrate_row(scores, k, views[1].buf, views[2].buf);
        for (size_t j = 0; j < k; j++)
            if (parents[j] >= 0 && scores[j] > scores[parents[j]])
                scores[parents[j]] = scores[j];
    }
    if (released != NULL)
        PyEval_RestoreThread(released);
    result = Py_None;
    Py_INCREF(result);
done:
    while (got > 0)
        PyBuffer_Release(&views[--got]);
    return result;
}

/* ---- Table: rows that stay, and idle scratches whose caches are of these rows. ---- */

typedef struct {
    PyObject ob_base;
    Rows rows;
    Options options;
    Scratch *idle; /* touched with the GIL held only, as is the number of them */
    int idle_count;
} Table;

static PyObject *table_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"table", "scale", "bias", "pivot", "pairs", "characters", "unspaced", "repeats", NULL};
    State *state = PyType_GetModuleState(type);
    PyObject *table, *scale, *bias;
    double pivot;
    Options options;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO$dp(ii)(ii)p:Table", names, &table, &scale, &bias, &pivot,
                                     &options.pairs, &options.characters[0], &options.characters[1],
                                     &options.unspaced[0], &options.unspaced[1], &options.repeats) ||
        check_ngrams(state, &options) < 0)
        return NULL;
    Table *self = (Table *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0); /* zeroed */
    if (self == NULL)
        return NULL;
    self->options = options;
    self->rows.pivot = pivot;
    if (rows_of_array(state, table, &self->rows) < 0 || rows_scale(state, table, scale, bias, &self->rows) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void table_dealloc(PyObject *object)
{
    Table *self = (Table *)object;
    PyTypeObject *type = Py_TYPE(object);
    for (Scratch *next; self->idle != NULL; self->idle = next) {
        next = self->idle->next;
        scratch_free(self->idle);
    }
    rows_free(&self->rows);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *table_run(Table *self, State *state, Texts *texts)
{
    Py_buffer view;
    PyObject *result = new_array(state, FLOAT32, texts->count, (Py_ssize_t)self->rows.columns - 1, &view);
    if (result == NULL)
        return NULL;
    Scratch *scratch = self->idle;
    if (scratch != NULL) {
        self->idle = scratch->next;
        self->idle_count--;
    } else
        scratch = scratch_new(self->rows.words, state->secret);
    Reader reader = {.folding = &state->folding, .options = &self->options, .rows = &self->rows, .scratch = scratch};
    if (scratch == NULL)
        PyErr_NoMemory();
    if (scratch == NULL || run(state, &reader, texts, NULL, NULL, view.buf) < 0)
        Py_CLEAR(result);
    PyBuffer_Release(&view);
    /* Of one that failed, sums may be half done. */
    if (scratch == NULL || reader.failed || self->idle_count == MOST_IDLE || scratch_trim(scratch) < 0)
        scratch_free(scratch);
    else {
        scratch->next = self->idle;
        self->idle = scratch;
        self->idle_count++;
    }
    return result;
}

static PyObject *table_scores(PyObject *self, PyObject *sequence)
{
    State *state = PyType_GetModuleState(Py_TYPE(self));
    Texts texts = {0};
    PyObject *result = texts_of_strings(state, sequence, &texts) < 0 ? NULL : table_run((Table *)self, state, &texts);
    texts_release(&texts);
    return result;
}

static PyObject *table_scores_utf8(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"data", "offsets", "validity", "first", NULL};
    State *state = PyType_GetModuleState(Py_TYPE(self));
    PyObject *data, *offsets, *validity = Py_None, *result = NULL;
    Py_ssize_t first = 0;
    Texts texts = {0};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$n:scores_utf8", names, &data, &offsets, &validity, &first))
        return NULL;
    if (texts_of_column(state, data, offsets, validity, first, &texts) == 0)
        result = table_run((Table *)self, state, &texts);
    texts_release(&texts);
    return result;
}

static PyMethodDef table_methods[] = {
    {"scores", table_scores, METH_O, "See _fallback.Table.scores."},
    {"scores_utf8", (PyCFunction)(void (*)(void))table_scores_utf8, METH_VARARGS | METH_KEYWORDS,
     "See _fallback.Table.scores_utf8."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot table_slots[] = {
    {Py_tp_doc, "A table of rows that add up to scores; see _fallback.Table."},
    {Py_tp_new, table_new},
    {Py_tp_dealloc, table_dealloc},
    {Py_tp_methods, table_methods},
    {0, NULL},
};

static PyType_Spec table_spec = {
    .name = "g7classify._kernel.Table",
    .basicsize = sizeof(Table),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = table_slots,
};

/* ---- The module. ---- */

static PyObject *look_up(const char *module, const char *name)
{
    PyObject *found = PyImport_ImportModule(module);
    PyObject *object = found == NULL ? NULL : PyObject_GetAttrString(found, name);
    Py_XDECREF(found);
    return object;
}

/* OFFSETS, FOLDED and CLASSES of text.py in one table; reads rely on what is checked here. */
static int combine(Folding *folding, const Py_buffer views[3])
{
    const uint32_t *ends = views[0].buf;
    const uint16_t *codes = views[1].buf;
    const uint8_t *class_of = views[2].buf;
    size_t count = (size_t)views[1].len / sizeof *codes;
    if (views[0].len != 0x10001 * (Py_ssize_t)sizeof *ends || views[2].len != 0x10000 || count >= 1 << 24)
        return -1;
    folding->folded = malloc((count + 1) * sizeof(uint32_t));
    if (folding->folded == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        folding->folded[i] = (uint32_t)(class_of[codes[i]] & 3) << 16 | codes[i];
    for (size_t code = 0; code < 0x10000; code++) {
        uint32_t first = ends[code], length = ends[code + 1] - first;
        if (first > count || length > count - first || length > LONGEST_FOLDING || (code < 0x80 && length > 1))
            return -1;
        folding->entry[code] = length == 1 ? folding->folded[first] : MANY | length << 24 | first;
    }
    return 0;
}

static int load_folding(State *state)
{
    static const char *names[] = {"OFFSETS", "FOLDED", "CLASSES"};
    Py_buffer views[3];
    int got = 0, loaded = -1;
    for (; got < 3; got++) {
        PyObject *array = look_up("g7classify.text", names[got]);
        int failed = array == NULL || get_array(array, 4 >> got, 1, &views[got]) < 0; /* 4, 2 and 1 bytes an item */
        Py_XDECREF(array);
        if (failed)
            break;
    }
    if (got == 3 && (loaded = combine(&state->folding, views)) < 0)
        PyErr_SetString(PyExc_ValueError, "folding.safetensors is damaged; install g7classify anew");
    while (got > 0)
        PyBuffer_Release(&views[--got]);
    return loaded;
}

static int module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < LOOKED_UP; i++)
        if ((state->objects[i] = look_up(LOOK_UP[i].module, LOOK_UP[i].name)) == NULL)
            return -1;
    PyObject *word = PyUnicode_FromString("g7classify");
    if (word == NULL || load_folding(state) < 0) {
        Py_XDECREF(word);
        return -1;
    }
    state->secret = (uint64_t)PyObject_Hash(word) * FINISH; /* random in each process, unless PYTHONHASHSEED is set */
    Py_DECREF(word);
    state->objects[TABLE] = PyType_FromModuleAndSpec(module, &table_spec, NULL);
    if (state->objects[TABLE] == NULL || PyModule_AddObjectRef(module, "Table", state->objects[TABLE]) < 0 ||
        PyModule_AddIntConstant(module, "FEATURES", FEATURES) < 0 ||
        PyModule_AddIntConstant(module, "INTERFACE", INTERFACE) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "NAME", "c");
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < OBJECTS; i++)
        Py_VISIT(state->objects[i]);
    return 0;
}

static int module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < OBJECTS; i++)
        Py_CLEAR(state->objects[i]);
    return 0;
}

static void module_free(void *module)
{
    State *state = PyModule_GetState(module);
    module_clear(module);
    free(state->folding.folded);
}

static PyMethodDef functions[] = {
    {"keys", (PyCFunction)(void (*)(void))keys_function, METH_VARARGS | METH_KEYWORDS, "See _fallback.keys."},
    {"pool", (PyCFunction)(void (*)(void))pool_function, METH_VARARGS | METH_KEYWORDS, "See _fallback.pool."},
    {"calibrate", calibrate_function, METH_VARARGS, "See _fallback.calibrate."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_kernel",
    .m_doc = "The compiled kernel; its readable twin is g7classify._fallback.",
    .m_size = sizeof(State),
    .m_methods = functions,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    return PyModuleDef_Init(&definition);
}
