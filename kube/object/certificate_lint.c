// SPDX-License-Identifier: Apache-2.0
// What cert-manager's webhook refuses about Certificates (docs/rules/certificates.md#webhook-certificate).
#include "kube/base/arena.h"
#include "kube/base/array.h"
#include "kube/base/ascii.h"
#include "kube/base/ip_network.h"
#include "kube/base/json.h"
#include "kube/base/str.h"
#include "kube/base/time_text.h"

#include "kube/object/certmanager_lint_internal.h"
#include "kube/object/cron_syntax_internal.h"
#include "kube/object/json_fields_internal.h"
#include "kube/object/object_names.h"
#include "kube/object/spec_part_internal.h"

#include <inttypes.h>
#include <string.h>

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_H = 24 };

// An object identifier: numbers with dots between.
static bool is_oid(const char *s, size_t n)
{
    bool digit = false;
    for (size_t i = 0; i < n; i++) {
        if (!ascii_digit(s[i]) && (s[i] != '.' || !digit)) {
            return false;
        }
        digit = s[i] != '.';
    }
    return digit && memchr(s, '.', n) != NULL;
}

// An attribute of a distinguished name: "CN=shop". What is wrong with it, NULL if nothing is; the length of a common
// name goes to *common.
static const char *attribute_problem(struct arena *a, const char *s, size_t n, size_t *common)
{
    static const char *const types[] = {"C", "O",  "OU",     "CN", "SERIALNUMBER",
                                        "L", "ST", "STREET", "DC", "UID"};
    while (n > 0 && s[0] == ' ') {
        s++;
        n--;
    }
    const char *sign = memchr(s, '=', n);
    size_t len = sign != NULL ? (size_t)(sign - s) : 0;
    while (len > 0 && s[len - 1] == ' ') {
        len--;
    }
    if (sign == NULL || len == 0) {
        return arena_printf(a, "has the part \"%.*s\", which is not TYPE=VALUE", (int)n, s);
    }
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        if (str_is(s, len, types[i])) {
            *common = str_is(s, len, "CN") ? n - (size_t)(sign + 1 - s) : *common;
            return NULL;
        }
    }
    return is_oid(s, len) ? NULL
                          : arena_printf(a, "has the type %.*s, which cert-manager does not know",
                                         (int)len, s);
}

static void check_literal_subject(const struct spec_part *spec)
{
    const char *s = part_text(spec, "literalSubject");
    size_t common = 0;
    while (!str_empty(s)) {
        size_t n = 0;
        while (s[n] != '\0' && strchr(",+;", s[n]) == NULL) {
            n += s[n] == '\\' && s[n + 1] != '\0' ? 2 : 1;
        }
        const char *problem = attribute_problem(spec->l->a, s, n, &common);
        if (problem != NULL) {
            part_refuse(spec, "literalSubject", "%s", problem);
            return;
        }
        s += s[n] != '\0' ? n + 1 : n;
    }
    if (common > 64) {
        part_refuse(spec, "literalSubject", "has a CN of %zu bytes, at most 64 are allowed",
                    common);
    }
}

static void check_subject(const struct spec_part *spec)
{
    static const char *const parts[] = {"organizations", "countries",   "organizationalUnits",
                                        "localities",    "provinces",   "streetAddresses",
                                        "postalCodes",   "serialNumber"};
    if (!part_has_text(spec, "literalSubject")) {
        return;
    }
    if (part_has_text(spec, "commonName")) {
        part_refuse(spec, "commonName", "excludes literalSubject, which has its own CN");
    }
    check_literal_subject(spec);
    struct spec_part subject = part_below(spec, "subject");
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        if (part_has(&subject, parts[i])) {
            part_refuse(spec, "subject", "excludes literalSubject");
            return;
        }
    }
}

// An address alone, as RFC 5322 has it without comments and names.
static bool is_mail_address(const char *s)
{
    const char *sign = strrchr(s, '@');
    bool quoted = s[0] == '"';
    return sign != NULL && sign != s && sign[1] != '\0' && (quoted || strchr(s, '@') == sign) &&
           (quoted || strpbrk(s, " <>,;()\"") == NULL);
}

static void check_names(const struct spec_part *spec)
{
    static const char *const lists[] = {"dnsNames", "ipAddresses", "uris", "emailAddresses",
                                        "otherNames"};
    const char *literal = part_text(spec, "literalSubject");
    bool any =
        part_has_text(spec, "commonName") || (literal != NULL && strstr(literal, "CN=") != NULL);
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++) {
        any = any || part_has_item(spec, lists[i]);
    }
    if (!any) {
        part_refuse(spec, NULL,
                    "has no name: one of dnsNames, commonName, ipAddresses, uris, "
                    "emailAddresses and otherNames is required");
    }
    struct spec_part list = part_below(spec, "ipAddresses");
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        if (json_string(c) != NULL && !name_is_ip(json_string(c))) {
            part_refuse(&at, NULL, "\"%s\" is no IP address", json_string(c));
        }
    }
    list = part_below(spec, "emailAddresses");
    i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        const char *s = json_string(c);
        if (s != NULL && !is_mail_address(s)) {
            part_refuse(&at, NULL, "\"%s\" is no e-mail address alone", s);
        }
    }
}

