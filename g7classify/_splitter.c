/* The compiled splitter: texts to sentences, the guess of their language included.
 *
 * It does what _sentences.py, stops.py, lines.py and abbreviations.py document, function by function and with the same
 * names, so that the rules can be read there; only the constants under "Rules" are held twice. One file of C11 on the
 * limited C API. All words and all classes of characters come from _tables.py when the module is loaded.
 *
 * A text is decoded once, into a code unit and a byte of facts for each code point: what follows works on indices, as
 * the readable twin does, and every look to either side is checked against the ends of the text. A code point above
 * 0xFFFF is in no table and no rule names one: its unit is ASTRAL, its class comes from its plane.
 *
 * Hostile input: work and memory (3 bytes a code point of the longest text, and the spans) are linear in the text; the
 * set of words is fixed, so nobody can make its chains longer.
 */

#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_columns.h"

#define RULES 1 /* as in _tables.py */

/* ---- Tables: keep the order of the bits equal to characters.py and _tables.py. ---- */

enum { SPACE, BREAK, UPPER, LOWER, DIGIT, IDEOGRAPH, HIRAGANA, STOP, OPEN, CLOSE, QUOTE, PAUSE, DASH, OTHER };

/* Of a code point's byte of facts. */
enum { CLASS = 0x0F, LENGTH_SHIFT = 4, LENGTH = 0x03, HINT = 0x40, CANDIDATE = 0x80 };

enum { /* sets of characters */
    CLOSER = 1 << 0, WIDE_CLOSER = 1 << 1, WIDE_STOP = 1 << 2, WIDE_OPENING = 1 << 3, WIDE_ENDING = 1 << 4,
    PARTICLE = 1 << 5, OPEN_END = 1 << 6, NEVER_FIRST = 1 << 7, INNER_MARK = 1 << 8, VOWEL = 1 << 9,
    ROMAN = 1 << 10, BULLET = 1 << 11, LEAD = 1 << 12, WRAP = 1 << 13,
};

enum { /* sets of words */
    COMMON = 1 << 0, STARTERS = 1 << 1, PARTICLES = 1 << 2, JOINED = 1 << 3, NUMBERED = 1 << 4, MAY_END = 1 << 5,
    CLOSING = 1 << 6, CALENDAR = 1 << 7, CITATIONS = 1 << 8, ORDINAL_LEADS = 1 << 9, SPACED_CLOSERS = 1 << 10,
};

enum { CAPITAL_NOUNS = 1, ORDINALS = 2, JAPANESE = 4 }; /* traits of a language */

enum {
    LANGUAGES = 8,      /* at most */
    LONGEST_WORD = 15,  /* letters, so that a word and the mark before it are 16 bytes */
    SLOT_BITS = 12,     /* of some 1,200 words: a look-up seldom sees a second slot */
    LETTERS = 0x2150,   /* from here on code points have no number */
    ASTRAL = 0xFFFF,
#ifndef FUZZED
    QUICK_BYTES = 2048, /* less text takes microseconds; to get the GIL back can take milliseconds */
#else
    QUICK_BYTES = 64, /* so that short inputs reach what comes then */
#endif
    PADDING = 16,       /* candidates after the text, which end every search for one */
};

/* The numbers of a word's letters, after a mark that is no number: a word of any length whose last 15 letters are those
 * of a word of the tables has another key, as has one that holds a letter without a number (0). */
typedef struct {
    uint64_t high, low;
} Key;

static const Key NO_LETTER = {0, 0xFF};

static inline Key key_on(Key key, uint8_t number)
{
    return (Key){key.high << 8 | key.low >> 56, key.low << 8 | number};
}

typedef struct {
    uint64_t weights; /* what it says for a language: one byte for each, the first in the lowest */
    uint16_t sets[LANGUAGES];
} Word;

typedef struct {
    uint8_t kinds[0x10000];
    uint16_t marks[0x10000];
    uint8_t letters[LETTERS]; /* the number of the lower case of a code point among all letters of the words, or 0 */
    uint8_t traits[LANGUAGES];
    int languages, english, japanese;
    Key keys[1 << SLOT_BITS]; /* 0 = free */
    Word words[1 << SLOT_BITS];
} Tables;

static inline uint8_t letter_of(const Tables *tables, uint16_t unit)
{
    return unit < LETTERS ? tables->letters[unit] : 0;
}

static inline int is_there(const Tables *tables, size_t place, Key key)
{
    const Key *there = &tables->keys[place];
    return (((there->low ^ key.low) | (there->high ^ key.high)) == 0) | (there->low == 0);
}

/* The place of a key, or a free one, whose word is in no set and says nothing. Which of the two decides no branch. */
static inline size_t place_of(const Tables *tables, Key key)
{
    size_t place = (size_t)((key.low ^ key.high * 3) * 0x9E3779B97F4A7C15u >> (64 - SLOT_BITS));
    while (!is_there(tables, place, key))
        place = (place + 1) & ((1 << SLOT_BITS) - 1);
    return place;
}

/* ---- A text. ---- */

typedef struct { /* of the lines at hand; see lines.Paragraph */
    ptrdiff_t until, read, joins, splits, longest, shortest;
} Paragraph;

typedef struct {
    const Tables *tables;
    const uint16_t *units;
    const uint8_t *kinds;
    ptrdiff_t size;
    int language;
    Paragraph paragraph;
} Text;

static inline unsigned class_at(const Text *text, ptrdiff_t at)
{
    return text->kinds[at] & CLASS;
}

static inline int is_blank(const Text *text, ptrdiff_t at)
{
    return class_at(text, at) <= BREAK;
}

static inline int is_cased(unsigned class)
{
    return (class & ~1u) == UPPER; /* or LOWER, the number after it */
}

static inline int is_wide(unsigned class)
{
    return class == IDEOGRAPH || class == HIRAGANA;
}

static inline int marked(const Text *text, ptrdiff_t at, unsigned marks)
{
    return (text->tables->marks[text->units[at]] & marks) != 0;
}

/* The sets of the language at hand that hold a word, whatever its case. */
static unsigned sets_of(const Text *text, ptrdiff_t begin, ptrdiff_t end)
{
    Key key = NO_LETTER;
    for (; begin < end; begin++)
        key = key_on(key, letter_of(text->tables, text->units[begin]));
    return text->tables->words[place_of(text->tables, key)].sets[text->language];
}

static inline unsigned traits(const Text *text)
{
    return text->tables->traits[text->language];
}

static inline ptrdiff_t larger(ptrdiff_t a, ptrdiff_t b)
{
    return a > b ? a : b;
}

static inline ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b)
{
    return a < b ? a : b;
}

static ptrdiff_t skip(const Text *text, ptrdiff_t at)
{
    while (at < text->size && is_blank(text, at))
        at++;
    return at;
}

/* text[start:end].rstrip() ends there. */
static ptrdiff_t trim(const Text *text, ptrdiff_t start, ptrdiff_t end)
{
    while (end > start && is_blank(text, end - 1))
        end--;
    return end;
}

/* Where the next code point stands that can end a sentence, or the size of the text. */
static inline ptrdiff_t next_candidate(const Text *text, ptrdiff_t at)
{
    uint64_t eight;
    while (memcpy(&eight, text->kinds + at, 8), (eight & 0x8080808080808080u) == 0)
        at += 8;
    while (!(text->kinds[at] & CANDIDATE))
        at++;
    return at;
}

