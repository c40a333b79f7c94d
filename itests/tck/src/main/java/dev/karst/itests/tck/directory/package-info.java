// SPDX-License-Identifier: Apache-2.0
/** The contract of peer directories. */
package dev.karst.itests.tck.directory;
