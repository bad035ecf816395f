// SPDX-License-Identifier: Apache-2.0
// A kubeconfig file: every problem is one clean line with the file's name.
#include "kube/base/arena.h"
#include "kube/base/buf.h"
#include "kube/base/fail.h"
#include "kube/base/text.h"
#include "kube/base/url.h"

#include "kube/api/environment_proxy.h"
#include "kube/api/kubeconfig.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

FUZZ_ENTRY(kubeconfig)

static void check_problems(const struct buf *problems)
{
    for (const char *s = problems->data; s != NULL && *s != '\0';) {
        size_t n = strcspn(s, "\n");
        ASSERT(s[n] == '\n' && n > 0 && text_is_clean(s, n) && strncmp(s, "/fuzz/config", 12) == 0);
        s += n + 1;
    }
}

static void check_url(const char *text)
{
    struct arena a;
    struct url u;
    const char *why = NULL;
    arena_init(&a);
    if (text != NULL) {
        ASSERT(url_split(&a, text, &u, &why) ? *u.host != '\0' && u.port <= 65535 : why != NULL);
    }
    arena_release(&a);
}

int fuzz_kubeconfig(const uint8_t *data, size_t size)
{
    struct kubeconfig k;
    struct buf problems;
    memset(&k, 0, sizeof k);
    arena_init(&k.arena);
    buf_init(&problems, 0);
    kubeconfig_parse(&k, "/fuzz/config", (const char *)data, size, &problems);
    check_problems(&problems);
    for (size_t i = 0; i < k.cluster_count; i++) {
        ASSERT(kubeconfig_cluster(&k, k.clusters[i].name) == &k.clusters[i]); // names are unique
        check_url(k.clusters[i].server);
        check_url(k.clusters[i].proxy_url);
    }
    for (size_t i = 0; i < k.user_count; i++) {
        ASSERT(kubeconfig_user(&k, k.users[i].name) == &k.users[i]);
        ASSERT(k.users[i].token_file == NULL || k.users[i].token_file[0] == '/');
    }
    for (size_t i = 0; i < k.context_count; i++) {
        ASSERT(kubeconfig_context(&k, k.contexts[i].name) == &k.contexts[i]);
    }
    buf_release(&problems);
    kubeconfig_release(&k);
    return 0;
}
