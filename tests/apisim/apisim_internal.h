// SPDX-License-Identifier: Apache-2.0
// What the simulator's files share. Every function here expects sim->lock to be held, unless it says so.
#ifndef GATETOP_TESTS_APISIM_APISIM_INTERNAL_H
#define GATETOP_TESTS_APISIM_APISIM_INTERNAL_H

#include "kube/base/attr.h"
#include "kube/base/buf.h"

#include "tests/apisim/apisim.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct json;

enum { SIM_KINDS_MAX = 32, SIM_VERSIONS_MAX = 4, SIM_FAULTS_MAX = 256 };

// One served kind. versions: preferred first, NULL ends them.
struct sim_kind {
    const char *group, *versions[SIM_VERSIONS_MAX], *plural, *kind;
    bool namespaced, custom;
    const char *manager; // who writes it, for managedFields
};
extern const struct sim_kind SIM_KINDS[];
extern const size_t SIM_KIND_COUNT;

// The JSON is kept as text in two parts, since built-in lists carry no kind per item and a metadata-only
// answer needs just the first part. Immutable, counted.
struct sim_object {
    unsigned refs;
    char *key;       // "ns/name" or "name"; the order of etcd
    char *ns, *name; // ns "" at the cluster scope
    char uid[37];
    uint64_t rv;
    char *meta, *rest; // {"name":...} and "spec":{...},"status":{...} (may be "")
    char *raw;         // a recorded object's own bytes, NULL otherwise
};

enum sim_event_type { EV_ADDED, EV_MODIFIED, EV_DELETED, EV_BOOKMARK };
struct sim_event {
    enum sim_event_type type;
    uint64_t rv;
    struct sim_object *obj, *prev; // after (for a deletion: the last state, with its rv) and before
    char *raw;                     // a recorded line, NULL otherwise
};

struct sim_resource {
    const struct sim_kind *kind;
    bool present;
    int init_429;                // lists still to be refused after the CRD came
    unsigned epoch;              // watches of an older one are over
    struct sim_object **objects; // sorted by key
    size_t count, cap;
    struct sim_event *events; // oldest first
    size_t nevents, ecap;
    uint64_t first;     // number of events[0], counted since the start
    uint64_t compacted; // history up to and with this rv is gone
    char *raw_list;     // a recorded list body, until the first change
    size_t watches;     // open ones
};

struct sim_user {
    char *name, *token; // token NULL: expired
    char *rules[32];
    size_t nrules;
};

enum sim_fault_kind {
    F_STATUS,
    F_DELAY,
    F_CUT,
    F_BLACKHOLE,
    F_RATE,
    F_DRIP,
    F_CHUNK,
    F_SPLIT,
    F_CORRUPT,
    F_END,
    F_COMPACT,
    F_ROLLBACK,
    F_EXPIRE,
    F_DROP,
    F_HEADER,
    F_KINDS
};
struct sim_number {
    uint64_t n;
    bool random; // uniform below n
};
struct sim_fault {
    int id;
    enum sim_fault_kind kind;
    struct sim_number n;
    char verb[12], method[12], resource[96], path[128], user[64];
    uint64_t nth, every, after, times;
    uint64_t size; // of a status answer's body, at least
    double p;
    enum apisim_cut how;
    uint32_t code;
    int retry_after; // -1: none
    char body[8], message[128];
    char file[256]; // whose text is the body; "": none
    uint64_t seen, fired;
};

// What the fired rules make of one answer. UINT64_MAX: off.
struct sim_plan {
    int64_t delay_ms;
    uint64_t cut_at, rate, drip_ms, chunk, split, corrupt_at, end_after;
    enum apisim_cut how;
    uint32_t code;
    bool drop;       // no header either
    uint64_t header; // bytes more in the header
};

struct sim_seen {
    struct apisim_seen r;
    const struct sim_kind *kind;
};

struct sim_replay;
struct sim_story;
struct sim_net;
struct sim_dns;

struct apisim {
    pthread_mutex_t lock;
    pthread_cond_t asked;
    struct apisim_options o;
    struct sim_resource res[SIM_KINDS_MAX];
    uint64_t rv;
    uint64_t random;
    uint64_t next_uid, next_audit;
    struct {
        char group[64], version[16];
    } hidden[16]; // versions that are not served
    size_t nhidden;
    char stale[8][64];
    size_t nstale;
    struct sim_user users[32];
    size_t nusers;
    struct sim_fault faults[SIM_FAULTS_MAX];
    size_t nfaults;
    int next_fault;
    uint64_t fired[F_KINDS];
    struct sim_seen *seen;
    size_t nseen, seen_cap;
    struct sim_replay *replay;
    struct sim_story *story;
    struct sim_net *net; // NULL without a transport
    struct sim_dns *dns; // NULL without
    bool swallow;        // apisim_blackhole
};

#define RV_NONE UINT64_MAX

