// SPDX-License-Identifier: Apache-2.0
// The authority, client certificate and client key of a configuration; files are read again
// (docs/rules/kubernetes-client.md#client-certificate). One thread.
#ifndef GATETOP_API_TLS_MATERIAL_H
#define GATETOP_API_TLS_MATERIAL_H

#include "kube/api/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A PEM text and, where it comes from a file, the file's path. The last good text stays.
struct pem_text {
    const char *file; // borrowed from the configuration; NULL if the text is inline
    char *text;       // secret memory; NULL if none
    size_t len;
};

struct tls_material {
    struct pem_text ca, cert, key;
    int64_t looked_at; // mono_ms of the newest look at the files
    bool looked;       // whether there was one since the start
    uint64_t version;  // counts changes
};

// Takes the texts and reads the files of a configuration, which is borrowed. Over plain http only the authority counts:
// a plugin is given it.
void tls_material_init(struct tls_material *m, const struct api_config *config);
// Wipes and frees the texts.
void tls_material_release(struct tls_material *m);

// Reads the files again where the newest look is at least period_ms old.
void tls_material_reload(struct tls_material *m, int64_t mono_ms, int64_t period_ms);
// When they are due (mono_ms); INT64_MAX without files.
int64_t tls_material_due(const struct tls_material *m, int64_t period_ms);

#endif
