// SPDX-License-Identifier: Apache-2.0
// The current objects as an immutable, reference-counted whole: what every screen and subcommand reads.
//
// The I/O thread (or the loader of files) builds with a struct store and publishes snapshots; a snapshot
// shares everything unchanged with the one before (pmap.h), so publishing costs the changed parts.
#ifndef GATETOP_STORE_SNAPSHOT_H
#define GATETOP_STORE_SNAPSHOT_H

#include "kube/base/err.h"
#include "kube/base/pmap.h"

#include "kube/object/object.h"

#include <stdbool.h>
#include <stdint.h>

// How far the reading of one kind is, as `get status` shows it (docs/rules/kubernetes-client.md#kind-states).
enum sync_state {
    SYNC_OFF,     // not read: nothing needs it (on-demand kinds, kinds a subcommand does not need)
    SYNC_SYNCING, // the first list is under way: `objects` of `expected`
    SYNC_LIVE,
    SYNC_STALE, // was live; since when, why, and when the next try is
    SYNC_FORBIDDEN,
    SYNC_NOT_INSTALLED,
};

struct kind_state {
    enum sync_state state;
    bool synced;            // a whole list has been applied at least once: absence means absence
    bool partial;           // only some namespaces may be read
    bool own_readable;      // the namespace of the configuration (-n) is one of them
    bool excerpt;           // there may be more than was read: manifests (store_files_read)
    long objects, expected; // expected -1 unknown
    long dropped; // objects left out because a limit was exceeded or they could not be decoded
    char left_out[200]; // the first of those and why: "shop/web (not JSON at byte 17)"; "" if none
    int64_t since, next_try; // TIME_NONE if they do not apply
    char version[32];        // served version being read
    char group[64];
    char reason[256];      // why it is not live, or live only once a minute
    enum err_code problem; // the code of the reason, ERR_NONE if all is well
};

// Whether all that this user may read of the kind was read.
bool kind_complete(const struct kind_state *s);
// The same for the chosen namespace (-n), or for all if ns is NULL.
bool kind_complete_in(const struct kind_state *s, const char *ns);
// Whether all objects of the kind are known, so that one that is not there does not exist
// (docs/rules/istio.md#absence-is-not-proof).
bool kind_whole(const struct kind_state *s);
// The word of `get status`: "syncing" "live" "stale" "forbidden" "not-installed" "off".
const char *sync_state_name(enum sync_state s);

struct cluster_info {
    char context[128], cluster[128], user[128], server[256], version[64];
    char connection[256]; // "" while all is well, else what is wrong
    char working
        [256]; // what is still to be derived of the objects: "VirtualService a/b, 2,000 hosts"; "": nothing
    bool connected;
    enum err_code problem; // the cause of `connection` if not connected, ERR_NONE if not known
    bool from_files;
    int64_t skew;             // seconds the server's clock is ahead of ours, 0 below a minute
    bool skew_doubted;        // skew is over a day: ages and expiry go by our clock
    long left_out;            // documents of files that gatetop does not judge
    char left_out_kinds[224]; // of which kinds: "2 HTTPRoute, 1 Ingress"
};

// Secondary indices: a pair of strings to the objects that carry it.
enum index_kind {
    INDEX_CERTIFICATE_BY_SECRET,  // ns, secretName
    INDEX_BY_OWNER,               // owner's uid, "": every object with ownerReferences
    INDEX_REQUEST_BY_CERTIFICATE, // ns, certificate-name annotation of CertificateRequests
    INDEX_GATEWAY_BY_HOST,        // a server host without "ns/", in lower case, ""
    INDEX_GATEWAY_BY_SELECTOR,    // "k=v,k=v" sorted, "" ("" for the empty selector)
    INDEX_GATEWAY_BY_CREDENTIAL,  // name_of_credential of a credentialName, ""
    INDEX_GATEWAY_BY_PORT,        // a server's port.number, its family: "http", "tls" or "tcp"
    INDEX_VS_BY_GATEWAY,          // ns, name of the Gateway meant
    INDEX_VS_BY_HOST,             // host after name resolution, in lower case, ""
    INDEX_VS_BY_DELEGATE,         // ns, name of a VirtualService that a rule delegates to
    INDEX_VS_BY_BAD_REDIRECT, // "", "": those with a rule whose redirect code Envoy does not have
    INDEX_DR_BY_HOST, // host after name resolution, ""; "*", namespace for those like "*-x.io"
    INDEX_SE_BY_HOST, // host, ""
    INDEX_SERVICE_BY_SELECTOR,      // one pair of spec.selector: key, value
    INDEX_POD_BY_LABEL,             // one label: key, value
    INDEX_ENDPOINTSLICE_BY_SERVICE, // ns, service
    INDEX_EVENT_BY_OBJECT,          // uid of the object it is about, ""
    INDEX_COUNT
};

// Objects of one index entry, in no order. Immutable. They are objects of the same snapshot, whose maps hold them: the
// posting has no references of its own.
struct posting {
    _Atomic uint32_t refs;
    uint32_t n, cap;
    bool own;                  // the key's texts follow the places; else they are its only object's
    const char *a, *b;         // the key
    const struct object *at[]; // cap places
};

struct snapshot {
    _Atomic uint32_t refs;
    uint64_t generation;             // grows with every publication
    struct pmap objects[KIND_COUNT]; // by namespace, name
    struct pmap index[INDEX_COUNT];  // of struct posting
    struct pmap probes; // of struct probe_result (DNS and TLS), by kind+name; see probe_result.h
    struct kind_state states[KIND_COUNT];
    struct cluster_info cluster;
    long total; // objects
    // What the mesh derived from it (rows of the apps view and what they cost to know): opaque here.
    const void *derived;
    void (*derived_unref)(const void *);
};

// Any thread; NULL is fine.
const struct snapshot *snapshot_ref(const struct snapshot *s);
// Any thread; NULL is fine.
void snapshot_unref(const struct snapshot *s);

// The object, NULL if there is none. Borrowed from the snapshot.
const struct object *snapshot_get(const struct snapshot *s, enum kind k, const char *ns,
                                  const char *name);
// The objects of an index entry, NULL if there are none. Borrowed from the snapshot.
const struct posting *snapshot_index(const struct snapshot *s, enum index_kind i, const char *a,
                                     const char *b);

#endif
