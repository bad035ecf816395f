// SPDX-License-Identifier: Apache-2.0
// The API simulator: an in-memory Kubernetes API server for the demo, the tests and fault injection.
//
// Three parts, each usable alone:
//  1. the API without a transport: apisim_new, apisim_exchange_* (a request in, header and body bytes out,
//     the time is an argument). It follows the rules for lists, watches and discovery:
//     docs/rules/kubernetes-client.md#list-resource-version, docs/rules/kubernetes-client.md#watch-events,
//     docs/rules/kubernetes-client.md#discovery-documents.
//  2. faults: apisim_fault, one line of text a rule, also read from a file
//     (docs/rules/kubernetes-client.md#simulator-faults).
//  3. transports: apisim_start serves part 1 from its own thread, HTTP/2 over TLS or HTTP/1.1.
//
// All functions on a running simulator are thread-safe (one lock); a change is visible to open watches
// before the call returns and reaches their sockets at once.
#ifndef GATETOP_TESTS_APISIM_APISIM_H
#define GATETOP_TESTS_APISIM_APISIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct apisim;

enum apisim_transport {
    APISIM_H2_TLS,   // HTTP/2 over TLS, ALPN h2: the default
    APISIM_H1_PLAIN, // HTTP/1.1 without TLS
    APISIM_H1_TLS,   // HTTP/1.1 over TLS
};

enum apisim_discovery { APISIM_DISCOVERY_V2, APISIM_DISCOVERY_V2BETA1, APISIM_DISCOVERY_LEGACY };

// Zero is the default of every field.
struct apisim_options {
    enum apisim_transport transport;
    int port;                        // 0: any free one, on 127.0.0.1
    enum apisim_discovery discovery; // the newest form that is served
    uint64_t seed;                   // of uids and of fault probabilities; 0: 1
    uint64_t first_rv;               // the resourceVersion before the first change; 0: 1000
    size_t history;                  // events kept for a resource; 0: 5000
    int bookmark_ms;                 // between bookmarks of a watch; 0: 60 s
    int too_large_delay_ms;          // before the 504 for a resourceVersion of the future; 0: 100
    size_t page_max;                 // objects of a page, whatever limit is asked for; 0: the limit
    bool watchlist_off;              // sendInitialEvents is answered with 422
    bool no_gzip;                    // never compress
    bool common_name_only; // its certificate: "apisim.test" as common name, no alternative names
    int date_skew;         // seconds that its clock (the Date header) is ahead of ours
    bool quiet;            // start without the users "admin" and "viewer" (see apisim_user)
};

// ---- life

// A simulator without a transport (apisim_exchange_*). Never NULL.
struct apisim *apisim_new(const struct apisim_options *options); // NULL: all defaults
// The same, served by its own thread until apisim_stop. NULL if the port cannot be had.
struct apisim *apisim_start(const struct apisim_options *options, struct err *err);
// Ends the thread (connections are cut) and frees everything. NULL is fine. Also ends what apisim_new made.
void apisim_stop(struct apisim *sim);

// Borrowed, fixed for the simulator's life. "" / 0 without a transport.
const char *apisim_url(const struct apisim *sim); // "https://127.0.0.1:43211"
int apisim_port(const struct apisim *sim);
const char *apisim_ca_pem(const struct apisim *sim); // NULL over plain HTTP
// The client certificate (CN "cert-admin", all rights) and its key; NULL over plain HTTP.
const char *apisim_client_cert_pem(const struct apisim *sim);
const char *apisim_client_key_pem(const struct apisim *sim);
// Writes a kubeconfig for `user` (NULL: the client certificate) with CA data inside, mode 0600.
bool apisim_write_kubeconfig(struct apisim *sim, const char *path, const char *user,
                             struct err *err);

// ---- objects

