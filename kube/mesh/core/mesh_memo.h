// SPDX-License-Identifier: Apache-2.0
// Answers that several questions need, made once for all of them (memoization).
//
// The chains of a thousand hosts ask for the pods of one Gateway, and a thousand VirtualServices of one host for its
// routes. Each such answer has a name and is made by one function. It depends on what was looked up for it, and its
// users depend on the answer alone: the list of what one owner's rows depend on stays short, whatever their answers are
// made from.
#ifndef GATETOP_MESH_CORE_MESH_MEMO_H
#define GATETOP_MESH_CORE_MESH_MEMO_H

#include "kube/mesh/core/mesh.h"

// Answers about one snapshot at one instant, and with one set of settings of external-dns (dns_settings.h). One thread.
struct mesh_memo;

// Makes an answer: everything in m's arena, every lookup through m. NULL is an answer, too.
typedef const void *mesh_answer_fn(const struct mesh *m, const void *question);

// The answer of that name, made where it is not there yet. The name says which function makes it, and what it is asked
// (mesh_answer_name); `question` says the same, as that function reads it. Where the mesh has no memo, the answer is
// made anew. The answer lives in the memo, or in m's arena where there is none.
const void *mesh_answer(const struct mesh *m, const char *name, mesh_answer_fn *make,
                        const void *question);
// A name of some parts, the last argument being NULL. No part has a byte 1. In the arena.
const char *mesh_answer_name(struct arena *a, ...) __attribute__((sentinel));

// Learns what the answers depend on. Called when one is made from lookups: with its key, which users note (mesh.touch),
// with what was looked up for it, and the instant at which time alone changes it (TIME_NONE: never). An answer that
// needs no lookup is made from its question alone, so nobody has to know of it.
typedef void mesh_answer_made_fn(void *self, uint64_t key, const uint64_t *looked_up, size_t n,
                                 int64_t until);

// An empty memo on the heap; `made` may be NULL.
struct mesh_memo *mesh_memo_new(mesh_answer_made_fn *made, void *self);
// NULL is fine.
void mesh_memo_free(struct mesh_memo *memo);
// The mesh with a memo in its arena, which goes with it: for one question that needs many. The mesh itself where it has
// a memo, or reports what is looked up (touch).
struct mesh mesh_with_memo(const struct mesh *m);
// Forgets all answers of a memo on the heap: the snapshot or the instant is another.
void mesh_memo_clear(struct mesh_memo *memo);
// To be called between two questions, while no answer of a memo on the heap is in use: forgets all of them where they
// take too much memory and few are used again. What is used again and again is kept, however large. NULL is fine.
void mesh_memo_trim(struct mesh_memo *memo);

#endif
