// SPDX-License-Identifier: Apache-2.0
// Answers that several questions need, made once for all of them.
#include "kube/mesh/core/mesh_memo.h"

#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/fail.h"
#include "kube/base/mem.h"
#include "kube/base/number_set.h"
#include "kube/base/str.h"
#include "kube/base/string_map.h"
#include "kube/base/time_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

// How many bytes of answers may be kept that were not used again; more if answers were forgotten too early. They are
// judged every ROUNDS questions, and only answers older than that: the next questions may still use newer ones.
enum { COLD_BYTES = 3 << 18, ROUNDS = 8 };

struct memo_answer {
    const void *value;
    uint64_t key;
    int64_t until;  // the instant at which time alone changes it, TIME_NONE: never
    size_t bytes;   // that it took, with the answers that were made for it
    unsigned round; // in which it was made
    bool fixed;     // depends on nothing: no change makes another answer of it
    bool hot;       // was used in a later round
};

struct mesh_memo {
    struct arena *arena; // `own`, or that of a mesh
    struct arena own;
    struct string_map answers; // name -> struct memo_answer
    unsigned round;            // the questions between two calls of mesh_memo_trim()
    // Bytes of all answers before the last round: the next one may use what that one made.
    size_t old;
    size_t hot;   // bytes of hot answers
    size_t limit; // of those that are not
    size_t again; // bytes of answers that had been there before they were all forgotten
    struct number_set forgotten; // the keys of those
    mesh_answer_made_fn *made;
    void *self;
};

struct mesh_memo *mesh_memo_new(mesh_answer_made_fn *made, void *self)
{
    struct mesh_memo *memo = xcalloc(1, sizeof *memo);
    memo->made = made;
    memo->self = self;
    arena_init(&memo->own);
    memo->arena = &memo->own;
    memo->limit = COLD_BYTES;
    string_map_init(&memo->answers, memo->arena);
    return memo;
}

void mesh_memo_free(struct mesh_memo *memo)
{
    if (memo != NULL) {
        arena_release(&memo->own);
        number_set_release(&memo->forgotten);
        free(memo);
    }
}

struct mesh mesh_with_memo(const struct mesh *m)
{
    struct mesh with = *m;
    if (m->memo == NULL && m->touch == NULL) {
        with.memo = arena_alloc(m->arena, sizeof *with.memo);
        with.memo->arena = m->arena;
        string_map_init(&with.memo->answers, m->arena);
    }
    return with;
}

static void forget_all(struct mesh_memo *memo)
{
    ASSERT(memo->arena == &memo->own);
    arena_clear(memo->arena);
    string_map_init(&memo->answers, memo->arena);
    memo->old = memo->hot = memo->again = 0;
}

void mesh_memo_clear(struct mesh_memo *memo)
{
    ASSERT(memo->arena == &memo->own);
    arena_release(memo->arena); // a first list needs a megabyte, a change some kilobytes
    forget_all(memo);
    memo->limit = COLD_BYTES;
    number_set_release(&memo->forgotten);
}

// Remembers the keys of what is there.
static void remember_keys(struct mesh_memo *memo)
{
    number_set_release(&memo->forgotten);
    number_set_init(&memo->forgotten, memo->answers.n);
    uint32_t at = 0;
    for (const struct string_map_slot *s; (s = string_map_next(&memo->answers, &at)) != NULL;) {
        const struct memo_answer *answer = s->value;
        number_set_add(&memo->forgotten, answer->key);
    }
}

void mesh_memo_trim(struct mesh_memo *memo)
{
    if (memo == NULL || ++memo->round % ROUNDS != 0) {
        return;
    }
    size_t old = memo->old;
    memo->old = memo->arena->total;
    if (old <= memo->limit + 2 * memo->hot) {
        return;
    }
    if (memo->again * 4 > old) {
        memo->limit = old * 2; // it needs more room until it is used again
        return;
    }
    memo->limit = COLD_BYTES;
    remember_keys(memo);
    forget_all(memo);
}

const char *mesh_answer_name(struct arena *a, ...)
{
    va_list ap;
    size_t n = 0;
    va_start(ap, a);
    for (const char *part; (part = va_arg(ap, const char *)) != NULL;) {
        n += strlen(part) + 1;
    }
    va_end(ap);
    char *name = arena_alloc(a, n + 1), *at = name;
    va_start(ap, a);
    for (const char *part; (part = va_arg(ap, const char *)) != NULL;) {
        while (*part != '\0') {
            *at++ = *part++;
        }
        *at++ = '\1';
    }
    va_end(ap);
    return name;
}

struct lookups {
    uint64_t *at;
    size_t n, cap;
};

static void note(void *self, uint64_t key)
{
    struct lookups *l = self;
    *ARRAY_PUSH(l->at, l->n, l->cap) = key;
}

static struct memo_answer *make_answer(const struct mesh *m, const char *name, uint64_t hash,
                                       mesh_answer_fn *make, const void *question)
{
    struct mesh_memo *memo = m->memo;
    ASSERT(memo->made != NULL ||
           m->touch == NULL); // else users would not learn what they depend on
    struct lookups looked_up = {0};
    struct memo_answer *answer = arena_alloc(memo->arena, sizeof *answer);
    *answer = (struct memo_answer){
        .key = mesh_key_answer(hash), .until = TIME_NONE, .round = memo->round};
    struct mesh inner = *m;
    inner.arena = memo->arena;
    inner.until = &answer->until;
    inner.touch = memo->made != NULL ? note : NULL;
    inner.touch_self = &looked_up;
    size_t before = memo->arena->total;
    answer->value = make(&inner, question);
    answer->bytes = memo->arena->total - before;
    if (number_set_has(&memo->forgotten, answer->key)) {
        memo->again += answer->bytes;
    }
    answer->fixed = looked_up.n == 0;
    if (memo->made != NULL && !answer->fixed) {
        memo->made(memo->self, answer->key, looked_up.at, looked_up.n, answer->until);
    }
    free(looked_up.at);
    void **place = string_map_at_hashed(&memo->answers, arena_strdup(memo->arena, name), hash);
    ASSERT(*place == NULL); // an answer that needs itself
    *place = answer;
    return answer;
}

const void *mesh_answer(const struct mesh *m, const char *name, mesh_answer_fn *make,
                        const void *question)
{
    struct mesh_memo *memo = m->memo;
    if (memo == NULL) {
        return make(m, question);
    }
    uint64_t hash = str_hash(name);
    struct memo_answer *answer = string_map_get_hashed(&memo->answers, name, hash);
    if (answer == NULL) {
        answer = make_answer(m, name, hash, make, question);
    } else if (!answer->hot && answer->round != memo->round) {
        answer->hot = true;
        memo->hot += answer->bytes;
    }
    if (m->touch != NULL && !answer->fixed) {
        m->touch(m->touch_self, answer->key);
    }
    (void)mesh_reached(m, answer->until);
    return answer->value;
}