static int is_ascii_digit(const Text *text, ptrdiff_t at)
{
    return text->units[at] >= '0' && text->units[at] <= '9';
}

/* ---- Rules: keep equal to abbreviations.py. ---- */

enum { TOKEN = 24, PARTS = 4, LONGEST_PART = 4 };
enum { ORDINARY = 0 }; /* no abbreviation, that is: not JOINED, NUMBERED, MAY_END or CLOSING */

static int is_roman(const Text *text, ptrdiff_t begin, ptrdiff_t end)
{
    if (end - begin < 1 || end - begin > 5)
        return 0;
    while (begin < end && marked(text, begin, ROMAN))
        begin++;
    return begin == end;
}

/* Where the token begins that ends before `at`. */
static ptrdiff_t token_before(const Text *text, ptrdiff_t start, ptrdiff_t at)
{
    ptrdiff_t floor = larger(start, at - TOKEN), begin = at;
    while (begin > floor) {
        unsigned class = class_at(text, begin - 1);
        if (!is_cased(class) && class != DIGIT && !marked(text, begin - 1, INNER_MARK))
            break;
        if (text->units[begin - 1] == '\'' || text->units[begin - 1] == 0x2019)
            break;
        begin--;
    }
    return begin;
}

/* Where the word ends that begins at `at`. */
static ptrdiff_t word_at(const Text *text, ptrdiff_t at)
{
    ptrdiff_t limit = smaller(text->size, at + TOKEN);
    while (at < limit && (is_cased(class_at(text, at)) || class_at(text, at) == DIGIT))
        at++;
    return at;
}

/* The sets that hold the word before a token that begins at `stop`. */
static unsigned word_before(const Text *text, ptrdiff_t start, ptrdiff_t stop)
{
    ptrdiff_t floor = larger(start, stop - TOKEN), end = trim(text, floor, stop), begin = end;
    while (begin > floor && !is_blank(text, begin - 1))
        begin--;
    while (begin < end && marked(text, begin, WRAP))
        begin++;
    while (begin < end && marked(text, end - 1, WRAP))
        end--;
    return sets_of(text, begin, end);
}

static unsigned listed(unsigned sets)
{
    return sets & JOINED ? JOINED : sets & NUMBERED ? NUMBERED : sets & MAY_END ? MAY_END : sets & CLOSING;
}

static int parts_words(const Text *text, ptrdiff_t at)
{
    return text->units[at] == ' ' || text->units[at] == 0xA0 || text->units[at] == 0x202F;
}

static unsigned compound(const Text *text, ptrdiff_t begin, ptrdiff_t at)
{
    uint8_t name[PARTS * LONGEST_PART], *first = name + sizeof name;
    ptrdiff_t floor = larger(0, at - TOKEN), end = at;
    unsigned kind = ORDINARY;
    for (ptrdiff_t i = at; i > begin; i--)
        *--first = letter_of(text->tables, text->units[i - 1]);
    while (end > floor && !parts_words(text, end - 1))
        end--;
    for (int count = 1; count < PARTS && end > floor; count++) {
        ptrdiff_t stop = --end; /* a part ends at the space */
        while (end > floor && !parts_words(text, end - 1))
            end--;
        if (stop - end < 2 || stop - end > LONGEST_PART || text->units[stop - 1] != '.')
            break;
        for (ptrdiff_t i = stop; i > end; i--)
            *--first = letter_of(text->tables, text->units[i - 1]);
        Key key = NO_LETTER;
        for (const uint8_t *letter = first; letter < name + sizeof name; letter++)
            key = key_on(key, *letter);
        unsigned found = listed(text->tables->words[place_of(text->tables, key)].sets[text->language]);
        kind = found ? found : kind;
    }
    return kind;
}

/* The kind of the token [begin, at), which is not empty. */
static unsigned abbreviation(const Text *text, ptrdiff_t begin, ptrdiff_t at)
{
    ptrdiff_t length = at - begin, dots = 0, part = 0, longest = 0, shortest = TOKEN;
    unsigned kind = length <= 3 ? compound(text, begin, at) : ORDINARY;
    if (kind == ORDINARY)
        kind = listed(sets_of(text, begin, at));
    if (kind != ORDINARY)
        return kind;
    if (length == 1)
        return is_cased(class_at(text, begin)) ? MAY_END : ORDINARY;
    int cased = 1, lower_case = 0, vowels = 0;
    for (ptrdiff_t i = begin; i < at; i++) {
        cased &= is_cased(class_at(text, i));
        lower_case |= class_at(text, i) == LOWER;
        vowels |= marked(text, i, VOWEL);
        if (text->units[i] == '.') {
            dots++;
            longest = larger(longest, part);
            shortest = smaller(shortest, part);
            part = 0;
        } else
            part++;
    }
    if (dots > 0) {
        longest = larger(longest, part);
        shortest = smaller(shortest, part);
        return longest <= 3 && shortest == 1 && class_at(text, begin) != DIGIT ? MAY_END : ORDINARY;
    }
    if (text->units[at - 2] == '-')
        return MAY_END;
    if (length <= 4 && cased && lower_case && !vowels) {
        ptrdiff_t before = begin - 2;
        return before >= 0 && class_at(text, before) == DIGIT ? ORDINARY : MAY_END;
    }
    return ORDINARY;
}

static int is_word(const Text *text, ptrdiff_t start, ptrdiff_t at)
{
    ptrdiff_t begin = token_before(text, start, at);
    if (at - begin < 4 || class_at(text, at - 1) != LOWER)
        return 0;
    for (ptrdiff_t i = begin; i < at; i++)
        if (!is_cased(class_at(text, i)))
            return 0;
    return abbreviation(text, begin, at) == ORDINARY;
}

/* ---- Rules: keep equal to stops.py. ---- */

enum { CLOSERS = 8, OPENERS = 6, MARKER = 28 };

static ptrdiff_t close_marks(const Text *text, ptrdiff_t at)
{
    ptrdiff_t limit = smaller(text->size, at + CLOSERS), end = at;
    unsigned closers = marked(text, at - 1, WIDE_STOP) ? WIDE_CLOSER : CLOSER;
    while (end < limit && marked(text, end, closers))
        end++;
    if (end < text->size && text->units[end] == '[') {
        ptrdiff_t note = end + 1;
        while (note < text->size && note < end + 4 && is_ascii_digit(text, note))
            note++;
        if (note > end + 1 && note < text->size && text->units[note] == ']')
            return note + 1;
    }
    return end;
}

static ptrdiff_t find_head(const Text *text, ptrdiff_t at)
{
    ptrdiff_t limit = smaller(text->size, at + OPENERS);
    for (; at < limit; at++) {
        unsigned class = class_at(text, at);
        if (class != OPEN && class != QUOTE && class != DASH && class != SPACE)
            break;
    }
    return at;
}

static int starts_sentence(const Text *text, ptrdiff_t at)
{
    ptrdiff_t end = word_at(text, at);
    unsigned sets = sets_of(text, at, end);
    if (!(sets & STARTERS) || (end - at == 1 && end < text->size && text->units[end] == '.'))
        return 0;
    return !(sets & PARTICLES) || end + 1 >= text->size || class_at(text, end + 1) != UPPER;
}

static int is_camel(const Text *text, ptrdiff_t at)
{
    for (ptrdiff_t i = at + 1; i < smaller(text->size, at + 4); i++) {
        unsigned class = class_at(text, i);
        if (class == UPPER)
            return 1;
        if (class != LOWER && class != DASH)
            return 0;
    }
    return 0;
}

