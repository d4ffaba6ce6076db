/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVMSCOPE_JSON_VERSION_H
#define KVMSCOPE_JSON_VERSION_H

/* The version member of every JSON document kvmscope writes, errors included. */
#define JSON_VERSION	1

#endif /* KVMSCOPE_JSON_VERSION_H */