// Creates or replaces one object (JSON; apiVersion, kind, metadata.name needed). Fills in what a server
// fills in: uid, resourceVersion, creationTimestamp, generation, managedFields, an ownerReference's uid.
// Text values that are exactly "@now", "@-40d", "@+1h30m" become that instant, "@cert NAME[,NAME]... FROM TO" the
// base64 PEM of a fresh certificate chain. Equal to what is stored:
// nothing happens. Returns the object's resourceVersion, 0 with *err.
uint64_t apisim_apply(struct apisim *sim, const char *json, struct err *err);
// RFC 7386 merge patch of an existing object. resource is a plural, with ".group" where it is ambiguous
// ("gateways.networking.istio.io"); ns "" or NULL for cluster scope.
uint64_t apisim_patch(struct apisim *sim, const char *resource, const char *ns, const char *name,
                      const char *patch, struct err *err);
// The deletion's resourceVersion, 0 if there was no such object.
uint64_t apisim_delete(struct apisim *sim, const char *resource, const char *ns, const char *name);
// The object's JSON text (heap), NULL if there is none.
char *apisim_object(struct apisim *sim, const char *resource, const char *ns, const char *name);
// "ns/name uid resourceVersion\n" of every object of the resource in key order (heap): the oracle.
char *apisim_dump(struct apisim *sim, const char *resource);
// Every object as one List (JSON, heap), placeholders resolved: a manifest for readers of files.
char *apisim_manifest(struct apisim *sim);
size_t apisim_count(struct apisim *sim, const char *resource);
uint64_t apisim_rv(struct apisim *sim);

// Loads *.yaml, *.yml and *.json of a folder (by name), or one file: multi-document, List kinds too.
bool apisim_load(struct apisim *sim, const char *path, struct err *err);
// N synthetic applications: for each ten a Namespace, Certificate, CertificateRequest, Order and Secret,
// for each one a Gateway, a VirtualService with 3 to 12 rules and a Service.
void apisim_generate(struct apisim *sim, int applications);

// ---- the cluster's moods

// A CRD's removal deletes its objects (DELETED events), ends its watches and takes it out of discovery;
// its return answers one 429 ("storage is (re)initializing") first. what: a group or plural[.group].
// Built-in kinds can be taken away in the same manner. False: unknown name.
bool apisim_crd(struct apisim *sim, const char *what, bool present);
// Serve a version of a group or not ("networking.istio.io", "v1").
bool apisim_version(struct apisim *sim, const char *group, const char *version, bool served);
// The group's aggregated server is down: discovery says Stale, its paths answer 503.
bool apisim_stale(struct apisim *sim, const char *group, bool stale);
// Drops the history: watches and continue tokens of older resourceVersions get 410.
void apisim_compact(struct apisim *sim);
// A restore from an old backup: state and counter go back to `rv`, every connection is cut.
// False if the history does not reach back that far.
bool apisim_rollback(struct apisim *sim, uint64_t rv);
// Ends every open watch (resource NULL: all), cleanly.
void apisim_end_watches(struct apisim *sim, const char *resource);
// Cuts every connection (rst: by RST instead of FIN), as a restarted server does.
void apisim_drop_connections(struct apisim *sim, bool rst);
// From now on bytes are accepted and nothing is ever answered; false ends that for new connections,
// those that were swallowed stay dead.
void apisim_blackhole(struct apisim *sim, bool on);
// GOAWAY on every h2 connection; running streams continue.
void apisim_goaway(struct apisim *sim);
// Refuse new connections (the port stays ours), as a server that is down. In effect a moment later; running
// connections stay (apisim_drop_connections).
void apisim_refuse(struct apisim *sim, bool on);

// ---- users

// Adds a user or gives it another token (the old one is then 401). Unless `quiet`: "admin" with token
// "admin-token" may do everything, "viewer" with "viewer-token" everything but secrets.
void apisim_user(struct apisim *sim, const char *name, const char *token);
// A rule, first match wins, no match allows: "deny|allow VERBS RESOURCE[.GROUP] [NAMESPACE]". VERBS comma
// separated or *, RESOURCE or *, NAMESPACE a name, "-" for requests at the cluster scope only, * for any.
bool apisim_user_rule(struct apisim *sim, const char *user, const char *rule);
void apisim_user_clear_rules(struct apisim *sim, const char *user);
// The user's token is refused from now on.
void apisim_expire_token(struct apisim *sim, const char *user);