static int is_wide_run(const Text *text, ptrdiff_t at, ptrdiff_t after, ptrdiff_t end)
{
    if (marked(text, after - 1, WIDE_STOP) || marked(text, at, WIDE_STOP))
        return 1;
    if (text->units[at] == '.' || is_blank(text, end))
        return 0;
    return at > 0 && is_wide(class_at(text, at - 1)) && is_wide(class_at(text, end));
}

static int begins_with(const Text *text, ptrdiff_t at, const uint16_t *wanted)
{
    for (; *wanted != 0; wanted++, at++)
        if (at >= text->size || text->units[at] != *wanted)
            return 0;
    return 1;
}

static int wide_ends(const Text *text, ptrdiff_t at, ptrdiff_t after, ptrdiff_t end, ptrdiff_t following)
{
    static const uint16_t QUOTING[][5] = { /* という, といった, って, との */
        {0x3068, 0x3044, 0x3046}, {0x3068, 0x3044, 0x3063, 0x305F}, {0x3063, 0x3066}, {0x3068, 0x306E},
    };
    uint16_t unit = text->units[at];
    if (unit == 0xFF0E) { /* ． */
        unsigned before = at == 0 ? OTHER : class_at(text, at - 1);
        if (!is_wide(before) && before != CLOSE && before != QUOTE)
            return 0;
    }
    if (text->units[after - 1] == 0x2026 && following == end) /* … */
        return 0;
    unsigned class = class_at(text, following);
    if (class == PAUSE || class == CLOSE)
        return 0;
    if (following > end || ((unit == 0x3002 || unit == 0xFF61) && end == after)) /* 。｡ */
        return 1;
    if (marked(text, following, PARTICLE) && following + 1 < text->size) {
        unsigned second = class_at(text, following + 1);
        if (second == IDEOGRAPH || second == OTHER)
            return 0;
        for (size_t i = 0; i < sizeof QUOTING / sizeof *QUOTING; i++)
            if (begins_with(text, following, QUOTING[i]))
                return 0;
    }
    return 1;
}

typedef struct {
    ptrdiff_t end, following;
} End; /* of a sentence; end < 0 = none */

static const End NO_END = {-1, -1};

static End glued_end(const Text *text, ptrdiff_t at, ptrdiff_t after, ptrdiff_t end)
{
    if (text->units[at] != '.' || after != at + 1 || end != after)
        return NO_END;
    ptrdiff_t floor = larger(0, at - TOKEN);
    unsigned class = class_at(text, end);
    if (class == DIGIT) {
        ptrdiff_t note = end;
        while (note < text->size && note < end + 3 && is_ascii_digit(text, note))
            note++;
        if (note == end || note == text->size || !is_blank(text, note) || !is_word(text, floor, at))
            return NO_END;
        ptrdiff_t following = skip(text, note), head_at = find_head(text, following);
        if (head_at == text->size || class_at(text, head_at) != UPPER)
            return NO_END;
        return (End){note, following};
    }
    if (class != UPPER || end + 1 >= text->size || class_at(text, end + 1) != LOWER || !is_word(text, floor, at))
        return NO_END;
    return (End){end, end};
}

static int is_full_stop_or_ellipsis(uint16_t unit)
{
    return unit == '.' || unit == 0x2026;
}

static int mark_ends(const Text *text, ptrdiff_t start, ptrdiff_t at, ptrdiff_t after, ptrdiff_t head_at, unsigned head)
{
    if (at == start)
        return 0;
    uint16_t before = text->units[at - 1];
    if ((before == '(' || before == '[') && after < text->size &&
        (text->units[after] == ')' || text->units[after] == ']'))
        return 0;
    if (is_full_stop_or_ellipsis(text->units[at]) && is_full_stop_or_ellipsis(text->units[after - 1])) {
        if (head == DIGIT)
            return 0;
        if (traits(text) & CAPITAL_NOUNS && is_blank(text, at - 1))
            return starts_sentence(text, head_at);
    }
    return 1;
}

static int is_marker(const Text *text, ptrdiff_t start, ptrdiff_t at, ptrdiff_t token)
{
    if (at - start > MARKER)
        return 0;
    int short_numeral = at - token == 1 || is_roman(text, token, at);
    if (class_at(text, token) != DIGIT && !short_numeral)
        return 0;
    while (start < token && marked(text, start, LEAD))
        start++;
    if (start == token) {
        if (short_numeral)
            return 1;
        ptrdiff_t part = 0;
        for (ptrdiff_t i = token; i < at && part <= 3; i++)
            part = text->units[i] == '.' ? 0 : part + 1;
        return part <= 3;
    }
    ptrdiff_t end = trim(text, start, token);
    while (end > start && text->units[end - 1] == '.')
        end--;
    return (sets_of(text, start, end) & CITATIONS) != 0;
}

static int cardinal_ends(const Text *text, ptrdiff_t start, ptrdiff_t token, ptrdiff_t head_at, unsigned head)
{
    if (head == DIGIT)
        return 0;
    unsigned sets = sets_of(text, head_at, word_at(text, head_at));
    if (sets & CALENDAR)
        return 0;
    if (head != UPPER || sets & STARTERS)
        return 1;
    return !(word_before(text, start, token) & ORDINAL_LEADS);
}

static int full_stop_ends(const Text *text, ptrdiff_t start, ptrdiff_t at, ptrdiff_t following, ptrdiff_t head_at,
                          unsigned head)
{
    ptrdiff_t token = token_before(text, start, at), length = at - token;
    if (length == 0)
        return 1;
    if (is_marker(text, start, at, token))
        return 0;
    unsigned first = class_at(text, token);
    int dashed = class_at(text, following) == DASH, roman = is_roman(text, token, at);
    ptrdiff_t digits = 0;
    while (digits < length && class_at(text, token + digits) == DIGIT)
        digits++;
    if (digits == length && length <= 3)
        return !dashed && (!(traits(text) & ORDINALS) || cardinal_ends(text, start, token, head_at, head));
    if (traits(text) & ORDINALS && head == UPPER && length > 1 && roman)
        return starts_sentence(text, head_at);
    if (roman && head == UPPER && !dashed && word_before(text, start, token) & CITATIONS)
        return 1;
    unsigned kind = abbreviation(text, token, at);
    if (kind == ORDINARY)
        return !(dashed && roman);
    if (kind == JOINED)
        return 0;
    if (kind == NUMBERED) {
        ptrdiff_t end = word_at(text, head_at);
        if (head == DIGIT || head == OTHER || dashed || end - head_at == 1 || is_roman(text, head_at, end))
            return 0;
        if (first != UPPER || length > 1)
            return !(traits(text) & CAPITAL_NOUNS) || starts_sentence(text, head_at);
    }
    if (kind == CLOSING) {
        if (head == UPPER && sets_of(text, head_at, word_at(text, head_at)) & CALENDAR)
            return 0;
        return !(traits(text) & CAPITAL_NOUNS) || starts_sentence(text, head_at);
    }
    if (head != UPPER)
        return 0;
    return class_at(text, following) == QUOTE || starts_sentence(text, head_at);
}

