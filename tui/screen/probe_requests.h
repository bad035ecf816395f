// SPDX-License-Identifier: Apache-2.0
// Which questions of DNS and gateways the objects raise, and the probers that answer them.
#ifndef GATETOP_TUI_SCREEN_PROBE_REQUESTS_H
#define GATETOP_TUI_SCREEN_PROBE_REQUESTS_H

#include "kube/mesh/dns/dns_record.h"
#include "kube/mesh/dns/dns_settings.h"

#include "kube/probe/dns_prober.h"

#include "tui/cli/options.h"

// The settings of external-dns that the options give, in the arena; NULL where they give none (then the
// Deployment's arguments or the defaults hold). ERR_USAGE for an argument that cannot be read.
bool asker_settings(const struct options *o, struct arena *a, const struct dns_settings **out,
                    struct err *err) MUST_USE;

// Wants everything known that the records of a snapshot need to be judged. Any thread.
void asker_want_all(struct dns_prober *p, const struct snapshot *s, const struct dns_settings *dns,
                    int64_t now);

// What is on screen, before the rest (dns_prober_screen_changed says that the screen changed): a record, or what the
// link dns of an application is judged by. Any thread.
struct app_row;
void asker_want_record(struct dns_prober *p, const struct dns_record *r);
void asker_want_app(struct dns_prober *p, const struct mesh *m, const struct dns_settings *s,
                    const struct app_row *r);

// Wants a handshake for every host whose gateway's address is known (tls_questions). Any thread.
struct tls_prober;
void asker_want_handshakes(struct tls_prober *p, const struct snapshot *s,
                           const struct dns_settings *dns, int64_t now);

// Asks DNS (--probe) and then gateways (--probe-tls), each as the options say, once, and waits for the
// answers, at most `seconds` for each: a snapshot of the same objects with what was heard, with its rows
// made anew. *left: how many names and handshakes had no answer by then. NULL where a prober cannot start.
const struct snapshot *asker_ask_once(const struct options *o, const struct snapshot *s,
                                      const struct dns_settings *dns, int seconds, size_t *left,
                                      struct err *err);

#endif