// ---- faults

// One rule, "FAULT[=N] [KEY=VALUE]...". Several rules may fire on one request. Returns its id, -1 with *err.
//   faults   status=N        answer N; retry-after=S, body=json|text|html, message=WORD, size=BYTES of the body,
//                             file=PATH: its text as JSON, "@N@" in it is how often the rule has fired
//            header=N        N bytes more in the header, up to some 72,000
//            delay=MS        before the header
//            cut=K           after byte K of the body; how=fin|eof|rst|stream|goaway|refuse|blackhole, code=H2CODE
//                            (fin: clean TLS close; eof: TCP's end without one; stream: RST_STREAM;
//                            refuse: GOAWAY below this stream; blackhole: nothing more on this connection,
//                            which stays open)
//            drop            no answer at all, not even a header; how= and code= as for cut
//            blackhole       the same from this request on: not even its header
//            rate=N          at most N bytes a second
//            drip=MS         one byte every MS milliseconds
//            chunk=K         DATA frames (or chunks) of K bytes
//            split=K         one boundary after byte K
//            corrupt=K       the byte at K becomes another one
//            end=K           a watch ends cleanly after at least K bytes, at a frame's end
//            compact         the history is dropped before the request is looked at
//            rollback=N      state and counter go back by N revisions
//            expire          the request's user gets 401 until apisim_user gives it a token
//   where    verb=list|watch|get|create|update|patch|delete|discovery|health|other
//            method=GET  resource=PLURAL[.GROUP]  path=PREFIX
//            user=NAME
//   when     nth=N (the Nth match only), every=N, after=N (not the first N), times=N (at most), p=0.02
// N may be rand:MAX: uniform below MAX, drawn each time it fires.
int apisim_fault(struct apisim *sim, const char *rule, struct err *err);
// One rule a line; '#' begins a comment.
bool apisim_fault_file(struct apisim *sim, const char *path, struct err *err);
void apisim_fault_remove(struct apisim *sim, int id);
void apisim_fault_clear(struct apisim *sim);             // all rules; the counters by name stay
uint64_t apisim_fault_count(struct apisim *sim, int id); // how often this rule fired
uint64_t apisim_fault_total(struct apisim *sim, const char *fault); // "cut", "status", ...: by name

// ---- what was asked

struct apisim_seen {
    const char *method, *target; // target: path?query as sent
    const char *accept, *accept_encoding, *user_agent, *content_type, *if_none_match;
    const char *user; // "" if nobody was recognised
    const char *verb; // list, watch, get, create, update, patch, delete, discovery, health, other
    const char *body;
    int status;    // answered; 0 while a fault holds it back
    uint64_t conn; // number of the connection, 0 without transport
    int64_t at_ms; // clock_mono_ms
};
// Calls cb for every request so far, oldest first; strings are borrowed for the call, which must
// not call the simulator. Only the last 65,536 are kept.
void apisim_requests(struct apisim *sim, void (*cb)(void *self, const struct apisim_seen *r),
                     void *self);
size_t apisim_request_count(struct apisim *sim, const char *verb,
                            const char *resource); // NULL: any
void apisim_requests_clear(struct apisim *sim);
// Blocks until at least n requests of this verb and resource came (true) or ms passed (false).
bool apisim_wait_requests(struct apisim *sim, const char *verb, const char *resource, size_t n,
                          int ms);
size_t apisim_open_watches(struct apisim *sim, const char *resource); // NULL: all
size_t apisim_open_connections(struct apisim *sim);

// ---- replay of recordings (list-*.json, watch-*.jsonl, order.tsv)