static End find_end(const Text *text, ptrdiff_t start, ptrdiff_t at, ptrdiff_t after)
{
    ptrdiff_t size = text->size, end = close_marks(text, after), following = end;
    if (end == size)
        return NO_END;
    if (is_blank(text, end)) {
        following = skip(text, end);
        if (following == end + 1 && following < size && marked(text, following, CLOSER) &&
            sets_of(text, following, following + 1) & SPACED_CLOSERS) {
            end = close_marks(text, following);
            if (end == size || !is_blank(text, end))
                return NO_END;
            following = skip(text, end);
        }
        if (following == size)
            return NO_END;
    }
    int ends;
    uint16_t unit = text->units[at];
    if (is_wide_run(text, at, after, end))
        ends = wide_ends(text, at, after, end, following);
    else if (following == end)
        return glued_end(text, at, after, end);
    else {
        ptrdiff_t head_at = find_head(text, following);
        unsigned head = head_at < size ? class_at(text, head_at) : BREAK;
        if (head == LOWER)
            ends = head_at == following && unit == '.' && is_camel(text, head_at) && is_word(text, start, at);
        else if (head == PAUSE || head == CLOSE || head == BREAK || (head == STOP && head_at == following))
            ends = 0;
        else if (unit == '.' && after == at + 1 && at > start)
            ends = full_stop_ends(text, start, at, following, head_at, head);
        else
            ends = mark_ends(text, start, at, after, head_at, head);
    }
    return ends ? (End){end, following} : NO_END;
}

/* ---- Rules: keep equal to lines.py. ---- */

enum {
    HEADLINE_COLUMNS = 45, WIDE_HEADLINE_COLUMNS = 28, LIST_COLUMNS = 60, COMMON_WORD_COLUMNS = 25,
    WINDOW = 1000, WINDOW_LINES = 12, LINE_WORD = 12, ITEM_WINDOW = 16,
};

static int is_empty_line(const Text *text, ptrdiff_t at, ptrdiff_t after)
{
    if (text->units[at] == 0x2029)
        return 1;
    at += text->units[at] == '\r' && at + 1 < text->size && text->units[at + 1] == '\n' ? 2 : 1;
    while (at < after && class_at(text, at) != BREAK)
        at++;
    return at < after;
}

static void reset(Paragraph *paragraph)
{
    *paragraph = (Paragraph){.shortest = WINDOW};
}

static int wraps(const Paragraph *paragraph, ptrdiff_t length)
{
    return paragraph->joins > 0 && paragraph->splits <= 2 * paragraph->joins && 4 * length >= 3 * paragraph->longest;
}

static int is_even(const Paragraph *paragraph)
{
    return paragraph->read >= 2 && paragraph->longest - paragraph->shortest <= 2;
}

static ptrdiff_t last_visible(const Text *text, ptrdiff_t begin, ptrdiff_t stop)
{
    ptrdiff_t last = stop - 1, floor = larger(begin, stop - LINE_WORD);
    while (last > floor && class_at(text, last) == SPACE)
        last--;
    return larger(last, 0);
}

static int is_last_word_common(const Text *text, ptrdiff_t begin, ptrdiff_t last)
{
    ptrdiff_t floor = larger(begin, last + 1 - LINE_WORD);
    for (ptrdiff_t i = last; i >= floor; i--)
        if (text->units[i] == ' ')
            return (sets_of(text, i + 1, last + 1) & COMMON) != 0;
    return 0;
}

static void look(Text *text, ptrdiff_t begin, ptrdiff_t at)
{
    Paragraph *paragraph = &text->paragraph;
    if (at < paragraph->until)
        return;
    ptrdiff_t limit = smaller(text->size, at + WINDOW), stop = at;
    for (int count = 0;; count++) {
        while (stop < limit && class_at(text, stop) != BREAK)
            stop++;
        if (stop == limit)
            return;
        ptrdiff_t after = stop + 1;
        while (after < limit && is_blank(text, after))
            after++;
        if (after == limit || count == WINDOW_LINES || is_empty_line(text, stop, after))
            return;
        paragraph->until = stop + 1;
        ptrdiff_t last = last_visible(text, begin, stop), length = stop - begin;
        if (class_at(text, last) != STOP) {
            paragraph->read++;
            paragraph->longest = larger(paragraph->longest, length);
            paragraph->shortest = smaller(paragraph->shortest, length);
            if (text->units[last] != ';' && text->units[last] != ':') {
                if (class_at(text, after) == LOWER || is_last_word_common(text, begin, last))
                    paragraph->joins++;
                else
                    paragraph->splits++;
            }
        }
        begin = stop = after;
    }
}

/* What of an expression of lines._ITEM a line begins with. */
typedef enum { NO_ITEM, ITEM, DOT_ITEM, DASH_ITEM, NUMBER_ITEM } Item;

static int is_one_of(uint16_t unit, const char *ascii)
{
    return unit > 0 && unit < 0x80 && strchr(ascii, unit) != NULL;
}

static int is_item_space(uint16_t unit)
{
    return unit == ' ' || unit == '\t' || unit == 0xA0;
}

static int is_any_digit(uint16_t unit)
{
    return (unit >= '0' && unit <= '9') || (unit >= 0xFF10 && unit <= 0xFF19);
}

static int is_kanji_number(uint16_t unit)
{
    static const uint16_t NUMBERS[] = {
        0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341, /* 一二三四五六七八九十 */
    };
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        if (NUMBERS[i] == unit)
            return 1;
    return 0;
}

/* How many of the units satisfy a test, one after the other; 0 for more than `most`, as a longer run is no marker. */
static size_t run_of(const uint16_t *units, int (*test)(uint16_t), size_t most)
{
    size_t count = 0;
    while (count <= most && test(units[count]))
        count++;
    return count <= most ? count : 0;
}

static int is_number_sign(uint16_t unit) { return unit == '#'; }
static int is_digit(uint16_t unit) { return unit >= '0' && unit <= '9'; }
static int is_small_roman(uint16_t unit) { return is_one_of(unit, "ivx"); }
static int is_large_roman(uint16_t unit) { return is_one_of(unit, "IVX"); }

/* "2.", "2.1.3)" and a space after it: its length, or 0. */
static size_t number_marker(const uint16_t *units)
{
    size_t length = run_of(units, is_digit, 3);
    if (length == 0)
        return 0;
    for (int group = 0; group < 3 && units[length] == '.' && is_digit(units[length + 1]); group++) {
        size_t digits = run_of(units + length + 1, is_digit, 2);
        if (digits == 0)
            return 0;
        length += 1 + digits;
    }
    if (units[length] != '.' && units[length] != ')')
        return 0;
    length++;
    return is_item_space(units[length]) || units[length] == 0x3000 ? length + 1 : 0;
}

static int is_closing_bracket(uint16_t unit)
{
    return unit == ')' || unit == 0xFF09;
}

