// SPDX-License-Identifier: Apache-2.0
// What an unquoted YAML scalar means: YAML 1.1 as Go's yaml.v2 (under sigs.k8s.io/yaml) resolves it.
// Used by the reader and by the printer, which must agree.
#ifndef GATETOP_BASE_YAML_SCALAR_H
#define GATETOP_BASE_YAML_SCALAR_H

enum yaml_scalar_type {
    YAML_TEXT,
    YAML_NULL,
    YAML_TRUE,
    YAML_FALSE,
    YAML_INT,
    YAML_FLOAT,
    YAML_NOT_FINITE, // .inf and .nan, which have no JSON form
    YAML_TIMESTAMP,  // stays text, but is printed quoted
    YAML_MERGE,      // "<<"
};

// Reads s as an unquoted scalar without a tag. *number (may be NULL) is set for YAML_INT and YAML_FLOAT.
enum yaml_scalar_type yaml_scalar(const char *s, double *number);

#endif