static const char *key_algorithm(const struct spec_part *spec)
{
    const char *a = json_string(json_at(spec->j, "privateKey", "algorithm", NULL));
    return str_empty(a) ? "RSA" : a;
}

static void check_key(const struct spec_part *spec)
{
    struct spec_part key = part_below(spec, "privateKey");
    int64_t size = json_int(json_get(key.j, "size"), 0);
    const char *algorithm = key_algorithm(spec);
    if (size > 0 && str_eq(algorithm, "RSA") && (size < 2048 || size > 8192)) {
        part_refuse(&key, "size", "%" PRId64 " must be between 2048 and 8192 for RSA", size);
    } else if (size > 0 && str_eq(algorithm, "ECDSA") && size != 256 && size != 384 &&
               size != 521) {
        part_refuse(&key, "size", "%" PRId64 " must be 256, 384 or 521 for ECDSA", size);
    }
    const char *signature = part_text(spec, "signatureAlgorithm");
    if (!str_empty(signature)) {
        bool fits = str_eq(algorithm, "RSA")     ? str_ends(signature, "WithRSA")
                    : str_eq(algorithm, "ECDSA") ? str_starts(signature, "ECDSAWith")
                                                 : str_eq(signature, "PureEd25519");
        if (!fits) {
            part_refuse(spec, "signatureAlgorithm", "\"%s\" does not fit the key algorithm %s",
                        signature, algorithm);
        }
    }
}

static int64_t duration_of(const struct spec_part *p, const char *key)
{
    const char *s = part_text(p, key);
    return s != NULL ? duration_parse(s) : DURATION_NONE;
}

static void check_durations(const struct spec_part *spec)
{
    int64_t life = duration_of(spec, "duration"), before = duration_of(spec, "renewBefore");
    const struct json *percent = json_get(spec->j, "renewBeforePercentage");
    bool by_share = !field_is_null(percent);
    if (life != DURATION_NONE && life < HOUR_MS) {
        part_refuse(spec, "duration", "%s must be at least 1h", part_text(spec, "duration"));
    }
    if (part_has(spec, "renewBefore") && by_share) {
        part_refuse(spec, "renewBeforePercentage", "excludes renewBefore");
    }
    // The webhook looks at the percentage only beside one of the two durations; without them it is refused at issuance.
    int64_t whole = life != DURATION_NONE ? life : (int64_t)90 * DAY_H * HOUR_MS;
    if (before != DURATION_NONE && before < 5 * MINUTE_MS) {
        part_refuse(spec, "renewBefore", "%s must be at least 5m", part_text(spec, "renewBefore"));
    } else if (before != DURATION_NONE && before >= whole) {
        part_refuse(spec, "renewBefore", "%s must be less than the duration, %s",
                    part_text(spec, "renewBefore"),
                    life != DURATION_NONE ? part_text(spec, "duration")
                                          : "2160h where none is given");
    }
    int64_t share = json_int(percent, 50);
    if (by_share && (share <= 0 || share >= 100)) {
        part_refuse(spec, "renewBeforePercentage",
                    "%" PRId64 " must be more than 0 and less than 100", share);
    } else if (by_share && life != DURATION_NONE && life / 100 * (100 - share) < 5 * MINUTE_MS) {
        part_refuse(spec, "renewBeforePercentage",
                    "%" PRId64 " of %s leaves less than 5m for the renewal", share,
                    part_text(spec, "duration"));
    }
}

static void check_renewal(const struct spec_part *spec)
{
    struct spec_part renewal = part_below(spec, "renewal");
    if (str_eq(part_text(&renewal, "policy"), "Disabled") && part_has_item(&renewal, "windows")) {
        part_refuse(&renewal, "windows", "cannot be set with policy Disabled");
        return;
    }
    struct spec_part windows = part_below(&renewal, "windows");
    size_t i = 0;
    EACH_ITEM(c, windows.j)
    {
        struct spec_part w = part_item(&windows, c, i++);
        const char *cron = part_text(&w, "cron"), *zone = part_text(&w, "timezone");
        const char *length = part_text(&w, "windowDuration");
        if (!str_empty(cron) && !cron_is_valid(cron)) {
            part_refuse(&w, "cron", "\"%s\" is not minute, hour, day, month and weekday", cron);
        }
        if (zone != NULL && !time_zone_is_known(zone)) {
            part_refuse(&w, "timezone",
                        "\"%s\" is no IANA time zone: write one such as Europe/Berlin", zone);
        }
        if (length != NULL && (strspn(length, "0123456789.smh") != strlen(length) ||
                               duration_parse(length) == DURATION_NONE)) {
            part_refuse(&w, "windowDuration",
                        "\"%s\" must be of hours, minutes and seconds, as in 2h30m", length);
        }
    }
}

