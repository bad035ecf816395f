// SPDX-License-Identifier: Apache-2.0
// PEM texts of a configuration, and their files.
#include "kube/api/tls_material.h"

#include "kube/base/buf.h"
#include "kube/base/clock.h"
#include "kube/base/err.h"
#include "kube/base/log.h"
#include "kube/base/secret.h"

#include "kube/api/config_file.h"

#include <string.h>

enum { FILE_MAX = 1024 * 1024 };

// True if the file has another text than before.
static bool pem_read(struct pem_text *p)
{
    if (p->file == NULL) {
        return false;
    }
    struct buf b;
    char why[ERRNO_TEXT_SIZE];
    buf_init_secret(&b, FILE_MAX);
    bool changed = false;
    if (!config_file_read(p->file, &b, why)) {
        log_line("credential", LOG_WARN, "cannot read %s: %s; the last content is used", p->file,
                 why);
    } else if (b.len > 0 && (b.len != p->len || memcmp(b.data, p->text, b.len) != 0)) {
        secret_free(p->text);
        p->len = b.len;
        p->text = buf_take(&b);
        changed = true;
    }
    buf_release(&b);
    return changed;
}

static void pem_init(struct pem_text *p, const struct pem_source *from)
{
    *p = (struct pem_text){.file = from->data == NULL ? from->file : NULL};
    if (from->data != NULL) {
        p->text = secret_strndup(from->data, from->len);
        p->len = from->len;
    }
    (void)pem_read(p);
}

void tls_material_init(struct tls_material *m, const struct api_config *config)
{
    *m = (struct tls_material){.looked_at = clock_mono_ms()};
    pem_init(&m->ca, &config->ca);
    if (!config->plain_http) {
        pem_init(&m->cert, &config->client_cert);
        pem_init(&m->key, &config->client_key);
    }
}

void tls_material_release(struct tls_material *m)
{
    secret_free(m->ca.text);
    secret_free(m->cert.text);
    secret_free(m->key.text);
}

static bool has_files(const struct tls_material *m)
{
    return m->ca.file != NULL || m->cert.file != NULL || m->key.file != NULL;
}

void tls_material_reload(struct tls_material *m, int64_t mono_ms, int64_t period_ms)
{
    if (!has_files(m) || (m->looked && mono_ms - m->looked_at < period_ms)) {
        return;
    }
    m->looked = true;
    m->looked_at = mono_ms;
    bool ca = pem_read(&m->ca), cert = pem_read(&m->cert), key = pem_read(&m->key);
    if (ca || cert || key) {
        m->version++;
        log_line("credential", LOG_INFO, "certificate files changed; connections are opened again");
    }
}

int64_t tls_material_due(const struct tls_material *m, int64_t period_ms)
{
    return has_files(m) ? m->looked_at + period_ms : INT64_MAX;
}
