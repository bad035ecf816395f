// SPDX-License-Identifier: Apache-2.0
// Texts and arrays that many objects have: kept from the third use on, for ever, within bounds.
#include "kube/base/err.h"

#include "kube/object/decode.h"
#include "kube/object/istio_objects.h"
#include "kube/object/kubernetes_objects.h"
#include "kube/object/shared_text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

static const char *share(const char *s)
{
    return shared_text(s, strlen(s));
}

static void a_text_is_kept_from_its_third_use_on(void **state)
{
    (void)state;
    assert_null(share("first.use"));
    assert_null(share("first.use"));
    const char *kept = share("first.use");
    assert_string_equal(kept, "first.use");
    assert_ptr_equal(share("first.use"), kept);
    assert_null(share("first.us"));
    char cut[] = "first.use and more"; // n bytes, not up to a NUL
    assert_ptr_equal(shared_text(cut, 9), kept);
}

static void a_long_text_is_not_kept(void **state)
{
    (void)state;
    char text[SHARED_TEXT_LONGEST + 2];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 3; i++) {
        assert_null(shared_text(text, sizeof text - 1));
        const char *kept = shared_text(text, SHARED_TEXT_LONGEST);
        assert_int_equal(kept != NULL, i > 1);
        assert_true(kept == NULL || strlen(kept) == SHARED_TEXT_LONGEST);
    }
}

static const struct service *decode(const char *json)
{
    struct err err;
    return OBJECT_AS(service,
                     object_decode_text(KIND_SERVICE, "v1", json, strlen(json), NULL, &err));
}

// A text's third use may be in the middle of an object: all of the object's uses are right all the same.
static void objects_share_their_words(void **state)
{
    (void)state;
    static const char json[] =
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"same\",\"labels\":{\"word\":\"word\"}},"
        "\"spec\":{\"selector\":{\"word\":\"same\"}}}";
    const struct service *first = decode(json), *x = decode(json), *y = decode(json);
    assert_string_equal(x->o.ns, "same");
    assert_string_equal(x->o.labels.at[0].key, "word");
    assert_string_equal(x->selector.at[0].value, "same");
    assert_ptr_equal(y->o.ns, y->selector.at[0].value);
    assert_ptr_equal(y->o.labels.at[0].key, x->selector.at[0].key);
    assert_true(y->o.name != x->o.name);
    object_unref(&first->o);
    object_unref(&x->o);
    assert_string_equal(y->selector.at[0].key, "word");
    object_unref(&y->o);
}

static const struct virtualservice *decode_route(const char *json)
{
    struct err err;
    return OBJECT_AS(virtualservice,
                     object_decode_text(KIND_VIRTUALSERVICE, "v1", json, strlen(json), NULL, &err));
}

// What follows a kept array is decoded as ever. An array with something of the object's own in it is not kept.
static void objects_share_their_arrays(void **state)
{
    (void)state;
    static const char json[] =
        "{\"metadata\":{\"name\":\"a\",\"labels\":{\"shared.key\":\"shared.value\"}},\"spec\":{\"http\":["
        "{\"match\":[{\"uri\":{\"prefix\":\"/shared\"}},{\"uri\":{\"exact\":\"/also\"}}],\"name\":\"first\"},"
        "{\"match\":[{\"uri\":{\"prefix\":\"/shared\"},\"port\":80}],\"name\":\"second\"},"
        "{\"match\":[{\"uri\":{\"prefix\":\"/\303\251\"}}],\"name\":\"third\"}]}}";
    const struct virtualservice *last = NULL;
    for (int i = 0; i < 12; i++) {
        const struct virtualservice *v = decode_route(json);
        assert_string_equal(v->o.labels.at[0].key, "shared.key");
        assert_string_equal(v->o.labels.at[0].value, "shared.value");
        assert_int_equal(v->nhttp, 3);
        assert_int_equal(v->http[0].nmatches, 2);
        assert_string_equal(v->http[0].matches[0].uri.text, "/shared");
        assert_int_equal(v->http[0].matches[1].uri.type, MATCH_EXACT);
        assert_string_equal(v->http[0].name, "first");
        assert_int_equal(v->http[1].matches[0].more->port, 80);
        assert_string_equal(v->http[1].name, "second");
        assert_string_equal(v->http[2].matches[0].uri.text, "/\303\251");
        assert_string_equal(v->http[2].name, "third");
        if (i == 11) {
            assert_ptr_equal(v->o.labels.at, last->o.labels.at);
            assert_ptr_equal(v->http[0].matches, last->http[0].matches);
            assert_ptr_not_equal(v->http[1].matches, last->http[1].matches);
            assert_ptr_not_equal(v->http[2].matches, last->http[2].matches);
        }
        object_unref(last != NULL ? &last->o : NULL);
        last = v;
    }
    object_unref(&last->o);
}

static void *share_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < 4000; i++) {
        char text[32];
        snprintf(text, sizeof text, "thread.%d", i % 400);
        const char *kept = share(text);
        assert_true(kept == NULL || strcmp(kept, text) == 0);
    }
    return NULL;
}

static void threads_share(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, share_many, NULL), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    for (int i = 0; i < 400; i++) {
        char text[32];
        snprintf(text, sizeof text, "thread.%d", i);
        // Another thread's text may have taken this one's place among those remembered, so it is shared more often.
        (void)share(text);
        (void)share(text);
        const char *kept = share(text);
        assert_non_null(kept);
        assert_ptr_equal(share(text), kept);
    }
}

// The last test: afterwards nothing new is kept.
static void their_number_is_bounded(void **state)
{
    (void)state;
    const char *first = share("first.use");
    int kept = 0;
    for (int i = 0; i < 2 * SHARED_TEXT_MOST; i++) {
        char text[32];
        snprintf(text, sizeof text, "many.%d", i);
        (void)share(text);
        (void)share(text);
        kept += share(text) != NULL;
    }
    assert_in_range(kept, SHARED_TEXT_MOST / 2, SHARED_TEXT_MOST);
    assert_ptr_equal(share("first.use"), first);
    const struct service *x = decode(
        "{\"metadata\":{\"name\":\"a\",\"namespace\":\"new.1\",\"labels\":{\"new.1\":\"\"}}}");
    assert_string_equal(x->o.ns, "new.1");
    object_unref(&x->o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_kept_from_its_third_use_on),
        cmocka_unit_test(a_long_text_is_not_kept),
        cmocka_unit_test(objects_share_their_words),
        cmocka_unit_test(objects_share_their_arrays),
        cmocka_unit_test(threads_share),
        cmocka_unit_test(their_number_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
