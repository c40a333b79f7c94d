// SPDX-License-Identifier: Apache-2.0
/**
 * Installed into two running containers by {@code itests/run swap}: one takes a stream and answers
 * its SHA-256, the other sends and replaces the providers under it.
 */
package dev.karst.itests.swap;