static Item find_item(const Text *text, ptrdiff_t after, ptrdiff_t *end)
{
    uint16_t units[ITEM_WINDOW + 4] = {0}; /* no marker holds a 0 */
    ptrdiff_t length = smaller(ITEM_WINDOW, text->size - after);
    memcpy(units, text->units + after, (size_t)length * sizeof *units);
    uint16_t unit = units[0];
    size_t count;
    *end = after + 2;
    if (marked(text, after, BULLET))
        return ITEM;
    if (unit == 0x30FB) /* ・ */
        return DOT_ITEM;
    if ((unit == '-' || unit == 0x2013 || unit == 0x2014) && is_item_space(units[1]))
        return DASH_ITEM;
    if ((unit == '*' || unit == '+' || unit == 0xB7) && is_item_space(units[1]))
        return ITEM;
    if ((count = run_of(units, is_number_sign, 6)) > 0 && units[count] == ' ')
        return ITEM;
    if ((count = number_marker(units)) > 0) {
        *end = after + (ptrdiff_t)count;
        return NUMBER_ITEM;
    }
    if ((count = run_of(units, is_any_digit, 3)) > 0 && (units[count] == 0xFF0E || units[count] == 0xFF09)) /* ．） */
        return ITEM;
    if (unit == '(' || unit == 0xFF08) {
        if ((count = run_of(units + 1, is_any_digit, 3)) > 0 && is_closing_bracket(units[1 + count]))
            return ITEM;
        if (units[1] >= 'a' && units[1] <= 'z' && is_closing_bracket(units[2]))
            return ITEM;
        if ((count = run_of(units + 1, is_small_roman, 4)) > 1 && is_closing_bracket(units[1 + count]))
            return ITEM;
        return NO_ITEM;
    }
    if (((unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z')) && units[1] == ')' && is_item_space(units[2]))
        return ITEM;
    if ((count = run_of(units, is_small_roman, 4)) > 1 && units[count] == ')' && is_item_space(units[count + 1]))
        return ITEM;
    if ((count = run_of(units, is_large_roman, 5)) > 1 && units[count] == '.' && is_item_space(units[count + 1]))
        return ITEM;
    return (count = run_of(units, is_kanji_number, 3)) > 0 && units[count] == 0x3000 ? ITEM : NO_ITEM;
}

static int is_item(const Text *text, ptrdiff_t begin, ptrdiff_t at, ptrdiff_t after, ptrdiff_t last)
{
    ptrdiff_t end;
    uint16_t unit = text->units[last];
    switch (find_item(text, after, &end)) {
    case NO_ITEM:
        return 0;
    case DASH_ITEM:
        return !(end < text->size && class_at(text, end) == LOWER && !is_one_of(unit, ":;,.!?") && unit != 0x2026 &&
                 at - begin >= HEADLINE_COLUMNS && class_at(text, begin) != DASH);
    case DOT_ITEM:
        return text->units[begin] == 0x30FB || at - begin < WIDE_HEADLINE_COLUMNS || unit == 0x3002 || unit == ':' ||
               unit == 0xFF1A; /* 。:： */
    case NUMBER_ITEM: {
        ptrdiff_t limit = smaller(text->size, end + LINE_WORD), stop = end;
        while (stop < limit && text->units[stop] != ' ')
            stop++;
        while (stop > end && is_one_of(text->units[stop - 1], ".,"))
            stop--;
        return !(sets_of(text, end, stop) & CALENDAR) && !is_last_word_common(text, begin, last);
    }
    default:
        return 1;
    }
}

static int ends_sentence(Text *text, ptrdiff_t begin, ptrdiff_t at, ptrdiff_t after)
{
    const Paragraph *paragraph = &text->paragraph;
    if (is_empty_line(text, at, after)) {
        reset(&text->paragraph);
        return 1;
    }
    look(text, begin, at);
    ptrdiff_t last = last_visible(text, begin, at), length = at - begin;
    if (is_item(text, begin, at, after, last))
        return 1;
    uint16_t unit = text->units[last];
    unsigned class = class_at(text, last), head = class_at(text, after);
    if (class == STOP || ((class == QUOTE || class == CLOSE) && last > begin && class_at(text, last - 1) == STOP))
        return 0;
    if (unit == ';' || unit == ':' || unit == 0xFF1A || unit == 0xFF1B) /* ：； */
        return head != LOWER || length < LIST_COLUMNS || !wraps(paragraph, length);
    int wide = is_wide(class) || is_wide(head) || traits(text) & JAPANESE;
    if (head == LOWER && !wide)
        return 0;
    if (wide) {
        if (text->units[after - 1] == 0x3000)
            return 1;
        if (marked(text, after, NEVER_FIRST))
            return 0;
        if (length < WIDE_HEADLINE_COLUMNS)
            return 1;
        return !marked(text, last, OPEN_END) && !is_even(paragraph);
    }
    if (class == PAUSE || class == DASH || class == OPEN || unit == '\'' || unit == 0x2019)
        return 0;
    if (length >= COMMON_WORD_COLUMNS && is_last_word_common(text, begin, last))
        return 0;
    return length < HEADLINE_COLUMNS || !wraps(paragraph, length);
}

/* ---- Rules: keep equal to _sentences.py. ---- */

enum { PREFIX = 4096, BRACKET = 400 };
#ifndef FUZZED
enum { HINTS = 1024 }; /* whose weights, 60 at most, add up within 16 bits */
#else
enum { HINTS = 16 };
#endif

/* Words and letters that may hint at a language, until their weights are added up: then look-ups do not wait for each
 * other, nor for a wrongly guessed end of a word. */
typedef struct {
    Key keys[HINTS];
    size_t count;
    uint32_t scores[LANGUAGES];
} Hints;

static void add_weights(const Tables *tables, Hints *hints)
{
    uint64_t lanes[2] = {0}; /* of 16 bits */
    for (size_t i = 0; i < hints->count; i++) {
        uint64_t weights = tables->words[place_of(tables, hints->keys[i])].weights;
        lanes[0] += weights & 0x00FF00FF00FF00FFu;
        lanes[1] += weights >> 8 & 0x00FF00FF00FF00FFu;
    }
    for (int i = 0; i < LANGUAGES; i++)
        hints->scores[i] += (uint32_t)(lanes[i & 1] >> (i >> 1) * 16 & 0xFFFF);
    hints->count = 0;
}

static inline void add_hint(const Tables *tables, Hints *hints, Key key)
{
    if (hints->count == HINTS)
        add_weights(tables, hints);
    hints->keys[hints->count++] = key;
}

static int guess(const Text *text)
{
    const Tables *tables = text->tables;
    const uint16_t *units = text->units;
    const uint8_t *kinds = text->kinds;
    ptrdiff_t limit = smaller(text->size, PREFIX), at = 0, cased = 0, wide = 0;
    Hints hints;
    hints.count = 0;
    memset(hints.scores, 0, sizeof hints.scores);
    while (at < limit) {
        Key key = NO_LETTER;
        ptrdiff_t begin = at;
        for (; at < limit && is_cased(kinds[at] & CLASS); at++) {
            uint8_t letter = tables->letters[units[at] & 0x1FFF]; /* letters with case are below 0x2000 */
            key = key_on(key, letter);
            if (kinds[at] & HINT)
                add_hint(tables, &hints, key_on(NO_LETTER, letter));
        }
        if (at > begin)
            add_hint(tables, &hints, key);
        cased += at - begin;
        for (; at < limit && !is_cased(kinds[at] & CLASS); at++) {
            unsigned class = kinds[at] & CLASS;
            wide += 2 * (class == HIRAGANA) + (class == IDEOGRAPH);
            if (kinds[at] & HINT)
                add_hint(tables, &hints, key_on(NO_LETTER, letter_of(tables, units[at])));
        }
    }
    add_weights(tables, &hints);
    if (wide * 2 > cased)
        return tables->japanese;
    int best = 0;
    for (int i = 1; i < tables->languages; i++)
        if (hints.scores[i] > hints.scores[best])
            best = i;
    return hints.scores[best] > 0 ? best : tables->english;
}

typedef struct {
    int64_t start, end, start_byte, end_byte;
} Span;

typedef struct {
    Span *items;
    size_t count, capacity;
    ptrdiff_t at; /* in the text at hand: how far its bytes were counted */
    int64_t byte;
    int failed;   /* no memory */
} Spans;

/* The bytes of the code points up to `to`, which is not before the last one asked for. */
static int64_t byte_at(Spans *spans, const Text *text, ptrdiff_t to)
{
    ptrdiff_t at = spans->at;
    uint64_t eight, more = (uint64_t)(to - at);
    for (; to - at >= 8; at += 8) {
        memcpy(&eight, text->kinds + at, 8);
        more += (eight >> LENGTH_SHIFT & 0x0303030303030303u) * 0x0101010101010101u >> 56;
    }
    for (; at < to; at++)
        more += text->kinds[at] >> LENGTH_SHIFT & LENGTH;
    spans->at = to;
    return spans->byte += (int64_t)more;
}

static void add_span(Spans *spans, const Text *text, ptrdiff_t start, ptrdiff_t end)
{
    if (spans->count == spans->capacity) {
        size_t capacity = spans->capacity * 2 + 64;
        Span *items = realloc(spans->items, capacity * sizeof *items);
        if (items == NULL) {
            spans->failed = 1;
            return;
        }
        spans->items = items;
        spans->capacity = capacity;
    }
    Span *span = &spans->items[spans->count++];
    span->start = start;
    span->end = end;
    span->start_byte = byte_at(spans, text, start);
    span->end_byte = byte_at(spans, text, end);
}

typedef struct {
    End ends[BRACKET + 1]; /* one for each code point since the bracket opened, at most */
    int count;
} Pending;

static ptrdiff_t flush(Spans *spans, const Text *text, Pending *pending, ptrdiff_t start)
{
    for (int i = 0; i < pending->count; i++) {
        add_span(spans, text, start, pending->ends[i].end);
        start = pending->ends[i].following;
    }
    pending->count = 0;
    return start;
}

static void split(Text *text, Spans *spans)
{
    Pending pending;
    ptrdiff_t size = text->size, start = skip(text, 0), line = 0, depth = 0, opened = 0, after;
    pending.count = 0;
    reset(&text->paragraph);
    for (ptrdiff_t at = next_candidate(text, 0); at < size && !spans->failed; at = next_candidate(text, after)) {
        unsigned class = class_at(text, at);
        after = at + 1;
        if (class == BREAK)
            after = skip(text, after);
        else if (class == STOP)
            while (after < size && class_at(text, after) == STOP)
                after++;
        if (at < start) {
            if (class == BREAK) {
                line = after;
                if (is_empty_line(text, at, after))
                    reset(&text->paragraph);
            }
            continue;
        }
        if (depth > 0 && at - opened > BRACKET) {
            start = flush(spans, text, &pending, start);
            depth = 0;
        }
        if (class == BREAK) {
            if (after < size && ends_sentence(text, line, at, after)) {
                start = flush(spans, text, &pending, start);
                if (start < at)
                    add_span(spans, text, start, trim(text, start, at));
                start = after;
                depth = 0;
            }
            line = after;
        } else if (marked(text, at, WIDE_OPENING)) {
            if (depth == 0)
                opened = at;
            depth++;
        } else if (marked(text, at, WIDE_ENDING)) {
            depth = larger(depth - 1, 0);
            if (depth == 0)
                pending.count = 0;
        } else {
            End found = find_end(text, start, at, after);
            if (found.end < 0)
                continue;
            if (depth > 0) {
                ptrdiff_t inner = depth;
                for (ptrdiff_t i = after; i < found.end; i++)
                    inner -= marked(text, i, WIDE_ENDING);
                if (inner > 0) {
                    pending.ends[pending.count++] = found;
                    continue;
                }
                if (opened != start || marked(text, found.following, WIDE_OPENING))
                    continue;
                pending.count = 0;
                depth = 0;
            }
            add_span(spans, text, start, found.end);
            start = found.following;
        }
    }
    start = flush(spans, text, &pending, start);
    if (start < size)
        add_span(spans, text, start, trim(text, start, size));
}

/* ---- Decoding. ---- */

/* The bytes are the UTF-8 of a str, so they are valid, but for lone surrogates, which are encoded as if they were not. */
static ptrdiff_t decode(const Tables *tables, const uint8_t *at, const uint8_t *end, uint16_t *units, uint8_t *kinds)
{
    const uint8_t *table = tables->kinds;
    ptrdiff_t n = 0;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8 && (memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
            for (int i = 0; i < 8; i++) {
                units[n + i] = at[i];
                kinds[n + i] = table[at[i]];
            }
            at += 8;
            n += 8;
            continue;
        }
        uint32_t unit = *at;
        if (unit < 0x80)
            at += 1;
        else if (unit < 0xE0) {
            unit = (unit & 0x1F) << 6 | (at[1] & 0x3Fu);
            at += 2;
        } else if (unit < 0xF0) {
            unit = (unit & 0x0F) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
            at += 3;
        } else {
            uint32_t plane = (unit & 0x07) << 2 | (at[1] & 0x30u) >> 4;
            units[n] = ASTRAL;
            kinds[n++] = (uint8_t)((plane == 2 || plane == 3 ? IDEOGRAPH : OTHER) | 3 << LENGTH_SHIFT);
            at += 4;
            continue;
        }
        units[n] = (uint16_t)unit;
        kinds[n++] = table[unit];
    }
    memset(kinds + n, CANDIDATE | OTHER, PADDING);
    return n;
}

/* ---- Texts: where the bytes of each lie. ---- */

enum {
    EMPTY, UINT8, INT64, CHECK_STRINGS, REFUSE_UTF8, LOAD,
    INPUT_TYPE_ERROR, OPTION_ERROR, TEXT_ERROR, /* as _columns.h numbers them */
    LOOKED_UP
};

static const struct {
    const char *module, *name;
} LOOK_UP[LOOKED_UP] = {
    [EMPTY] = {"numpy", "empty"},
    [UINT8] = {"numpy", "uint8"},
    [INT64] = {"numpy", "int64"},
    [CHECK_STRINGS] = {"g7classify.text", "check_strings"},
    [REFUSE_UTF8] = {"g7classify.arguments", "refuse_utf8"},
    [LOAD] = {"g7classify._tables", "load"},
    [INPUT_TYPE_ERROR] = {"g7classify.errors", "InputTypeError"},
    [OPTION_ERROR] = {"g7classify.errors", "OptionError"},
    [TEXT_ERROR] = {"g7classify.errors", "TextError"},
};

typedef struct {
    PyObject *objects[LOOKED_UP];
    Tables *tables;
} State;

typedef struct {
    Source *sources;
    Py_ssize_t count;
    size_t bytes;
    PyObject *strings; /* a tuple, */
    Column column;     /* or this */
    PyObject *encoded; /* a list: the bytes of strings that hold lone surrogates */
    uint16_t *units;   /* room for the longest, */
    uint8_t *kinds;    /* its padding included */
} Texts;

static void texts_release(Texts *texts)
{
    Py_XDECREF(texts->strings);
    Py_XDECREF(texts->encoded);
    column_release(&texts->column);
    free(texts->sources);
    free(texts->units);
}

static int texts_allocate(Texts *texts, Py_ssize_t count)
{
    texts->count = count;
    if ((texts->sources = malloc((size_t)(count + 1) * sizeof(Source))) != NULL)
        return 0;
    PyErr_NoMemory();
    return -1;
}

/* Room to decode the longest text in. */
static int texts_make_room(Texts *texts)
{
    size_t room = 0;
    for (Py_ssize_t i = 0; i < texts->count; i++)
        room = texts->sources[i].bytes > room ? texts->sources[i].bytes : room;
    room += PADDING;
    if (room < SIZE_MAX / 3 && (texts->units = malloc(room * 3)) != NULL) {
        texts->kinds = (uint8_t *)(texts->units + room);
        return 0;
    }
    PyErr_NoMemory();
    return -1;
}

/* A str that holds a lone surrogate has no UTF-8. */
static const char *encode_surrogates(Texts *texts, PyObject *string, Py_ssize_t *bytes)
{
    char *start = NULL;
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return NULL;
    PyErr_Clear();
    PyObject *encoded = PyUnicode_AsEncodedString(string, "utf-8", "surrogatepass");
    if (encoded == NULL)
        return NULL;
    if ((texts->encoded != NULL || (texts->encoded = PyList_New(0)) != NULL) &&
        PyList_Append(texts->encoded, encoded) == 0)
        PyBytes_AsStringAndSize(encoded, &start, bytes);
    Py_DECREF(encoded);
    return start;
}

static int texts_of_strings(State *state, PyObject *sequence, Texts *texts)
{
    int failed = PyUnicode_Check(sequence) || PyBytes_Check(sequence) || PyByteArray_Check(sequence) ||
                 PyObject_Size(sequence) < 0;
    /* The tuple holds every string: the caller may change its list while we read. */
    if (!failed) {
        if ((texts->strings = PySequence_Tuple(sequence)) == NULL)
            return -1;
        if (texts_allocate(texts, PyTuple_Size(texts->strings)) < 0)
            return -1;
    }
    for (Py_ssize_t i = 0; i < texts->count && !failed; i++) {
        PyObject *string = PyTuple_GetItem(texts->strings, i);
        Py_ssize_t bytes;
        if ((failed = !PyUnicode_Check(string)))
            break;
        const char *start = PyUnicode_AsUTF8AndSize(string, &bytes);
        if (start == NULL && (start = encode_surrogates(texts, string, &bytes)) == NULL)
            return -1;
        texts->sources[i] = (Source){(const uint8_t *)start, (size_t)bytes};
        texts->bytes += (size_t)bytes;
    }
    if (failed) { /* text.py knows what to say of it */
        PyErr_Clear();
        PyObject *result = PyObject_CallFunctionObjArgs(
            state->objects[CHECK_STRINGS], texts->strings != NULL ? texts->strings : sequence, NULL);
        Py_XDECREF(result);
        if (result != NULL)
            refuse(state->objects[INPUT_TYPE_ERROR], "expected a sequence of str; this one cannot tell its length");
        return -1;
    }
    return texts_make_room(texts);
}

static int texts_of_column(State *state, PyObject *data, PyObject *offsets, Texts *texts)
{
    PyObject **errors = &state->objects[INPUT_TYPE_ERROR];
    Py_ssize_t count = column_open(&texts->column, errors, data, offsets, Py_None, 0);
    if (count < 0 || texts_allocate(texts, count) < 0 ||
        column_sources(&texts->column, errors, 0, count, texts->sources, &texts->bytes) < 0)
        return -1;
    return texts_make_room(texts);
}

static Text text_of(const Tables *tables, const Texts *texts, Py_ssize_t i)
{
    const Source *source = &texts->sources[i];
    ptrdiff_t size = decode(tables, source->start, source->start + source->bytes, texts->units, texts->kinds);
    return (Text){.tables = tables, .units = texts->units, .kinds = texts->kinds, .size = size};
}

/* ---- Tables, from _tables.py. ---- */

/* Copy a buffer that must have `size` bytes. */
static int copy(PyObject *array, size_t size, void *to)
{
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_CONTIG_RO) < 0)
        return -1;
    int fits = (size_t)view.len == size;
    if (fits)
        memcpy(to, view.buf, size);
    PyBuffer_Release(&view);
    return fits ? 0 : -1;
}

