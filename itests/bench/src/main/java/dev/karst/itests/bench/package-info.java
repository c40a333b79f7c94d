// SPDX-License-Identifier: Apache-2.0
/** Measures Karst beside others, both sides in one run; started by {@code itests/run bench}. */
package dev.karst.itests.bench;
