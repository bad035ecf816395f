// SPDX-License-Identifier: Apache-2.0
// external-dns's settings as the options give them.
#ifndef GATETOP_TUI_CLI_EXTERNAL_DNS_OPTIONS_H
#define GATETOP_TUI_CLI_EXTERNAL_DNS_OPTIONS_H

#include "kube/base/attr.h"

#include "tui/cli/options.h"

#include <stdbool.h>

struct err;
struct dns_settings;

// *out lies in the arena; NULL if no option gives a setting (then the Deployment's arguments
// hold, or external-dns's defaults). ERR_USAGE for what external-dns would not start with.
bool external_dns_options(const struct options *o, struct arena *a, const struct dns_settings **out,
                          struct err *err) MUST_USE;
// Releases the arena, unless a thread that was left behind may still read the settings.
void external_dns_options_release(struct arena *a);

#endif
