// SPDX-License-Identifier: Apache-2.0
// The Certificate of a world that is put together from parts.
#include "tests/support/certyaml.h"

#include "kube/base/time_text.h"

#include "kube/object/certmanager_objects.h"

#include "kube/mesh/cert/certificate_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

// clang-format off
#include <cmocka.h>
// clang-format on

struct certificate_status certyaml_status(struct world *w, const char *yaml)
{
    struct certificate_status s;
    world_open(w, yaml, time_parse(NOW));
    const struct object *o = mesh_get(&w->mesh, KIND_CERTIFICATE, "a", "web");
    assert_non_null(o);
    certificate_status_fill(&w->mesh, OBJECT_AS(certificate, o), &s);
    return s;
}
