// SPDX-License-Identifier: Apache-2.0
// A snapshot of the sample platform.
#include "tests/support/platform.h"

#include "kube/store/store.h"

#include "kube/mesh/chain/app_rows.h"
#include "kube/mesh/chain/app_updater.h"

#include "tests/support/world.h"

#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on

// Names that are hard to draw: wide characters, combining marks, right to left, very long.
static const char awkward[] =
    "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: "
    "\"\xE7\xBD\x91\xE5\x85\xB3\xE7\xBD\x91\xE5\x85\xB3\", namespace: storefront-production}, "
    "spec: {hosts: [\"\xE7\xBD\x91\xE5\x85\xB3.e\xCC\x81.example.com\", "
    "\"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D.example.com\", "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    "bbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccc.example.com], gateways: "
    "[cart-gateway], http: [{route: [{destination: {host: \"\xE7\xBD\x91\"}}]}]}}";

static const struct snapshot *snap;
static struct app_updater *apps;

int platform_open(void **state)
{
    (void)state;
    struct store *s = store_new();
    apps = app_updater_new(NULL);
    store_on_change(s, app_updater_changed, apps);
    world_put_path(s, "tests/fixtures/platform");
    world_put(s, awkward);
    store_files_read(s, true);
    for (int k = 0; k < KIND_COUNT; k++) {
        app_updater_kind_state_changed(apps, (enum kind)k);
    }
    snap = store_publish(s, app_updater_run(apps, store_view(s), PLATFORM_NOW), app_rows_unref);
    store_free(s);
    return 0;
}

int platform_close(void **state)
{
    (void)state;
    snapshot_unref(snap);
    app_updater_free(apps);
    return 0;
}

void platform_look(struct platform_look *l)
{
    static const struct view_options usual;
    arena_init(&l->arena);
    l->args = (struct view_args){
        .snap = snap, .arena = &l->arena, .now = PLATFORM_NOW, .options = &usual};
}
