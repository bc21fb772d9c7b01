/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 (FIPS 180-4): the guest has no library for it. */
#ifndef RACE_TESTS_SHA256_H
#define RACE_TESTS_SHA256_H

#include <stddef.h>
#include <stdint.h>

void sha256(const uint8_t* data, size_t size, uint8_t digest[32]);

#endif
