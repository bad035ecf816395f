// SPDX-License-Identifier: Apache-2.0
// What each fuzz target starts with; see README.md.
#ifndef GATETOP_TESTS_FUZZ_FUZZ_H
#define GATETOP_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

// FUZZ_ENTRY(name): after this the target defines `int fuzz_name(const uint8_t *data, size_t size)`,
// which returns 0 and must free all it made.
#ifdef GATETOP_LIBFUZZER
#define FUZZ_ENTRY(name)                                                                           \
    int fuzz_##name(const uint8_t *data, size_t size);                                             \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);                                  \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                   \
    {                                                                                              \
        return fuzz_##name(data, size);                                                            \
    }
#else
#define FUZZ_ENTRY(name) int fuzz_##name(const uint8_t *data, size_t size);
#endif

#endif