// ---- kinds (apisim_kinds.c)
// "plural" or "plural.group"; NULL if there is none or two groups have it.
struct sim_resource *sim_find(struct apisim *s, const char *resource);
// By the apiVersion and kind of an object; NULL if there is none.
struct sim_resource *sim_find_kind(struct apisim *s, const char *api_version, const char *kind);
// By a path; NULL if that version is not served. *served_version is a string of the kind's.
struct sim_resource *sim_find_path(struct apisim *s, const char *group, const char *version,
                                   const char *plural, const char **served_version);
// Whether the group's aggregated server is down.
bool sim_is_stale(struct apisim *s, const char *group);
// "group/version", or "version" of the core group, into out.
const char *sim_api_version(const struct sim_kind *k, const char *version, char out[96]);

// ---- objects (apisim_store.c)
// One with a reference; its texts are empty except for names and key.
struct sim_object *sim_object_new(const char *ns, const char *name);
struct sim_object *sim_object_ref(struct sim_object *o);
// NULL is fine.
void sim_object_unref(struct sim_object *o);
// The index of key, or where it would go; *found says which.
size_t sim_index(const struct sim_resource *r, const char *key, bool *found);
// As apisim_apply and apisim_delete.
uint64_t sim_apply(struct apisim *s, const struct json *object, struct err *err);
uint64_t sim_delete(struct apisim *s, struct sim_resource *r, const char *key);
// Puts a finished object in and records the event; takes over o and raw.
void sim_put(struct apisim *s, struct sim_resource *r, struct sim_object *o, char *raw);
// Takes the object at `at` out and records the event with this resourceVersion; takes over raw.
void sim_drop(struct apisim *s, struct sim_resource *r, size_t at, uint64_t rv, char *raw);
// Adds an event to the history, whose oldest goes where it is full; takes over what it holds.
void sim_record(struct apisim *s, struct sim_resource *r, struct sim_event e);
// Removes all objects and history, without events.
void sim_clear(struct apisim *s);
// The objects as of rv, each with a reference; NULL if the history does not reach back.
struct sim_object **sim_snapshot(const struct sim_resource *r, uint64_t rv, size_t *count);
void sim_snapshot_free(struct sim_object **objects, size_t count);
// As apisim_compact and apisim_rollback; false if there is nothing to do, or no way.
bool sim_compact(struct apisim *s);
bool sim_rollback(struct apisim *s, uint64_t rv);
// The next number of a xorshift, from the seed.
uint64_t sim_random(struct apisim *s);
// Appends one object's JSON. as_meta: PartialObjectMetadata; typed: with kind and apiVersion.
void sim_print(const struct sim_kind *k, const char *version, const struct sim_object *o,
               bool as_meta, bool typed, struct buf *out);
// The object as a tree, the caller's.
struct json *sim_tree(const struct sim_kind *k, const struct sim_object *o);

// ---- what a server adds and how it spells it (apisim_meta.c, apisim_time.c)
// Appends JSON with its keys in alphabetical order.
void sim_print_sorted(const struct json *j, struct buf *out);
// Replaces "@-40d" and the like in a tree by instants.
void sim_resolve_times(struct json *j, int64_t now);
// managedFields of an object that is written now; the caller's.
struct json *sim_managed_fields(const struct sim_kind *k, const struct json *object, int64_t now);
// Appends JSON as the server prints it for curl: two spaces.
void sim_pretty(const char *text, size_t n, struct buf *out);
// The instant of "@now", "@+1h30m", "@-40d" in seconds; TIME_NONE if s is none.
int64_t sim_time_of(const char *s, int64_t now);

// ---- selectors (apisim_select.c)
struct sim_selector;
// NULL with *err where the text is no selector or names an unsupported field.
struct sim_selector *sim_selector_new(const struct sim_kind *k, const char *labels,
                                      const char *fields, struct err *err);
// NULL is fine.
void sim_selector_free(struct sim_selector *sel);
// Whether it selects everything.
bool sim_selector_empty(const struct sim_selector *sel);
bool sim_selects(const struct sim_selector *sel, const struct sim_kind *k,
                 const struct sim_object *o);

// ---- requests (apisim_request.c)
struct sim_query { // decoded; "" if absent, has_ where an empty value matters
    char *rv, *match, *cont, *labels, *fields;
    bool watch, bookmarks, initial, has_initial, dry_run;
    int64_t limit; // 0: none
    int64_t timeout_s;
};
struct sim_target {   // a path taken apart
    const char *verb; // list watch get create update patch delete discovery health other
    struct sim_resource *res;
    const char *version;
    char *ns, *name, *group;
    bool core;
    char *sub;
    struct sim_query q;
};
// Takes a request's path and query apart; release frees what it made.
void sim_target_parse(struct apisim *s, const struct apisim_request *r, struct sim_target *t);
void sim_target_release(struct sim_target *t);
// The path of a target without its query, heap.
char *sim_path_of(const char *target);