// Loads a recording in place of every object: LIST answers are the recorded bytes until the first step
// changes that resource, watches send the recorded lines byte for byte.
bool apisim_replay_open(struct apisim *sim, const char *dir, struct err *err);
// Releases the watch lines up to and with order.tsv's row `seq`. False past the end.
bool apisim_replay_step(struct apisim *sim, int seq);
int apisim_replay_last(struct apisim *sim); // the last seq of order.tsv

// ---- the story (tests/apisim/apisim_story.c says what happens)

// Starts the story; a step each step_ms (0: 1500). With a transport it runs by itself; without one,
// apisim_tick moves it. Needs the platform fixtures.
bool apisim_story(struct apisim *sim, int step_ms, struct err *err);
// Moves timers (story) to the instant now_ms; returns the next instant something is due, INT64_MAX none.
int64_t apisim_tick(struct apisim *sim, int64_t now_ms);

// ---- names

// Serves DNS over UDP on 127.0.0.1 from its own thread until apisim_stop. zone (NULL: empty): a file of
// lines NAME TYPE VALUE (tests/fixtures/platform/dns.txt); all other names do not exist.
bool apisim_dns_start(struct apisim *sim, const char *zone, int port, struct err *err);
int apisim_dns_port(const struct apisim *sim); // 0: not started
// Replaces all records of a name (lower case) by one: A, AAAA, CNAME, TXT, TURN (addresses with commas, each
// answer to A has the next one), or RCODE with NXDOMAIN, SERVFAIL, REFUSED or SILENT. type NULL: only takes them away.
// Needs apisim_dns_start.
bool apisim_dns_set(struct apisim *sim, const char *name, const char *type, const char *value);
// Calls cb for every question so far, oldest first (as apisim_requests). Only the first 65,536 are kept.
struct apisim_question {
    const char *name; // lower case
    int type;         // 1 A, 16 TXT, 28 AAAA, ...
    int64_t at_ms;    // clock_mono_ms
};
void apisim_dns_questions(struct apisim *sim,
                          void (*cb)(void *self, const struct apisim_question *q), void *self);

// ---- part 1: the API without a transport

struct apisim_request {
    const char *method, *target; // both needed
    const char *accept, *accept_encoding, *authorization, *user_agent, *if_none_match;
    const char *content_type, *impersonate_user;
    const char *client_cn; // of a verified client certificate
    const char *body;
    size_t body_len;
    uint64_t conn;
};

enum apisim_io {
    APISIM_DATA, // *n bytes were put into dst
    APISIM_WAIT, // nothing now; try again at *wake_ms (INT64_MAX: when something changes)
    APISIM_END,  // the body is complete
    APISIM_CUT,  // a fault: break off as apisim_exchange_cut says
};
enum apisim_cut {
    CUT_NONE,
    CUT_FIN,
    CUT_EOF,
    CUT_RST,
    CUT_STREAM,
    CUT_GOAWAY,
    CUT_REFUSE,
    CUT_BLACKHOLE
};

struct apisim_header {
    const char *name, *value; // names in lower case
};

struct apisim_exchange;
// Looks at the request at once (the state of that instant is the answer), at time now_ms.
struct apisim_exchange *apisim_exchange_new(struct apisim *sim, const struct apisim_request *r,
                                            int64_t now_ms);
void apisim_exchange_free(struct apisim_exchange *x);
// APISIM_DATA: status and header are there; WAIT: a delay; CUT: no header will ever come.
enum apisim_io apisim_exchange_head(struct apisim_exchange *x, int64_t now_ms, int64_t *wake_ms);
int apisim_exchange_status(const struct apisim_exchange *x);
size_t apisim_exchange_headers(const struct apisim_exchange *x, const struct apisim_header **h);
const char *apisim_exchange_header(const struct apisim_exchange *x, const char *name); // NULL: none
enum apisim_io apisim_exchange_read(struct apisim_exchange *x, int64_t now_ms, char *dst,
                                    size_t max, size_t *n, int64_t *wake_ms);
enum apisim_cut apisim_exchange_cut(const struct apisim_exchange *x, uint32_t *h2_code);

#endif