/* Every word has a row in all three: its letters, which stand to the right, its sets and its weights. */
static int put_words(Tables *tables, const Py_buffer *letters, const Py_buffer *sets, const Py_buffer *weights)
{
    size_t count = (size_t)letters->len / LONGEST_WORD, languages = (size_t)tables->languages;
    if (count > 1 << (SLOT_BITS - 1) || (size_t)letters->len != count * LONGEST_WORD ||
        (size_t)sets->len != count * languages * sizeof(uint16_t) || (size_t)weights->len != count * languages)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *letter = (const uint8_t *)letters->buf + i * LONGEST_WORD, *end = letter + LONGEST_WORD;
        Key key = NO_LETTER;
        while (letter < end && *letter == 0)
            letter++;
        while (letter < end)
            key = key_on(key, *letter++);
        size_t place = place_of(tables, key);
        tables->keys[place] = key;
        memcpy(tables->words[place].sets, (const uint16_t *)sets->buf + i * languages, languages * sizeof(uint16_t));
        for (size_t j = 0; j < languages; j++)
            tables->words[place].weights |= (uint64_t)((const uint8_t *)weights->buf)[i * languages + j] << 8 * j;
    }
    return 0;
}

static int load_words(Tables *tables, PyObject *arrays[3])
{
    Py_buffer views[3];
    int got = 0, result = -1;
    while (got < 3 && PyObject_GetBuffer(arrays[got], &views[got], PyBUF_CONTIG_RO) == 0)
        got++;
    if (got == 3)
        result = put_words(tables, &views[0], &views[1], &views[2]);
    while (got > 0)
        PyBuffer_Release(&views[--got]);
    return result;
}