// ---- answers (apisim_response.c)
struct sim_watch;
struct sim_response {
    int status;
    const char *content_type;
    char *names[12], *values[12];
    size_t nheaders;
    struct buf body;
    struct sim_watch *watch;
    bool gzip;         // the client takes gzip
    bool empty_stream; // 200 and nothing
    int64_t delay_ms;
    const char *curl_like; // pretty-print
};
// Adds a header line.
void sim_header(struct sim_response *r, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
// Makes it a Status object. details "" leaves details out.
void sim_status(struct sim_response *r, int code, const char *reason, const char *details,
                const char *fmt, ...) PRINTF_LIKE(5, 6);
// Makes it the 404 of an object that does not exist.
void sim_not_found(const struct sim_target *t, struct sim_response *out);

// ---- the parts of the API
// LIST (apisim_list.c).
void sim_list(struct apisim *s, struct sim_resource *r, const struct sim_target *t, bool as_meta,
              struct sim_response *out);
// WATCH (apisim_watch.c): NULL if the answer is an error, which is in out.
struct sim_watch *sim_watch_new(struct apisim *s, struct sim_resource *r,
                                const struct sim_target *t, bool as_meta, int64_t now_ms,
                                struct sim_response *out);
void sim_watch_free(struct sim_watch *w);
// Appends frames (at most some 64 KiB). WAIT with *wake_ms, END at its end.
enum apisim_io sim_watch_pull(struct sim_watch *w, int64_t now_ms, struct buf *out,
                              int64_t *wake_ms);
// /api, /apis and what is below them without objects (apisim_discovery.c).
void sim_discover(struct apisim *s, const struct sim_target *t, const char *path,
                  const char *accept, const char *if_none_match, struct sim_response *out);
// POST, PUT, PATCH, DELETE (apisim_write.c), and the merge patch of RFC 7386.
void sim_write(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
               struct sim_response *out);
void sim_merge(struct json *to, const struct json *patch);
// The whole answer except for faults (apisim_api.c). user: whom the credentials name, "" nobody.
void sim_answer(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                const char *user, int64_t now_ms, struct sim_response *out);

// ---- users (apisim_user.c)
// Whom the credentials of a request name, "" nobody; borrowed from one of the two.
const char *sim_user_of(struct apisim *s, const struct apisim_request *r);
// NULL if there is no such user.
struct sim_user *sim_user(struct apisim *s, const char *name);
// Adds a user or gives it another token; NULL: none.
void sim_set_user(struct apisim *s, const char *name, const char *token);
// Whether the user's rules allow it; ns NULL: at the cluster scope.
bool sim_allowed(struct apisim *s, const char *user, const char *verb, const char *group,
                 const char *plural, const char *ns);

// ---- faults (apisim_fault.c)
// Fires the rules; may fill *out (status) and returns true then.
bool sim_faults(struct apisim *s, const struct apisim_request *r, const struct sim_target *t,
                const char *user, struct sim_plan *plan, struct sim_response *out);

// After a GOAWAY the exchange continues as if there were no cut (apisim_exchange.c).
void sim_exchange_go_on(struct apisim_exchange *x);

// ---- parts with their own state; NULL is fine
void sim_replay_free(struct sim_replay *p);
void sim_story_free(struct sim_story *st);
// Without the lock.
void sim_dns_stop(struct sim_dns *d);

// ---- transports (called without the lock)
struct sim_tls {
    char *ca, *cert, *key, *client_cert, *client_key; // PEM
};
// Makes an authority, a server's and a client's certificate (apisim_tls.c); release frees them.
bool sim_tls_make(struct sim_tls *t, bool common_name_only, struct err *err);
void sim_tls_release(struct sim_tls *t);
// A chain (leaf and issuer, base64 of PEM, heap) for "@cert NAME[,NAME]... FROM TO"; NULL for other text.
char *sim_issued(const char *spec, int64_t now);

struct sim_net { // the base of a transport
    struct apisim *sim;
    pthread_t thread;
    int wake_fd, listen_fd, epoll_fd;
    int port;
    char url[64];
    struct sim_tls tls;
    // Requests to the thread, under sim->lock.
    bool stop, drop_fin, drop_rst, goaway, refuse;
    size_t connections;
    uint64_t next_conn;
    void (*free)(struct sim_net *);
};
// Starts a transport's thread; NULL with *err where the port cannot be had.
struct sim_net *sim_h2_start(struct apisim *s, struct err *err);
struct sim_net *sim_h1_start(struct apisim *s, struct err *err);
// Opens the listening socket, epoll and the wake-up of a transport (apisim_net.c).
bool sim_listen(struct sim_net *n, int port, struct err *err);
// The next timer of the simulator and of `wake_ms`, as an epoll timeout.
int sim_timeout(int64_t wake_ms, int64_t now_ms);
// Something changed: the transport looks again. With the lock.
void sim_wake(struct apisim *s);

#endif