static void check_keystore(const struct spec_part *keystores, const char *kind)
{
    struct spec_part store = part_below(keystores, kind);
    if (!part_exists(&store)) {
        return;
    }
    bool literal = part_has(&store, "password"),
         reference = part_has_name(&store, "passwordSecretRef");
    if (literal == reference) {
        part_refuse(&store, NULL, "needs %s of password and passwordSecretRef",
                    literal ? "only one" : "one");
    } else if (literal && !part_has_text(&store, "password")) {
        part_refuse(&store, "password", "must not be empty");
    }
}

static void check_secret_template(const struct spec_part *spec)
{
    struct spec_part template = part_below(spec, "secretTemplate");
    struct spec_part annotations = part_below(&template, "annotations");
    EACH_FIELD(c, annotations.j)
    {
        const char *key = json_key(c);
        if (str_starts(key, "cert-manager.io/") &&
            !str_eq(key, "cert-manager.io/allow-direct-injection")) {
            part_refuse(&annotations, key, "is not allowed: cert-manager writes its own");
        } else if (!name_is_label_key(str_lower(spec->l->a, key))) {
            part_refuse(&annotations, key, "is no key of an annotation");
        }
    }
    struct spec_part labels = part_below(&template, "labels");
    EACH_FIELD(c, labels.j)
    {
        if (!name_is_label_key(json_key(c))) {
            part_refuse(&labels, json_key(c), "is no key of a label");
        } else if (json_string(c) != NULL && !name_is_label_value(json_string(c))) {
            part_refuse(&labels, json_key(c), "has the value \"%s\", which no label can have",
                        json_string(c));
        }
    }
}

static void check_ranges(const struct spec_part *limits, const char *key)
{
    struct spec_part of = part_below(limits, key), ranges = part_below(&of, "ipRanges");
    size_t i = 0;
    EACH_ITEM(c, ranges.j)
    {
        struct spec_part at = part_item(&ranges, c, i++);
        const char *s = json_string(c);
        if (s != NULL && ip_network_parse(s).n == 0) {
            part_refuse(&at, NULL, "\"%s\" is no network: write one such as 10.0.0.0/8", s);
        }
    }
}

static void check_name_constraints(const struct spec_part *spec)
{
    struct spec_part limits = part_below(spec, "nameConstraints");
    if (!part_exists(&limits)) {
        return;
    }
    if (!json_bool(json_get(spec->j, "isCA"), false)) {
        part_refuse(spec, "nameConstraints", "needs isCA: true");
    }
    if (!part_has(&limits, "permitted") && !part_has(&limits, "excluded")) {
        part_refuse(spec, "nameConstraints", "needs permitted or excluded");
    }
    check_ranges(&limits, "permitted");
    check_ranges(&limits, "excluded");
}

static void check_other_names(const struct spec_part *spec)
{
    struct spec_part list = part_below(spec, "otherNames");
    size_t i = 0;
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        const char *oid = part_text(&at, "oid");
        if (str_empty(oid) || !is_oid(oid, strlen(oid))) {
            part_refuse(&at, "oid", "must be an object identifier, as in 1.3.6.1.4.1.311.20.2.3");
        }
        if (!part_has_text(&at, "utf8Value")) {
            part_refuse(&at, "utf8Value", "is required");
        }
    }
}

static void check_formats(const struct spec_part *spec)
{
    struct spec_part list = part_below(spec, "additionalOutputFormats");
    size_t i = 0;
    const char *first = NULL; // there are two types only
    EACH_ITEM(c, list.j)
    {
        struct spec_part at = part_item(&list, c, i++);
        const char *type = part_text(&at, "type");
        if (i > 1 && type != NULL && (str_eq(type, first) || i > 2)) {
            part_refuse(&at, "type", "\"%s\" is there twice", type);
        }
        first = i == 1 ? type : first;
    }
}

static void check_output(const struct spec_part *spec)
{
    check_secret_template(spec);
    check_formats(spec);
    struct spec_part keystores = part_below(spec, "keystores");
    check_keystore(&keystores, "jks");
    check_keystore(&keystores, "pkcs12");
    const struct json *history = json_get(spec->j, "revisionHistoryLimit");
    if (json_type(history) == JSON_NUMBER && json_int(history, 1) < 1) {
        part_refuse(spec, "revisionHistoryLimit", "must be at least 1");
    }
}

void certificate_lint(const struct spec_part *spec)
{
    part_check_name(spec, "secretName");
    part_check_issuer_ref(spec);
    check_subject(spec);
    check_names(spec);
    check_other_names(spec);
    check_key(spec);
    check_durations(spec);
    check_renewal(spec);
    check_output(spec);
    check_name_constraints(spec);
}