/* What _tables.load returns. */
enum { KINDS_FIELD, MARKS_FIELD, LETTERS_FIELD, WORDS_FIELD, SETS_FIELD, WEIGHTS_FIELD, TRAITS_FIELD, ENGLISH_FIELD,
       JAPANESE_FIELD, FIELDS };

static int fill(Tables *tables, PyObject *fields)
{
    PyObject *field[FIELDS];
    if (!PyTuple_Check(fields) || PyTuple_Size(fields) != FIELDS)
        return -1;
    for (int i = 0; i < FIELDS; i++)
        field[i] = PyTuple_GetItem(fields, i);
    Py_ssize_t languages = PyObject_Size(field[TRAITS_FIELD]);
    tables->languages = (int)languages;
    tables->english = (int)PyLong_AsLong(field[ENGLISH_FIELD]);
    tables->japanese = (int)PyLong_AsLong(field[JAPANESE_FIELD]);
    if (languages < 1 || languages > LANGUAGES || tables->english < 0 || tables->english >= languages ||
        tables->japanese < 0 || tables->japanese >= languages ||
        copy(field[KINDS_FIELD], sizeof tables->kinds, tables->kinds) < 0 ||
        copy(field[MARKS_FIELD], sizeof tables->marks, tables->marks) < 0 ||
        copy(field[LETTERS_FIELD], sizeof tables->letters, tables->letters) < 0 ||
        copy(field[TRAITS_FIELD], (size_t)languages, tables->traits) < 0)
        return -1;
    return load_words(tables, &field[WORDS_FIELD]);
}

