// SPDX-License-Identifier: Apache-2.0
// Which of its sources an informer reads: by discovery, or by trying them.
#ifndef GATETOP_API_INFORMER_SOURCE_H
#define GATETOP_API_INFORMER_SOURCE_H

#include "kube/api/informer.h"

// Starts, moves or ends what the informer reads, by what discovery knows now: the first source that is served, at its
// preferred version. Where discovery may not be read (docs/rules/kubernetes-client.md#discovery-refused) the sources
// are tried one after the other, one more with each call as long as the one before answers 404.
void informer_choose_source(struct informer *i);

#endif
