// SPDX-License-Identifier: Apache-2.0
// The recorded answers of the real programs: tests/fixtures/corpus. A test that needs them fails where they are
// missing.
#ifndef GATETOP_TESTS_SUPPORT_CORPUS_H
#define GATETOP_TESTS_SUPPORT_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

// The folder; fails the test where it is missing.
const char *corpus_dir(void);

struct corpus_files { // full paths in byte order
    char **at;
    size_t n, cap;
};
// The files below DIR/sub (one level of folders deep where `deep`) whose name starts with head and ends
// with tail. Fails the test where there is none.
struct corpus_files corpus_list(const char *sub, const char *head, const char *tail, bool deep);
void corpus_files_release(struct corpus_files *f);
#endif