static int load_tables(State *state)
{
    PyObject *fields = PyObject_CallFunctionObjArgs(state->objects[LOAD], NULL);
    if (fields == NULL || (state->tables = calloc(1, sizeof(Tables))) == NULL) {
        Py_XDECREF(fields);
        return -1;
    }
    int filled = fill(state->tables, fields);
    Py_DECREF(fields);
    if (filled < 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the tables of the splitter are of another version; install g7classify again");
    return filled;
}

/* ---- guess and split_texts. ---- */

static PyObject *guess_function(PyObject *module, PyObject *string)
{
    State *state = PyModule_GetState(module);
    Texts texts = {0};
    PyObject *result = NULL, *strings = PyTuple_Pack(1, string);
    if (strings != NULL && texts_of_strings(state, strings, &texts) == 0) {
        Source *source = &texts.sources[0];
        if (source->bytes > 4 * PREFIX) {
            source->bytes = 4 * PREFIX;
            while ((source->start[source->bytes] & 0xC0) == 0x80) /* not in the midst of a code point */
                source->bytes--;
        }
        Text text = text_of(state->tables, &texts, 0);
        result = PyLong_FromLong(guess(&text));
    }
    Py_XDECREF(strings);
    texts_release(&texts);
    return result;
}

/* Split all texts, without the GIL if there is enough to do. Strings are sound, a column's bytes may be anything. */
static int run(State *state, const Texts *texts, int place, Spans *spans, uint8_t *languages, int64_t *first)
{
    const Tables *tables = state->tables;
    PyThreadState *released = texts->bytes > QUICK_BYTES ? PyEval_SaveThread() : NULL;
    ptrdiff_t malformed_at = -1;
    Py_ssize_t i = 0;
    first[0] = 0;
    for (; i < texts->count && !spans->failed; i++) {
        const Source *source = &texts->sources[i];
        if (texts->strings == NULL && (malformed_at = malformed(source->start, source->bytes)) >= 0)
            break;
        Text text = text_of(tables, texts, i);
        text.language = place < 0 ? guess(&text) : place;
        spans->at = 0;
        spans->byte = 0;
        split(&text, spans);
        languages[i] = (uint8_t)text.language;
        first[i + 1] = (int64_t)spans->count;
    }
    if (released != NULL)
        PyEval_RestoreThread(released);
    if (malformed_at >= 0)
        Py_XDECREF(PyObject_CallFunction(state->objects[REFUSE_UTF8], "nn", i, (Py_ssize_t)malformed_at));
    else if (spans->failed)
        PyErr_NoMemory();
    return malformed_at >= 0 || spans->failed ? -1 : 0;
}

/* A new array (n,), or (n, 2), and a view of it to write to. */
static PyObject *new_array(State *state, int dtype, Py_ssize_t n, int pairs, Py_buffer *view)
{
    PyObject *empty = state->objects[EMPTY], *type = state->objects[dtype];
    PyObject *array = pairs ? PyObject_CallFunction(empty, "(ni)O", n, 2, type)
                            : PyObject_CallFunction(empty, "nO", n, type);
    if (array != NULL && PyObject_GetBuffer(array, view, PyBUF_CONTIG) < 0)
        Py_CLEAR(array);
    return array;
}

/* Half of each span: (m, 2) code points, or bytes. */
static PyObject *array_of(State *state, const Spans *spans, int bytes)
{
    Py_buffer view;
    PyObject *array = new_array(state, INT64, (Py_ssize_t)spans->count, 1, &view);
    if (array == NULL)
        return NULL;
    int64_t *to = view.buf;
    for (size_t i = 0; i < spans->count; i++) {
        *to++ = bytes ? spans->items[i].start_byte : spans->items[i].start;
        *to++ = bytes ? spans->items[i].end_byte : spans->items[i].end;
    }
    PyBuffer_Release(&view);
    return array;
}

static PyObject *arrays_of(State *state, const Texts *texts, int place)
{
    Py_buffer languages_view, first_view;
    Spans spans = {0};
    PyObject *points = NULL, *bytes = NULL, *result = NULL, *first = NULL;
    PyObject *languages = new_array(state, UINT8, texts->count, 0, &languages_view);
    if (languages == NULL)
        return NULL;
    if ((first = new_array(state, INT64, texts->count + 1, 0, &first_view)) != NULL) {
        int done = run(state, texts, place, &spans, languages_view.buf, first_view.buf) == 0;
        PyBuffer_Release(&first_view);
        if (done && (points = array_of(state, &spans, 0)) != NULL && (bytes = array_of(state, &spans, 1)) != NULL)
            result = PyTuple_Pack(4, languages, first, points, bytes);
    }
    PyBuffer_Release(&languages_view);
    free(spans.items);
    Py_DECREF(languages);
    Py_XDECREF(first);
    Py_XDECREF(points);
    Py_XDECREF(bytes);
    return result;
}

static int check_place(State *state, int place)
{
    if (place >= -1 && place < state->tables->languages)
        return 0;
    PyErr_Format(PyExc_IndexError, "place %d: expected -1 to %d", place, state->tables->languages - 1);
    return -1;
}

static PyObject *split_texts_function(PyObject *module, PyObject *args)
{
    State *state = PyModule_GetState(module);
    PyObject *sequence, *result = NULL;
    Texts texts = {0};
    int place;
    if (!PyArg_ParseTuple(args, "Oi:split_texts", &sequence, &place) || check_place(state, place) < 0)
        return NULL;
    if (texts_of_strings(state, sequence, &texts) == 0)
        result = arrays_of(state, &texts, place);
    texts_release(&texts);
    return result;
}

static PyObject *split_utf8_function(PyObject *module, PyObject *args)
{
    State *state = PyModule_GetState(module);
    PyObject *data, *offsets, *result = NULL;
    Texts texts = {0};
    int place;
    if (!PyArg_ParseTuple(args, "OOi:split_utf8", &data, &offsets, &place) || check_place(state, place) < 0)
        return NULL;
    if (texts_of_column(state, data, offsets, &texts) == 0)
        result = arrays_of(state, &texts, place);
    texts_release(&texts);
    return result;
}

/* ---- The module. ---- */

static PyObject *look_up(const char *module, const char *name)
{
    PyObject *found = PyImport_ImportModule(module);
    PyObject *object = found == NULL ? NULL : PyObject_GetAttrString(found, name);
    Py_XDECREF(found);
    return object;
}

static int module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < LOOKED_UP; i++)
        if ((state->objects[i] = look_up(LOOK_UP[i].module, LOOK_UP[i].name)) == NULL)
            return -1;
    return load_tables(state) < 0 ? -1 : PyModule_AddIntConstant(module, "RULES", RULES);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < LOOKED_UP; i++)
        Py_VISIT(state->objects[i]);
    return 0;
}

static int module_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; i < LOOKED_UP; i++)
        Py_CLEAR(state->objects[i]);
    return 0;
}

static void module_free(void *module)
{
    State *state = PyModule_GetState(module);
    module_clear(module);
    free(state->tables);
}

static PyMethodDef functions[] = {
    {"guess", guess_function, METH_O, "See _sentences.guess."},
    {"split_texts", split_texts_function, METH_VARARGS, "See _sentences.split_texts."},
    {"split_utf8", split_utf8_function, METH_VARARGS, "See _sentences.split_utf8."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_splitter",
    .m_doc = "The compiled splitter; its readable twin is g7classify._sentences.",
    .m_size = sizeof(State),
    .m_methods = functions,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__splitter(void)
{
    return PyModuleDef_Init(&definition);
}
